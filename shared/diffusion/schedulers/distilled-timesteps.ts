import { OverpaintError } from "../../protocol/overpaint-error.ts";

/** The fields of a scheduler's configuration that say on which timesteps a model was distilled. */
export interface DistilledSchedule {
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
