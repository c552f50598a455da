import { z } from "zod";
import { weightedSum } from "../tensors/weighted-sum.ts";
import {
  alphasCumprod,
  betaFields,
  curvedSigmas,
  isCurved,
  type NoiseScales,
  noiseScales,
  type SigmaSchedule,
  sigmaCurveFields,
  sigmaToTimestep,
  trainingSigmas,
  zeroTerminalSnrField,
} from "./common/noise-schedule.ts";
import { interpolate, linspace, roundHalfToEven, solveLinear } from "./common/numerics.ts";
import { limitClean, predictClean, predictionTypes, predictNoise, thresholdFields } from "./common/prediction.ts";
import { intervalTimesteps, timestepSpacingSchema } from "./common/timesteps.ts";
import type { Scheduler, SchedulerRun, SchedulerStep } from "./scheduler.ts";
import { unsupportedOption } from "./scheduler-name.ts";

/** Of UniPC's paper; each step solves a system of as many equations. */
const MAX_SOLVER_ORDER = 9;

export const uniPcConfigSchema = z.object({
  ...betaFields,
  ...zeroTerminalSnrField,
  ...thresholdFields,
  ...sigmaCurveFields,
  prediction_type: z.enum([...predictionTypes, "flow_prediction"]).default("epsilon"),
  solver_order: z.int().min(1).max(MAX_SOLVER_ORDER).default(2),
  predict_x0: z.boolean().default(true),
  solver_type: z
    .enum(["bh1", "bh2", "midpoint", "heun", "logrho"])
    .transform((type) => (type === "bh1" ? "bh1" : "bh2"))
    .default("bh2"),
  lower_order_final: z.boolean().default(true),
  disable_corrector: z.array(z.int()).default([]),
  solver_p: z.null().default(null),
  use_flow_sigmas: z.boolean().nullable().default(false),
  flow_shift: z.number().default(1),
  timestep_spacing: timestepSpacingSchema.default("linspace"),
  steps_offset: z.int().default(0),
  final_sigmas_type: z.enum(["zero", "sigma_min"]).default("zero"),
  use_dynamic_shifting: z.literal(false).default(false),
  time_shift_type: z.literal("exponential").default("exponential"),
  sigma_min: z.number().nullable().default(null),
  sigma_max: z.number().nullable().default(null),
  shift_terminal: z.number().nullable().default(null),
});
export type UniPcConfig = z.output<typeof uniPcConfigSchema>;

/**
 * UniPC: a multistep predictor, and a corrector of one order more that costs no evaluation because it uses the next one.
 *
 * Zhao et al., "UniPC: A Unified Predictor-Corrector Framework for Fast Sampling of Diffusion Models", 2023
 * (arXiv:2302.04867), algorithms 5 to 8. Reference: diffusers, `UniPCMultistepScheduler`.
 *
 *   λ         ln α − ln σ, half the log signal-to-noise ratio
 *   h         step in λ; hh is −h when x₀ is integrated, h when ε is
 *   rₖ        (λ_{sₖ} − λ_{s₀}) / h, where earlier outputs lie relative to the step
 *   D1ₖ       (mₖ − m₀) / rₖ, differences to earlier outputs
 *   B(h)      h or e^h − 1 ("bh1", "bh2")
 *   ρ         weights of the differences
 */
export class UniPcScheduler implements Scheduler {
  readonly order = 1;
  readonly initialNoiseSigma = 1;
  readonly timesteps: readonly number[];
  readonly #config: UniPcConfig;
  readonly #sigmas: Float32Array;
  readonly #batch: number;
  /** Converted model outputs, newest first. */
  #history: Float32Array[] = [];
  /** The previous prediction's starting point and order, which the corrector improves on. */
  #last: { readonly sample: Float32Array; readonly order: number } | undefined;

  constructor(config: UniPcConfig, run: SchedulerRun) {
    this.#config = config;
    this.#batch = run.batch ?? 1;
    const trainSigmas = trainingSigmas(alphasCumprod(config), config.rescale_betas_zero_snr);
    const schedule = uniPcSchedule(config, trainSigmas, run.steps);
    this.timesteps = schedule.timesteps;
    this.#sigmas = schedule.sigmas;
  }

  scaleModelInput(sample: Float32Array): Float32Array {
    return sample;
  }

  step(modelOutput: Float32Array, index: number, sample: Float32Array): SchedulerStep {
    const { solver_order, lower_order_final, disable_corrector, predict_x0 } = this.#config;

    // 1. Convert what the model predicts to what the solver integrates.
    const predictedClean = this.#predictClean(modelOutput, index, sample);
    const converted = predict_x0 ? predictedClean : this.#predictNoise(modelOutput, index, sample);

    // 2. Correct the sample with the output just made.
    const isCorrected = this.#last !== undefined && !disable_corrector.includes(index - 1);
    const corrected =
      this.#last && isCorrected
        ? this.#integrate(index - 1, this.#last.order, this.#last.sample, this.#history, converted)
        : sample;

    // 3. Predict the next sample, with the order that history and the nearness of the end allow.
    this.#history = [converted, ...this.#history].slice(0, solver_order);
    const remaining = this.timesteps.length - index;
    const wanted = lower_order_final ? Math.min(solver_order, remaining) : solver_order;
    const order = Math.min(wanted, this.#history.length);
    this.#last = { sample: corrected, order };
    return { sample: this.#integrate(index, order, corrected, this.#history, undefined), predictedClean };
  }

  addNoise(clean: Float32Array, noise: Float32Array, index: number): Float32Array {
    const { alpha, sigma } = this.#scales(index);
    return weightedSum([alpha, sigma], [clean, noise]);
  }

  /**
   * UniP from `index` to the next noise level or, given the output `arrived` at there, UniC.
   *
   * @param history Outputs at `index` and before it, newest first.
   */
  #integrate(
    index: number,
    order: number,
    sample: Float32Array,
    history: readonly Float32Array[],
    arrived: Float32Array | undefined,
  ): Float32Array {
    const { predict_x0, solver_type } = this.#config;
    const to = this.#scales(index + 1);
    const from = this.#scales(index);
    const h = to.lambda - from.lambda;
    const hh = predict_x0 ? -h : h;
    const phi1 = Math.expm1(hh);
    const bh = solver_type === "bh1" ? hh : phi1;

    // 1. Positions of the outputs, 1 being where the step ends.
    const m0 = history[0]!;
    const positions = history.slice(1, order).map((_, k) => (this.#scales(index - k - 1).lambda - from.lambda) / h);
    positions.push(1);

    // 2. Weights of the differences to them.
    const rhos = arrived ? correctorWeights(positions, hh, bh) : predictorWeights(positions, hh, bh);

    // 3. Exponential integral of m₀, plus the weighted differences.
    const scale = predict_x0 ? to.alpha : to.sigma;
    const weights = [predict_x0 ? to.sigma / from.sigma : to.alpha / from.alpha, -scale * phi1];
    const parts = [sample, m0];
    for (const [k, position] of positions.entries()) {
      const output = k < order - 1 ? history[k + 1] : arrived;
      if (!output) continue;
      weights.push((-scale * bh * rhos[k]!) / position);
      parts.push(weightedSum([1, -1], [output, m0]));
    }
    return weightedSum(weights, parts);
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

  #predictNoise(modelOutput: Float32Array, index: number, sample: Float32Array): Float32Array {
    const { prediction_type: type } = this.#config;
    const { alpha, sigma } = this.#scales(index);
    if (type === "flow_prediction") throw unsupportedOption(this.#config, "prediction_type", "with predict_x0 = false");
    return predictNoise(type, modelOutput, sample, alpha, sigma);
  }

  #scales(index: number): NoiseScales {
    return noiseScales(this.#sigmas[index]!, Boolean(this.#config.use_flow_sigmas));
  }
}

/** ρ of UniP: as many differences as there are earlier outputs. */
function predictorWeights(positions: readonly number[], hh: number, bh: number): readonly number[] {
  if (positions.length === 1) return [];
  if (positions.length === 2) return [0.5];
  const { matrix, right } = orderConditions(positions, hh, bh);
  return solveLinear(
    matrix.slice(0, -1).map((row) => row.slice(0, -1)),
    right.slice(0, -1),
  );
}

/** ρ of UniC: the differences to earlier outputs, then the one to the output arrived at. */
function correctorWeights(positions: readonly number[], hh: number, bh: number): readonly number[] {
  if (positions.length === 1) return [0.5];
  const { matrix, right } = orderConditions(positions, hh, bh);
  return solveLinear(matrix, right);
}

/** R and b of theorem 3.1: Σₖ rₖ^{i−1}·ρₖ = i!·φ_{i+1}(hh) / B(h) for i = 1 … order. */
function orderConditions(positions: readonly number[], hh: number, bh: number) {
  const matrix: number[][] = [];
  const right: number[] = [];
  let phi = Math.expm1(hh) / hh - 1;
  let factorial = 1;
  for (let i = 1; i <= positions.length; i++) {
    matrix.push(positions.map((position) => position ** (i - 1)));
    right.push((phi * factorial) / bh);
    factorial *= i + 1;
    phi = phi / hh - 1 / factorial;
  }
  return { matrix, right };
}

/** A flow schedule starts just short of pure noise, where λ would be −∞. */
const FLOW_MARGIN = 1e-6;

/**
 * Timesteps and noise levels of UniPC, `UniPCMultistepScheduler.set_timesteps` in diffusers.
 *
 * @param trainSigmas Noise levels of the training timesteps, rising.
 */
function uniPcSchedule(config: UniPcConfig, trainSigmas: Float32Array, steps: number): SigmaSchedule {
  const { sigmas, timesteps } = inferenceSigmas(config, trainSigmas, steps);
  const isReplaced = isCurved(config) || config.use_flow_sigmas;
  const smallest = isReplaced ? sigmas[sigmas.length - 1]! : trainSigmas[0]!;
  const last = config.final_sigmas_type === "zero" ? 0 : smallest;
  // Timesteps reach the denoiser as integers.
  return { timesteps: timesteps.map(Math.trunc), sigmas: Float32Array.from([...sigmas, last]) };
}

function inferenceSigmas(
  config: UniPcConfig,
  trainSigmas: Float32Array,
  steps: number,
): { readonly sigmas: readonly number[]; readonly timesteps: readonly number[] } {
  const { num_train_timesteps: count, use_flow_sigmas, use_karras_sigmas } = config;
  const min = config.sigma_min ?? trainSigmas[0]!;
  const max = config.sigma_max ?? trainSigmas[trainSigmas.length - 1]!;
  const curved = curvedSigmas(config, min, max, steps);
  if (curved && use_karras_sigmas && use_flow_sigmas) {
    const sigmas = curved.map((sigma) => sigma / (sigma + 1));
    return { sigmas, timesteps: sigmas.map((sigma) => sigma * count) };
  }
  if (curved) {
    const timesteps = curved.map((sigma) => sigmaToTimestep(sigma, trainSigmas));
    return { sigmas: curved, timesteps: use_karras_sigmas ? timesteps.map(roundHalfToEven) : timesteps };
  }
  if (use_flow_sigmas) {
    const sigmas = flowSigmas(config, steps);
    return { sigmas, timesteps: sigmas.map((sigma) => sigma * count) };
  }
  const timesteps = intervalTimesteps(config.timestep_spacing, count, count, steps, config.steps_offset);
  return { sigmas: timesteps.map((timestep) => interpolate(trainSigmas, timestep)), timesteps };
}

function flowSigmas({ num_train_timesteps, flow_shift: shift, shift_terminal }: UniPcConfig, steps: number): number[] {
  let sigmas = linspace(1, 1 / num_train_timesteps, steps + 1)
    .slice(0, -1)
    .map((sigma) => (shift * sigma) / (1 + (shift - 1) * sigma));
  if (shift_terminal) {
    const stretch = (1 - sigmas[steps - 1]!) / (1 - shift_terminal);
    sigmas = sigmas.map((sigma) => 1 - (1 - sigma) / stretch);
  }
  if (Math.abs(sigmas[0]! - 1) < FLOW_MARGIN) sigmas[0]! -= FLOW_MARGIN;
  return sigmas;
}
