import { z } from "zod";
import { OverpaintError } from "../../../protocol/overpaint-error.ts";
import { linspace, roundHalfToEven } from "./numerics.ts";

// At which of the training timesteps a run evaluates the denoiser, noisiest first.

const timestepSpacings = ["linspace", "leading", "trailing"] as const;
export type TimestepSpacing = (typeof timestepSpacings)[number];
export const timestepSpacingSchema = z.enum(timestepSpacings);

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

/** Timesteps of the Euler family: as DDPM spaces them, but "linspace" keeps its fractions, in float32. */
export function eulerTimesteps(spacing: TimestepSpacing, trainSteps: number, steps: number, offset: number): number[] {
  if (spacing === "linspace")
    return linspace(0, trainSteps - 1, steps)
      .map(Math.fround)
      .reverse();
  return spacedTimesteps(spacing, trainSteps, steps, offset);
}

/**
 * Integer timesteps as the multistep solvers space them: over one interval more than there are steps, since the last
 * interval ends at the final noise level.
 *
 * @param last Number of training timesteps to choose from, least noisy first.
 */
export function intervalTimesteps(
  spacing: TimestepSpacing,
  last: number,
  trainSteps: number,
  steps: number,
  offset: number,
): number[] {
  switch (spacing) {
    case "linspace":
      return linspace(0, last - 1, steps + 1)
        .map(roundHalfToEven)
        .reverse()
        .slice(0, -1);
    case "leading": {
      const ratio = Math.floor(last / (steps + 1));
      return Array.from({ length: steps }, (_, i) => (steps - i) * ratio + offset);
    }
    case "trailing":
      return trailingTimesteps(last, trainSteps / steps);
  }
}

/** `round(arange(last, 0, -ratio)) - 1`: as many timesteps as that range happens to have. */
function trailingTimesteps(last: number, ratio: number): number[] {
  const count = Math.ceil(last / ratio);
  return Array.from({ length: count }, (_, i) => roundHalfToEven(last - i * ratio) - 1);
}

/** On how many of its training timesteps a consistency model was distilled. */
export const distilledFields = { original_inference_steps: z.int().positive().default(50) };

/** The fields of a scheduler's configuration that say on which timesteps a model was distilled. */
interface DistilledSchedule {
  readonly num_train_timesteps: number;
  readonly original_inference_steps: number;
}

/**
 * Evenly chosen timesteps among those a consistency model was distilled on, noisiest first.
 *
 * @param strength Share of the distillation timesteps to choose from, least noisy first.
 */
export function distilledTimesteps(schedule: DistilledSchedule, steps: number, strength: number): number[] {
  const { num_train_timesteps, original_inference_steps } = schedule;
  const stride = Math.floor(num_train_timesteps / original_inference_steps);
  const available = Math.trunc(original_inference_steps * strength);
  if (steps > available)
    throw new OverpaintError(
      "invalid-request",
      `The model was distilled on ${original_inference_steps} timesteps, of which strength ${strength} leaves ${available}; ${steps} steps are too many.`,
      `Use at most ${available} steps, or a higher strength.`,
    );
  return Array.from({ length: steps }, (_, i) => (available - Math.floor(i * (available / steps))) * stride - 1);
}
