import { z } from "zod";
import { scaled, weightedSum } from "../tensors/weighted-sum.ts";
import {
  alphasCumprod,
  betaFields,
  curvedSigmas,
  isCurved,
  type SigmaCurve,
  sigmaCurveFields,
  sigmaToTimestep,
  trainingSigmas,
  zeroTerminalSnrField,
} from "./common/noise-schedule.ts";
import { interpolate, linspace } from "./common/numerics.ts";
import { derivativeAtSigma, predictCleanAtSigma, predictionFields } from "./common/prediction.ts";
import { eulerTimesteps, type TimestepSpacing, timestepSpacingSchema } from "./common/timesteps.ts";
import type { Scheduler, SchedulerRun, SchedulerStep } from "./scheduler.ts";

export const eulerConfigSchema = z.object({
  ...betaFields,
  ...zeroTerminalSnrField,
  ...predictionFields,
  ...sigmaCurveFields,
  interpolation_type: z.enum(["linear", "log_linear"]).default("linear"),
  sigma_min: z.number().nullable().default(null),
  sigma_max: z.number().nullable().default(null),
  timestep_spacing: timestepSpacingSchema.default("linspace"),
  timestep_type: z.enum(["discrete", "continuous"]).default("discrete"),
  steps_offset: z.int().default(0),
  final_sigmas_type: z.enum(["zero", "sigma_min"]).default("zero"),
});
export type EulerConfig = z.output<typeof eulerConfigSchema>;

/**
 * Euler's method on the probability-flow ODE dx/dσ = (x − x₀(x, σ)) / σ.
 *
 * Karras et al., "Elucidating the Design Space of Diffusion-Based Generative Models", 2022 (arXiv:2206.00364),
 * algorithm 2 without churn. Reference: diffusers, `EulerDiscreteScheduler`.
 *
 *   sigma        σ, the noise level; the sample is x₀ + σ·ε
 *   derivative   dx/dσ
 */
export class EulerScheduler implements Scheduler {
  readonly order = 1;
  readonly initialNoiseSigma: number;
  readonly timesteps: readonly number[];
  readonly #config: EulerConfig;
  /** The noise level before each evaluation, then the one the run ends at. */
  readonly #sigmas: Float32Array;

  constructor(config: EulerConfig, run: SchedulerRun) {
    this.#config = config;
    const trainSigmas = trainingSigmas(alphasCumprod(config), config.rescale_betas_zero_snr);
    const { timesteps, sigmas } = runSigmas(config, trainSigmas, run.steps);
    this.#sigmas = Float32Array.from([...sigmas, config.final_sigmas_type === "zero" ? 0 : trainSigmas[0]!]);
    this.initialNoiseSigma = eulerInitialNoiseSigma(config.timestep_spacing, this.#sigmas);
    const isContinuous = config.timestep_type === "continuous" && config.prediction_type === "v_prediction";
    this.timesteps = isContinuous
      ? Array.from(this.#sigmas.subarray(0, -1), (sigma) => Math.fround(0.25 * Math.log(sigma)))
      : timesteps;
  }

  scaleModelInput(sample: Float32Array, index: number): Float32Array {
    return scaled(sample, 1 / Math.sqrt(this.#sigmas[index]! ** 2 + 1));
  }

  step(modelOutput: Float32Array, index: number, sample: Float32Array): SchedulerStep {
    const sigma = this.#sigmas[index]!;

    // 1. Predicted x₀.
    const predictedClean = predictCleanAtSigma(this.#config.prediction_type, modelOutput, sample, sigma);

    // 2. Derivative, and one Euler step to the next noise level.
    const derivative = derivativeAtSigma(sample, predictedClean, sigma);
    const stride = this.#sigmas[index + 1]! - sigma;
    return { sample: weightedSum([1, stride], [sample, derivative]), predictedClean };
  }

  addNoise(clean: Float32Array, noise: Float32Array, index: number): Float32Array {
    return weightedSum([1, this.#sigmas[index]!], [clean, noise]);
  }
}

/** "log_linear" spaces the noise levels evenly in ln σ over the whole training range, whatever the timesteps are. */
function runSigmas(config: EulerConfig, trainSigmas: Float32Array, steps: number) {
  if (config.interpolation_type === "linear") return eulerSigmas(config, trainSigmas, steps);
  const min = trainSigmas[0]!;
  const max = trainSigmas[trainSigmas.length - 1]!;
  const wholeRange = { ...config, sigma_min: config.sigma_min ?? min, sigma_max: config.sigma_max ?? max };
  const schedule = eulerSigmas(wholeRange, trainSigmas, steps);
  if (isCurved(config)) return schedule;
  return { timesteps: schedule.timesteps, sigmas: linspace(Math.log(max), Math.log(min), steps + 1).map(Math.exp) };
}

/** The fields that place the noise levels of Euler's and Heun's methods. */
interface EulerSchedule extends SigmaCurve {
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
