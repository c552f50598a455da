import type { TimestepSpacing } from "./config-fields.ts";
import { linspace, roundHalfToEven } from "./numpy-arithmetic.ts";

/**
 * Integer timesteps, noisiest first, as the schedulers of the DDPM kind space them.
 *
 * Lin et al., "Common Diffusion Noise Schedules and Sample Steps are Flawed", 2023, table 2.
 *
 * @param trainSteps Number of training timesteps.
 * @param offset Added to each timestep, with "leading" only.
 */
export function spacedTimesteps(spacing: TimestepSpacing, trainSteps: number, steps: number, offset: number): number[] {
  switch (spacing) {
    case "linspace":
      return linspace(0, trainSteps - 1, steps)
        .map(roundHalfToEven)
        .reverse();
    case "leading": {
      const ratio = Math.floor(trainSteps / steps);
      return Array.from({ length: steps }, (_, i) => (steps - 1 - i) * ratio + offset);
    }
    case "trailing":
      return trailingTimesteps(trainSteps, trainSteps / steps);
  }
}

/** `round(arange(last, 0, -ratio)) - 1`: as many timesteps as that range happens to have. */
export function trailingTimesteps(last: number, ratio: number): number[] {
  const count = Math.ceil(last / ratio);
  return Array.from({ length: count }, (_, i) => roundHalfToEven(last - i * ratio) - 1);
}
