import { z } from "zod";
import type { NoiseSource } from "../random/noise-source.ts";
import { weightedSum } from "../tensors/weighted-sum.ts";
import {
  alphasCumprod,
  forwardProcess,
  stableDiffusionBetaFields,
  zeroTerminalSnrField,
} from "./common/noise-schedule.ts";
import { clipFields, limitClean, predictClean, predictionFields, thresholdFields } from "./common/prediction.ts";
import { distilledFields, distilledTimesteps } from "./common/timesteps.ts";
import type { Scheduler, SchedulerRun, SchedulerStep } from "./scheduler.ts";

export const lcmConfigSchema = z.object({
  ...stableDiffusionBetaFields,
  ...distilledFields,
  ...zeroTerminalSnrField,
  ...predictionFields,
  ...thresholdFields,
  ...clipFields,
  clip_sample: z.boolean().default(false),
  timestep_scaling: z.number().default(10),
});
export type LcmConfig = z.output<typeof lcmConfigSchema>;

/** Deviation of the data the boundary condition is scaled to. */
const SIGMA_DATA = 0.5;

/**
 * Multistep sampling of latent consistency models: each evaluation predicts the clean sample, which is noised again for
 * the next.
 *
 * Luo et al., "Latent Consistency Models", 2023 (arXiv:2310.04378), algorithm 3; boundary condition of Song et al.,
 * "Consistency Models", 2023. Reference: diffusers, `LCMScheduler`.
 *
 *   skipWeight, outputWeight   c_skip(t), c_out(t)
 *   denoised                   f_θ(x_t, t) = c_skip·x_t + c_out·x̂₀
 */
export class LcmScheduler implements Scheduler {
  readonly order = 1;
  readonly initialNoiseSigma = 1;
  readonly timesteps: readonly number[];
  readonly #config: LcmConfig;
  readonly #alphaProducts: Float32Array;
  readonly #batch: number;

  constructor(config: LcmConfig, run: SchedulerRun) {
    this.#config = config;
    this.#alphaProducts = alphasCumprod(config);
    this.#batch = run.batch ?? 1;
    this.timesteps = distilledTimesteps(config, run.steps, run.distilledStrength ?? 1);
  }

  scaleModelInput(sample: Float32Array): Float32Array {
    return sample;
  }

  step(modelOutput: Float32Array, index: number, sample: Float32Array, noise: NoiseSource): SchedulerStep {
    const timestep = this.timesteps[index]!;
    const alphaProduct = this.#alphaProducts[timestep]!;

    // 1. Predicted x₀, clipped or thresholded.
    const { prediction_type: type, timestep_scaling } = this.#config;
    const predicted = predictClean(type, modelOutput, sample, Math.sqrt(alphaProduct), Math.sqrt(1 - alphaProduct));
    const predictedClean = limitClean(predicted, this.#config, this.#batch);

    // 2. Boundary condition: at timestep 0 the sample itself is the answer.
    const scaledTimestep = timestep * timestep_scaling;
    const skipWeight = SIGMA_DATA ** 2 / (scaledTimestep ** 2 + SIGMA_DATA ** 2);
    const outputWeight = scaledTimestep / Math.sqrt(scaledTimestep ** 2 + SIGMA_DATA ** 2);
    const denoised = weightedSum([outputWeight, skipWeight], [predictedClean, sample]);

    // 3. Noise again to the next timestep, unless this was the last.
    const next = this.timesteps[index + 1];
    if (next === undefined) return { sample: denoised, predictedClean: denoised };
    const noised = forwardProcess(denoised, noise.normal(sample.length), this.#alphaProducts[next]!);
    return { sample: noised, predictedClean: denoised };
  }

  addNoise(clean: Float32Array, noise: Float32Array, index: number): Float32Array {
    return forwardProcess(clean, noise, this.#alphaProducts[this.timesteps[index]!]!);
  }
}
