import { z } from "zod";
import type { NoiseSource } from "../random/noise-source.ts";
import { weightedSum } from "../tensors/weighted-sum.ts";
import {
  alphasCumprod,
  betaFields,
  curvedSigmas,
  type NoiseScales,
  noiseScales,
  type SigmaSchedule,
  sigmaCurveFields,
  sigmaToTimestep,
  trainingSigmas,
  zeroTerminalSnrField,
} from "./common/noise-schedule.ts";
import { interpolate, linspace, roundHalfToEven } from "./common/numerics.ts";
import { limitClean, predictClean, predictionTypes, predictNoise, thresholdFields } from "./common/prediction.ts";
import { intervalTimesteps, timestepSpacingSchema } from "./common/timesteps.ts";
import { dpmSolverTerms } from "./dpm-solver-terms.ts";
import type { Scheduler, SchedulerRun, SchedulerStep } from "./scheduler.ts";
import { unsupportedOption } from "./scheduler-name.ts";

export const dpmSolverConfigSchema = z.object({
  ...betaFields,
  ...zeroTerminalSnrField,
  ...thresholdFields,
  ...sigmaCurveFields,
  prediction_type: z.enum([...predictionTypes, "flow_prediction"]).default("epsilon"),
  solver_order: z.int().min(1).max(3).default(2),
  algorithm_type: z
    .enum(["dpmsolver", "dpmsolver++", "sde-dpmsolver", "sde-dpmsolver++", "deis"])
    .transform((type) => (type === "deis" ? "dpmsolver++" : type))
    .default("dpmsolver++"),
  solver_type: z
    .enum(["midpoint", "heun", "logrho", "bh1", "bh2"])
    .transform((type) => (type === "heun" ? "heun" : "midpoint"))
    .default("midpoint"),
  lower_order_final: z.boolean().default(true),
  euler_at_final: z.boolean().default(false),
  use_lu_lambdas: z.boolean().nullable().default(false),
  use_flow_sigmas: z.boolean().nullable().default(false),
  flow_shift: z
    .number()
    .nullable()
    .default(1)
    .transform((shift) => shift ?? 1),
  final_sigmas_type: z
    .enum(["zero", "sigma_min"])
    .nullable()
    .default("zero")
    .transform((type) => type ?? "zero"),
  lambda_min_clipped: z
    .number()
    .or(z.literal("-Infinity").transform(() => Number.NEGATIVE_INFINITY))
    .default(Number.NEGATIVE_INFINITY),
  variance_type: z.enum(["fixed_small", "fixed_small_log", "fixed_large"]).nullish(),
  timestep_spacing: timestepSpacingSchema.default("linspace"),
  steps_offset: z.int().default(0),
  use_dynamic_shifting: z.literal(false).default(false),
  time_shift_type: z.literal("exponential").default("exponential"),
});
export type DpmSolverConfig = z.output<typeof dpmSolverConfigSchema>;

/** Runs shorter than this end with lower orders, for stability. */
const SHORT_RUN = 15;

/**
 * DPM-Solver++ (2M and the other multistep orders), its SDE variants, and plain DPM-Solver.
 *
 * Lu et al., "DPM-Solver", 2022 (arXiv:2206.00927); "DPM-Solver++", 2022 (arXiv:2211.01095).
 * Reference: diffusers, `DPMSolverMultistepScheduler`.
 *
 *   α, σ      the sample is α·x₀ + σ·ε
 *   λ         ln α − ln σ, half the log signal-to-noise ratio
 *   h         step in λ to the next noise level
 *   m0…m2     converted model outputs, newest first: x₀ for "++", ε otherwise
 *   r0, r1    the two steps before this one, as shares of h
 *   D0…D2     backward differences of the outputs: m0, (m0 − m1)/r0, …
 */
export class DpmSolverMultistepScheduler implements Scheduler {
  readonly order = 1;
  readonly initialNoiseSigma = 1;
  readonly timesteps: readonly number[];
  readonly #config: DpmSolverConfig;
  readonly #sigmas: Float32Array;
  readonly #batch: number;
  /** Converted model outputs, newest first. */
  #history: Float32Array[] = [];

  constructor(config: DpmSolverConfig, run: SchedulerRun) {
    requireSolvable(config);
    this.#config = config;
    this.#batch = run.batch ?? 1;
    const trainSigmas = trainingSigmas(alphasCumprod(config), config.rescale_betas_zero_snr);
    const schedule = dpmSolverSchedule(config, trainSigmas, run.steps);
    this.timesteps = schedule.timesteps;
    this.#sigmas = schedule.sigmas;
  }

  scaleModelInput(sample: Float32Array): Float32Array {
    return sample;
  }

  step(modelOutput: Float32Array, index: number, sample: Float32Array, noise: NoiseSource): SchedulerStep {
    // 1. Convert what the model predicts to what the solver integrates.
    const predictedClean = this.#predictClean(modelOutput, index, sample);
    const converted = this.#integratesClean()
      ? predictedClean
      : this.#predictNoise(modelOutput, index, sample, predictedClean);
    const outputs = [converted, ...this.#history].slice(0, this.#config.solver_order);

    // 2. Integrate to the next noise level, with the order that history and the nearness of the end allow.
    const order = this.#orderAt(index, outputs.length);
    const next = this.#update(index, order, outputs, sample, noise);

    this.#history = outputs;
    return { sample: next, predictedClean };
  }

  addNoise(clean: Float32Array, noise: Float32Array, index: number): Float32Array {
    const { alpha, sigma } = this.#scales(index);
    return weightedSum([alpha, sigma], [clean, noise]);
  }

  #integratesClean(): boolean {
    return this.#config.algorithm_type === "dpmsolver++" || this.#config.algorithm_type === "sde-dpmsolver++";
  }

  #predictClean(modelOutput: Float32Array, index: number, sample: Float32Array): Float32Array {
    const { prediction_type: type } = this.#config;
    const { alpha, sigma } = this.#scales(index);
    const clean =
      type === "flow_prediction"
        ? weightedSum([1, -this.#sigmas[index]!], [sample, modelOutput])
        : predictClean(type, modelOutput, sample, alpha, sigma);
    return limitClean(clean, this.#config, this.#batch);
  }

  #predictNoise(modelOutput: Float32Array, index: number, sample: Float32Array, clean: Float32Array): Float32Array {
    const { prediction_type: type, thresholding } = this.#config;
    const { alpha, sigma } = this.#scales(index);
    // Thresholding changes x₀, and ε follows.
    if (thresholding || type === "flow_prediction") return predictNoise("sample", clean, sample, alpha, sigma);
    return predictNoise(type, modelOutput, sample, alpha, sigma);
  }

  #orderAt(index: number, outputs: number): number {
    const { solver_order, lower_order_final, euler_at_final, final_sigmas_type } = this.#config;
    const count = this.timesteps.length;
    const isShort = lower_order_final && count < SHORT_RUN;
    if (index === count - 1 && (euler_at_final || isShort || final_sigmas_type === "zero")) return 1;
    const order = Math.min(solver_order, outputs);
    return index === count - 2 && isShort ? Math.min(order, 2) : order;
  }

  #update(
    index: number,
    order: number,
    outputs: readonly Float32Array[],
    sample: Float32Array,
    noise: NoiseSource,
  ): Float32Array {
    const terms = dpmSolverTerms(this.#config, order, this.#scales(index), this.#scales(index + 1));
    const weights = [terms.sample, ...terms.differences];
    const parts = [sample, ...this.#differences(index, order, outputs)];
    // The SDE variants add fresh noise, at the last step too.
    if (terms.noise !== undefined) {
      weights.push(terms.noise);
      parts.push(noise.normal(sample.length));
    }
    return weightedSum(weights, parts);
  }

  /** D0 to D2, as many as the order. */
  #differences(index: number, order: number, [m0, m1, m2]: readonly Float32Array[]): readonly Float32Array[] {
    if (order === 1) return [m0!];
    const lambdaAt = (i: number): number => this.#scales(i).lambda;
    const h = lambdaAt(index + 1) - lambdaAt(index);
    const r0 = (lambdaAt(index) - lambdaAt(index - 1)) / h;
    const newer = weightedSum([1 / r0, -1 / r0], [m0!, m1!]);
    if (order === 2) return [m0!, newer];

    const r1 = (lambdaAt(index - 1) - lambdaAt(index - 2)) / h;
    const older = weightedSum([1 / r1, -1 / r1], [m1!, m2!]);
    const ratio = r0 / (r0 + r1);
    return [
      m0!,
      weightedSum([1 + ratio, -ratio], [newer, older]),
      weightedSum([1 / (r0 + r1), -1 / (r0 + r1)], [newer, older]),
    ];
  }

  #scales(index: number): NoiseScales {
    return noiseScales(this.#sigmas[index]!, Boolean(this.#config.use_flow_sigmas));
  }
}

/** Throws for combinations the papers give no update for. */
function requireSolvable(config: DpmSolverConfig): void {
  const { algorithm_type: algorithm, final_sigmas_type, prediction_type, solver_order } = config;
  if (algorithm.endsWith("++")) return;
  const algorithmNote = `with algorithm_type "${algorithm}"`;
  if (final_sigmas_type === "zero") throw unsupportedOption(config, "final_sigmas_type", algorithmNote);
  if (prediction_type === "flow_prediction") throw unsupportedOption(config, "prediction_type", algorithmNote);
  if (algorithm === "sde-dpmsolver" && solver_order === 3)
    throw unsupportedOption(config, "solver_order", algorithmNote);
}

/**
 * Timesteps and noise levels of DPM-Solver, `DPMSolverMultistepScheduler.set_timesteps` in diffusers.
 *
 * @param trainSigmas Noise levels of the training timesteps, rising.
 */
function dpmSolverSchedule(config: DpmSolverConfig, trainSigmas: Float32Array, steps: number): SigmaSchedule {
  const { sigmas, timesteps } = inferenceSigmas(config, trainSigmas, steps);
  const last = config.final_sigmas_type === "zero" ? 0 : trainSigmas[0]!;
  // Timesteps reach the denoiser as integers.
  return { timesteps: timesteps.map(Math.trunc), sigmas: Float32Array.from([...sigmas, last]) };
}

function inferenceSigmas(
  config: DpmSolverConfig,
  trainSigmas: Float32Array,
  steps: number,
): { readonly sigmas: readonly number[]; readonly timesteps: readonly number[] } {
  const max = trainSigmas[trainSigmas.length - 1]!;
  const min = trainSigmas[0]!;
  const areTimestepsRounded = config.beta_schedule !== "squaredcos_cap_v2";

  if (config.use_lu_lambdas && !config.use_karras_sigmas) {
    // Lu et al., "DPM-Solver++", 2022: even in log σ.
    const sigmas = linspace(Math.log(max), Math.log(min), steps).map(Math.exp);
    const timesteps = sigmas.map((sigma) => sigmaToTimestep(sigma, trainSigmas));
    return { sigmas, timesteps: areTimestepsRounded ? timesteps.map(roundHalfToEven) : timesteps };
  }
  const curved = curvedSigmas(config, min, max, steps);
  if (curved) {
    const timesteps = curved.map((sigma) => sigmaToTimestep(sigma, trainSigmas));
    const isRounded = config.use_karras_sigmas && areTimestepsRounded;
    return { sigmas: curved, timesteps: isRounded ? timesteps.map(roundHalfToEven) : timesteps };
  }
  if (config.use_flow_sigmas) {
    const unshifted = linspace(1, 1 / config.num_train_timesteps, steps + 1).map((alpha) => 1 - alpha);
    const shift = config.flow_shift;
    const sigmas = unshifted.map((sigma) => (shift * sigma) / (1 + (shift - 1) * sigma)).reverse();
    sigmas.pop();
    return { sigmas, timesteps: sigmas.map((sigma) => sigma * config.num_train_timesteps) };
  }
  // λ = −ln σ falls with the timestep; timesteps whose λ lies below the limit are left out.
  const last = trainSigmas.filter((sigma) => -Math.log(sigma) >= config.lambda_min_clipped).length;
  const { num_train_timesteps, timestep_spacing, steps_offset } = config;
  const timesteps = intervalTimesteps(timestep_spacing, last, num_train_timesteps, steps, steps_offset);
  return { sigmas: timesteps.map((timestep) => interpolate(trainSigmas, timestep)), timesteps };
}
