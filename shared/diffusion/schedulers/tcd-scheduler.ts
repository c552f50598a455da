import { z } from "zod";
import type { NoiseSource } from "../random/noise-source.ts";
import { weightedSum } from "../tensors/weighted-sum.ts";
import {
  alphasCumprod,
  forwardProcess,
  stableDiffusionBetaFields,
  zeroTerminalSnrField,
} from "./common/noise-schedule.ts";
import { predictClean, predictionFields, predictNoise } from "./common/prediction.ts";
import { distilledFields, distilledTimesteps } from "./common/timesteps.ts";
import type { Scheduler, SchedulerRun, SchedulerStep } from "./scheduler.ts";

export const tcdConfigSchema = z.object({
  ...stableDiffusionBetaFields,
  ...distilledFields,
  ...zeroTerminalSnrField,
  ...predictionFields,
});
export type TcdConfig = z.output<typeof tcdConfigSchema>;

/**
 * Strategic stochastic sampling of trajectory consistency models: each evaluation jumps to a timestep s below the next
 * one and is noised up to it. At η = 0 there is no noise.
 *
 * Zheng et al., "Trajectory Consistency Distillation", 2024 (arXiv:2402.19159), algorithm 4.
 * Reference: diffusers, `TCDScheduler`.
 *
 *   eta          γ in the paper: 0 deterministic, 1 fully random
 *   …S           at timestep s = ⌊(1 − γ)·t_{n−1}⌋
 *   jumped       x̂_s
 */
export class TcdScheduler implements Scheduler {
  readonly order = 1;
  readonly initialNoiseSigma = 1;
  readonly timesteps: readonly number[];
  readonly #config: TcdConfig;
  readonly #alphaProducts: Float32Array;
  readonly #eta: number;

  constructor(config: TcdConfig, run: SchedulerRun) {
    this.#config = config;
    this.#alphaProducts = alphasCumprod(config);
    this.#eta = run.eta ?? 0;
    this.timesteps = distilledTimesteps(config, run.steps, run.distilledStrength ?? 1);
  }

  scaleModelInput(sample: Float32Array): Float32Array {
    return sample;
  }

  step(modelOutput: Float32Array, index: number, sample: Float32Array, noise: NoiseSource): SchedulerStep {
    // 1. This timestep, the next one, and s.
    const next = this.timesteps[index + 1] ?? 0;
    const alphaProduct = this.#alphaProducts[this.timesteps[index]!]!;
    const alphaProductNext = this.#alphaProducts[next]!;
    const alphaProductS = this.#alphaProducts[Math.floor((1 - this.#eta) * next)]!;

    // 2. Predicted x₀ and ε, and the jump to s.
    const { prediction_type: type } = this.#config;
    const alpha = Math.sqrt(alphaProduct);
    const sigma = Math.sqrt(1 - alphaProduct);
    const predictedClean = predictClean(type, modelOutput, sample, alpha, sigma);
    const predictedNoise = predictNoise(type, modelOutput, sample, alpha, sigma);
    const jumped = forwardProcess(predictedClean, predictedNoise, alphaProductS);

    // 3. Noise from s up to the next timestep, unless this was the last.
    const isLast = index === this.timesteps.length - 1;
    if (this.#eta === 0 || isLast) return { sample: jumped, predictedClean };
    const kept = Math.fround(alphaProductNext / alphaProductS);
    const weights = [Math.sqrt(kept), Math.sqrt(1 - kept)];
    return { sample: weightedSum(weights, [jumped, noise.normal(sample.length)]), predictedClean };
  }

  addNoise(clean: Float32Array, noise: Float32Array, index: number): Float32Array {
    return forwardProcess(clean, noise, this.#alphaProducts[this.timesteps[index]!]!);
  }
}
