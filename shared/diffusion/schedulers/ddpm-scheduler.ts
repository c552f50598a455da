import { z } from "zod";
import type { NoiseSource } from "../random/noise-source.ts";
import { weightedSum } from "../tensors/weighted-sum.ts";
import { alphasCumprod, betaFields, forwardProcess, zeroTerminalSnrField } from "./common/noise-schedule.ts";
import { clipFields, limitClean, predictClean, predictionFields, thresholdFields } from "./common/prediction.ts";
import { spacedTimesteps, timestepSpacingSchema } from "./common/timesteps.ts";
import type { Scheduler, SchedulerRun, SchedulerStep } from "./scheduler.ts";

export const ddpmConfigSchema = z.object({
  ...betaFields,
  ...zeroTerminalSnrField,
  ...predictionFields,
  ...thresholdFields,
  ...clipFields,
  variance_type: z.enum(["fixed_small", "fixed_small_log", "fixed_large"]).nullish(),
  steps_offset: z.int().default(0),
  timestep_spacing: timestepSpacingSchema.default("leading"),
});
export type DdpmConfig = z.output<typeof ddpmConfigSchema>;

/** Keeps the deviation of a step to an already clean sample above zero. */
const MIN_VARIANCE = 1e-20;

/**
 * Denoising Diffusion Probabilistic Models: ancestral sampling, with fresh noise at every step but the last.
 *
 * Ho, Jain and Abbeel, "Denoising Diffusion Probabilistic Models", 2020 (arXiv:2006.11239), formulas (6), (7) and (15).
 * Reference: diffusers, `DDPMScheduler`.
 *
 *   alphaProduct, …Previous   ᾱ_t and ᾱ_{t−1}, at this timestep and the next in the list
 *   alphaStep                 α_t of the stride taken: ᾱ_t / ᾱ_{t−1}
 *   predictedClean            x̂₀
 */
export class DdpmScheduler implements Scheduler {
  readonly order = 1;
  readonly initialNoiseSigma = 1;
  readonly timesteps: readonly number[];
  readonly #config: DdpmConfig;
  readonly #alphaProducts: Float32Array;
  readonly #batch: number;

  constructor(config: DdpmConfig, run: SchedulerRun) {
    this.#config = config;
    this.#alphaProducts = alphasCumprod(config);
    this.#batch = run.batch ?? 1;
    const { timestep_spacing, num_train_timesteps, steps_offset } = config;
    this.timesteps = spacedTimesteps(timestep_spacing, num_train_timesteps, run.steps, steps_offset);
  }

  scaleModelInput(sample: Float32Array): Float32Array {
    return sample;
  }

  step(modelOutput: Float32Array, index: number, sample: Float32Array, noise: NoiseSource): SchedulerStep {
    // 1. How much of the clean sample is left, at this timestep and the next.
    const timestep = this.timesteps[index]!;
    const previous = this.timesteps[index + 1];
    const alphaProduct = this.#alphaProducts[timestep]!;
    const alphaProductPrevious = previous === undefined ? 1 : this.#alphaProducts[previous]!;
    // In float32, as the reference: β = 1 − α cancels, and near the end the rounding is a visible part of it.
    const alphaStep = Math.fround(alphaProduct / alphaProductPrevious);
    const betaStep = 1 - alphaStep;

    // 2. Predicted x₀, formula (15), clipped or thresholded.
    const { prediction_type: type } = this.#config;
    const predicted = predictClean(type, modelOutput, sample, Math.sqrt(alphaProduct), Math.sqrt(1 - alphaProduct));
    const predictedClean = limitClean(predicted, this.#config, this.#batch);

    // 3. Mean of the posterior, formula (7).
    const weights = [
      (Math.sqrt(alphaProductPrevious) * betaStep) / (1 - alphaProduct),
      (Math.sqrt(alphaStep) * (1 - alphaProductPrevious)) / (1 - alphaProduct),
    ];
    const parts = [predictedClean, sample];

    // 4. Its deviation, formula (6), and fresh noise.
    if (timestep > 0) {
      const posterior = Math.max(((1 - alphaProductPrevious) / (1 - alphaProduct)) * betaStep, MIN_VARIANCE);
      weights.push(Math.sqrt(this.#config.variance_type === "fixed_large" ? betaStep : posterior));
      parts.push(noise.normal(sample.length));
    }
    return { sample: weightedSum(weights, parts), predictedClean };
  }

  addNoise(clean: Float32Array, noise: Float32Array, index: number): Float32Array {
    return forwardProcess(clean, noise, this.#alphaProducts[this.timesteps[index]!]!);
  }
}
