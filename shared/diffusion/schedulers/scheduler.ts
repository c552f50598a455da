import type { NoiseSource } from "../random/noise-source.ts";

export interface SchedulerStep {
  /** The sample one step less noisy: what the denoiser sees next. */
  readonly sample: Float32Array;
  /** The clean sample x₀ as predicted at this step, for previews. */
  readonly predictedClean: Float32Array;
}

/** What one run asks of a scheduler, beside the pack's configuration. */
export interface SchedulerRun {
  /** Steps as the user counts them. */
  readonly steps: number;
  /** η of DDIM (0 deterministic, 1 as random as DDPM) and of TCD. Pipelines run with 0. */
  readonly eta?: number | undefined;
  /** LCM and TCD: share of the distillation timesteps to choose from, as the LCM image-to-image pipeline wants. Default 1. */
  readonly distilledStrength?: number | undefined;
  /** Flow matching: shares of noise before they are shifted, one a step, falling. Default: evenly spread over the training range. */
  readonly sigmas?: readonly number[] | undefined;
  /** Flow matching: how far configurations that shift by picture size shift. Needed by these alone. */
  readonly mu?: number | undefined;
  /** Images in the batch; each has its own dynamic threshold. Default 1. */
  readonly batch?: number | undefined;
}

/**
 * One sampling run: the timesteps are fixed when it is made, multistep methods keep their history in it.
 * Samples are flat float32 tensors of any shape, updated element by element. `index` counts denoiser evaluations in
 * `timesteps`, and rises by one from step to step; image-to-image starts it above 0.
 */
export interface Scheduler {
  /** Denoiser evaluations per step: 2 for Heun, else 1. */
  readonly order: number;
  /** What the denoiser is told at each evaluation, first to last. Fractional for the Euler family. */
  readonly timesteps: readonly number[];
  /** Standard deviation of the noise a run from pure noise starts with. */
  readonly initialNoiseSigma: number;
  /** Brings the sample to the scale the denoiser was trained on. May answer the sample itself. */
  scaleModelInput(sample: Float32Array, index: number): Float32Array;
  /** Moves the sample from evaluation `index` to the next. Draws from `noise` only where the method is stochastic. */
  step(modelOutput: Float32Array, index: number, sample: Float32Array, noise: NoiseSource): SchedulerStep;
  /** The forward process: the clean sample with as much noise as there is before evaluation `index`. */
  addNoise(clean: Float32Array, noise: Float32Array, index: number): Float32Array;
}
