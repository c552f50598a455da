import { z } from "zod";
import { scaled, weightedSum } from "../tensors/weighted-sum.ts";
import { alphasCumprod, betaFields, sigmaCurveFields, trainingSigmas } from "./common/noise-schedule.ts";
import { derivativeAtSigma, limitClean, predictCleanAtSigma, predictionFields } from "./common/prediction.ts";
import { timestepSpacingSchema } from "./common/timesteps.ts";
import { eulerInitialNoiseSigma, eulerSigmas } from "./euler-scheduler.ts";
import type { Scheduler, SchedulerRun, SchedulerStep } from "./scheduler.ts";

export const heunConfigSchema = z.object({
  ...betaFields,
  ...predictionFields,
  ...sigmaCurveFields,
  beta_start: z.number().default(0.00085),
  beta_end: z.number().default(0.012),
  beta_schedule: z.enum(["linear", "scaled_linear", "squaredcos_cap_v2", "exp"]).default("linear"),
  clip_sample: z.boolean().default(false),
  clip_sample_range: z.number().default(1),
  timestep_spacing: timestepSpacingSchema.default("linspace"),
  steps_offset: z.int().default(0),
});
export type HeunConfig = z.output<typeof heunConfigSchema>;

/**
 * Heun's method: an Euler step, then the same step again with the mean of the derivatives at both ends. Two evaluations
 * per step, but one for the last.
 *
 * Karras et al., "Elucidating the Design Space of Diffusion-Based Generative Models", 2022 (arXiv:2206.00364),
 * algorithm 1. Reference: diffusers, `HeunDiscreteScheduler`.
 *
 *   sigma        σ, the noise level; the sample is x₀ + σ·ε
 *   derivative   dx/dσ = (x − x₀) / σ
 */
export class HeunScheduler implements Scheduler {
  readonly order = 2;
  readonly initialNoiseSigma: number;
  readonly timesteps: readonly number[];
  readonly #config: HeunConfig;
  /** The noise level at each evaluation, then 0. Each but the first and last comes twice. */
  readonly #sigmas: Float32Array;
  /** The Euler half of a step, between its two evaluations. */
  #half: { readonly sample: Float32Array; readonly derivative: Float32Array; readonly stride: number } | undefined;

  constructor(config: HeunConfig, run: SchedulerRun) {
    this.#config = config;
    const trainSigmas = trainingSigmas(alphasCumprod(config), false);
    const { timesteps, sigmas } = eulerSigmas(config, trainSigmas, run.steps);
    this.timesteps = twiceButFirst(timesteps);
    this.#sigmas = Float32Array.from([...twiceButFirst(sigmas), 0]);
    this.initialNoiseSigma = eulerInitialNoiseSigma(config.timestep_spacing, this.#sigmas);
  }

  scaleModelInput(sample: Float32Array, index: number): Float32Array {
    return scaled(sample, 1 / Math.sqrt(this.#sigmas[index]! ** 2 + 1));
  }

  step(modelOutput: Float32Array, index: number, sample: Float32Array): SchedulerStep {
    const sigma = this.#sigmas[index]!;

    // 1. Predicted x₀ and derivative at this noise level.
    const { prediction_type: type } = this.#config;
    const predicted = predictCleanAtSigma(type, modelOutput, sample, sigma);
    const predictedClean = limitClean(predicted, this.#config);
    const derivative = derivativeAtSigma(sample, predictedClean, sigma);

    // 2. First evaluation: Euler step, remembered for the second.
    const half = this.#half;
    if (!half) {
      const stride = this.#sigmas[index + 1]! - sigma;
      this.#half = { sample, derivative, stride };
      return { sample: weightedSum([1, stride], [sample, derivative]), predictedClean };
    }

    // 3. Second evaluation: the step again from its start, with the mean derivative.
    this.#half = undefined;
    const weight = half.stride / 2;
    return {
      sample: weightedSum([1, weight, weight], [half.sample, half.derivative, derivative]),
      predictedClean,
    };
  }

  addNoise(clean: Float32Array, noise: Float32Array, index: number): Float32Array {
    return weightedSum([1, this.#sigmas[index]!], [clean, noise]);
  }
}

function twiceButFirst(values: readonly number[]): number[] {
  return values.flatMap((value, i) => (i === 0 ? [value] : [value, value]));
}
