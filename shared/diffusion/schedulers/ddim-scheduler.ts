import { z } from "zod";
import type { NoiseSource } from "../random/noise-source.ts";
import { weightedSum } from "../tensors/weighted-sum.ts";
import { alphasCumprod, betaFields, forwardProcess, zeroTerminalSnrField } from "./common/noise-schedule.ts";
import {
  clipFields,
  limitClean,
  predictClean,
  predictionFields,
  predictNoise,
  thresholdFields,
} from "./common/prediction.ts";
import { spacedTimesteps, timestepSpacingSchema } from "./common/timesteps.ts";
import type { Scheduler, SchedulerRun, SchedulerStep } from "./scheduler.ts";

export const ddimConfigSchema = z.object({
  ...betaFields,
  ...zeroTerminalSnrField,
  ...predictionFields,
  ...thresholdFields,
  ...clipFields,
  set_alpha_to_one: z.boolean().default(true),
  steps_offset: z.int().default(0),
  timestep_spacing: timestepSpacingSchema.default("leading"),
});
export type DdimConfig = z.output<typeof ddimConfigSchema>;

/**
 * Denoising Diffusion Implicit Models: deterministic at η = 0, as random as DDPM at η = 1.
 *
 * Song, Meng and Ermon, "Denoising Diffusion Implicit Models", 2020 (arXiv:2010.02502), formulas (12) and (16).
 * Reference: diffusers, `DDIMScheduler`.
 *
 *   modelOutput       ε_θ(x_t, t), or v or x₀ by prediction type
 *   predictedClean    f_θ(x_t, t), "predicted x₀"
 *   alphaProduct      α_t in the paper, ᾱ_t elsewhere
 *   deviation         σ_t(η)
 *   direction         "direction pointing to x_t"
 */
export class DdimScheduler implements Scheduler {
  readonly order = 1;
  readonly initialNoiseSigma = 1;
  readonly timesteps: readonly number[];
  readonly #config: DdimConfig;
  readonly #alphaProducts: Float32Array;
  /** Distance between neighbouring timesteps; DDIM counts back by it whatever the spacing. */
  readonly #stride: number;
  readonly #eta: number;
  readonly #batch: number;

  constructor(config: DdimConfig, run: SchedulerRun) {
    this.#config = config;
    this.#alphaProducts = alphasCumprod(config);
    this.#stride = Math.floor(config.num_train_timesteps / run.steps);
    this.#eta = run.eta ?? 0;
    this.#batch = run.batch ?? 1;
    this.timesteps = spacedTimesteps(
      config.timestep_spacing,
      config.num_train_timesteps,
      run.steps,
      config.steps_offset,
    );
  }

  scaleModelInput(sample: Float32Array): Float32Array {
    return sample;
  }

  step(modelOutput: Float32Array, index: number, sample: Float32Array, noise: NoiseSource): SchedulerStep {
    const { prediction_type: type } = this.#config;

    // 1. Timestep before this one, and how much of the clean sample is left at both.
    const timestep = this.timesteps[index]!;
    const previous = timestep - this.#stride;
    const alphaProduct = this.#alphaProducts[timestep]!;
    const alphaProductPrevious = previous >= 0 ? this.#alphaProducts[previous]! : this.#finalAlphaProduct();
    const alpha = Math.sqrt(alphaProduct);
    const sigma = Math.sqrt(1 - alphaProduct);

    // 2. Predicted x₀ and ε, formula (12).
    const predicted = predictClean(type, modelOutput, sample, alpha, sigma);
    const predictedNoise = predictNoise(type, modelOutput, sample, alpha, sigma);

    // 3. Clip or threshold the predicted x₀. ε is left as predicted.
    const predictedClean = limitClean(predicted, this.#config, this.#batch);

    // 4. σ_t(η), formula (16).
    const variance =
      ((1 - alphaProductPrevious) / (1 - alphaProduct)) * (1 - Math.fround(alphaProduct / alphaProductPrevious));
    const deviation = this.#eta * Math.sqrt(variance);

    // 5. x_{t-1}: clean part, direction pointing to x_t, and fresh noise, formula (12).
    const direction = Math.sqrt(1 - alphaProductPrevious - deviation ** 2);
    const weights = [Math.sqrt(alphaProductPrevious), direction];
    const parts = [predictedClean, predictedNoise];
    if (this.#eta > 0) {
      weights.push(deviation);
      parts.push(noise.normal(sample.length));
    }
    return { sample: weightedSum(weights, parts), predictedClean };
  }

  addNoise(clean: Float32Array, noise: Float32Array, index: number): Float32Array {
    return forwardProcess(clean, noise, this.#alphaProducts[this.timesteps[index]!]!);
  }

  #finalAlphaProduct(): number {
    return this.#config.set_alpha_to_one ? 1 : this.#alphaProducts[0]!;
  }
}
