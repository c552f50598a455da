import type { TimestepSpacing } from "./config-fields.ts";
import { interpolate, linspace } from "./numpy-arithmetic.ts";
import { curvedSigmas, type SigmaCurve, sigmaToTimestep } from "./sigma-schedule.ts";
import { spacedTimesteps } from "./spaced-timesteps.ts";

/** Timesteps of the Euler family: as DDPM spaces them, but "linspace" keeps its fractions, in float32. */
export function eulerTimesteps(spacing: TimestepSpacing, trainSteps: number, steps: number, offset: number): number[] {
  if (spacing === "linspace")
    return linspace(0, trainSteps - 1, steps)
      .map(Math.fround)
      .reverse();
  return spacedTimesteps(spacing, trainSteps, steps, offset);
}

/** The fields that place the noise levels of Euler's and Heun's methods. */
export interface EulerSchedule extends SigmaCurve {
  readonly num_train_timesteps: number;
  readonly timestep_spacing: TimestepSpacing;
  readonly steps_offset: number;
  readonly sigma_min?: number | null | undefined;
  readonly sigma_max?: number | null | undefined;
}

/** Noise levels before each step, falling, and their timesteps; a curve replaces both between the same ends. */
export function eulerSigmas(
  schedule: EulerSchedule,
  trainSigmas: Float32Array,
  steps: number,
): { readonly timesteps: readonly number[]; readonly sigmas: readonly number[] } {
  const { timestep_spacing, num_train_timesteps, steps_offset } = schedule;
  const timesteps = eulerTimesteps(timestep_spacing, num_train_timesteps, steps, steps_offset);
  const sigmas = timesteps.map((timestep) => interpolate(trainSigmas, timestep));
  const min = schedule.sigma_min ?? sigmas[sigmas.length - 1]!;
  const max = schedule.sigma_max ?? sigmas[0]!;
  const curved = curvedSigmas(schedule, min, max, steps);
  if (!curved) return { timesteps, sigmas };
  return { timesteps: curved.map((sigma) => Math.fround(sigmaToTimestep(sigma, trainSigmas))), sigmas: curved };
}

/** Deviation of the first noise: with "leading" the first sample still holds a clean part of variance 1. */
export function eulerInitialNoiseSigma(spacing: TimestepSpacing, sigmas: Float32Array): number {
  const max = sigmas.reduce((most, sigma) => Math.max(most, sigma), 0);
  return spacing === "leading" ? Math.sqrt(max ** 2 + 1) : max;
}
