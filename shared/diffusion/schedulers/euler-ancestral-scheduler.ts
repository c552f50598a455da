import { z } from "zod";
import type { NoiseSource } from "../random/noise-source.ts";
import { scaled, weightedSum } from "../tensors/weighted-sum.ts";
import { alphasCumprod, betaFields, trainingSigmas, zeroTerminalSnrField } from "./common/noise-schedule.ts";
import { interpolate } from "./common/numerics.ts";
import { derivativeAtSigma, predictCleanAtSigma } from "./common/prediction.ts";
import { eulerTimesteps, timestepSpacingSchema } from "./common/timesteps.ts";
import { eulerInitialNoiseSigma } from "./euler-scheduler.ts";
import type { Scheduler, SchedulerRun, SchedulerStep } from "./scheduler.ts";

export const eulerAncestralConfigSchema = z.object({
  ...betaFields,
  ...zeroTerminalSnrField,
  prediction_type: z.enum(["epsilon", "v_prediction"]).default("epsilon"),
  timestep_spacing: timestepSpacingSchema.default("linspace"),
  steps_offset: z.int().default(0),
});
export type EulerAncestralConfig = z.output<typeof eulerAncestralConfigSchema>;

/**
 * Euler's method with ancestral noise: each step goes a little further down than planned and adds the difference back
 * as fresh noise.
 *
 * Crowson, k-diffusion, `sample_euler_ancestral`. Reference: diffusers, `EulerAncestralDiscreteScheduler`.
 *
 *   sigma        σ, the noise level; the sample is x₀ + σ·ε
 *   sigmaDown    where the deterministic part of the step goes
 *   sigmaUp      deviation of the noise added back: σ_up² + σ_down² = σ_to²
 */
export class EulerAncestralScheduler implements Scheduler {
  readonly order = 1;
  readonly initialNoiseSigma: number;
  readonly timesteps: readonly number[];
  readonly #config: EulerAncestralConfig;
  /** The noise level before each evaluation, then 0. */
  readonly #sigmas: Float32Array;

  constructor(config: EulerAncestralConfig, run: SchedulerRun) {
    this.#config = config;
    const { timestep_spacing, num_train_timesteps, steps_offset } = config;
    const trainSigmas = trainingSigmas(alphasCumprod(config), config.rescale_betas_zero_snr);
    this.timesteps = eulerTimesteps(timestep_spacing, num_train_timesteps, run.steps, steps_offset);
    this.#sigmas = Float32Array.from([...this.timesteps.map((timestep) => interpolate(trainSigmas, timestep)), 0]);
    this.initialNoiseSigma = eulerInitialNoiseSigma(timestep_spacing, this.#sigmas);
  }

  scaleModelInput(sample: Float32Array, index: number): Float32Array {
    return scaled(sample, 1 / Math.sqrt(this.#sigmas[index]! ** 2 + 1));
  }

  step(modelOutput: Float32Array, index: number, sample: Float32Array, noise: NoiseSource): SchedulerStep {
    const sigma = this.#sigmas[index]!;
    const sigmaTo = this.#sigmas[index + 1]!;

    // 1. Predicted x₀.
    const predictedClean = predictCleanAtSigma(this.#config.prediction_type, modelOutput, sample, sigma);

    // 2. Split of the next noise level into a deterministic and a random part.
    const sigmaUp = Math.sqrt((sigmaTo ** 2 * (sigma ** 2 - sigmaTo ** 2)) / sigma ** 2);
    const sigmaDown = Math.sqrt(sigmaTo ** 2 - sigmaUp ** 2);

    // 3. Euler step down, then noise up; the last step draws too, with weight 0.
    const derivative = derivativeAtSigma(sample, predictedClean, sigma);
    const fresh = noise.normal(sample.length);
    return { sample: weightedSum([1, sigmaDown - sigma, sigmaUp], [sample, derivative, fresh]), predictedClean };
  }

  addNoise(clean: Float32Array, noise: Float32Array, index: number): Float32Array {
    return weightedSum([1, this.#sigmas[index]!], [clean, noise]);
  }
}
