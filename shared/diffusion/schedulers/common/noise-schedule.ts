import { z } from "zod";
import { weightedSum } from "../../tensors/weighted-sum.ts";
import { betaQuantile, linspace } from "./numerics.ts";

// How noise grows over the training timesteps, as every scheduler's formulas take it:
//
//   β[t]   share of variance that timestep t replaces by noise
//   ᾱ[t]   Π (1 − β[s]), s ≤ t: share of the clean sample's variance left; a noised sample is √ᾱ·x₀ + √(1−ᾱ)·ε
//   σ      √((1−ᾱ)/ᾱ): the noise's deviation relative to the clean sample, the noise level of Euler's kind
//
// Fields bear the names of scheduler_config.json and the defaults diffusers gives them.

/** Models are trained over 1000; a schedule is an array of as many, so that a file's claim is not taken at any size. */
export const MAX_TRAIN_TIMESTEPS = 100_000;
export const trainTimestepsField = z.int().min(2).max(MAX_TRAIN_TIMESTEPS).default(1000);

export const betaFields = {
  num_train_timesteps: trainTimestepsField,
  beta_start: z.number().default(0.0001),
  beta_end: z.number().default(0.02),
  beta_schedule: z.enum(["linear", "scaled_linear", "squaredcos_cap_v2"]).default("linear"),
  trained_betas: z.array(z.number()).max(MAX_TRAIN_TIMESTEPS).nullable().default(null),
};

/** The defaults of consistency models: the schedule of Stable Diffusion. */
export const stableDiffusionBetaFields = {
  ...betaFields,
  beta_start: z.number().default(0.00085),
  beta_end: z.number().default(0.012),
  beta_schedule: z.enum(["linear", "scaled_linear", "squaredcos_cap_v2"]).default("scaled_linear"),
};

/** Not every scheduler has it: PNDM and Heun ignore it. */
export const zeroTerminalSnrField = { rescale_betas_zero_snr: z.boolean().default(false) };

/** The fields of a scheduler's configuration that say how noise grows over the training timesteps. */
interface BetaSchedule {
  readonly num_train_timesteps: number;
  readonly beta_start: number;
  readonly beta_end: number;
  readonly beta_schedule: "linear" | "scaled_linear" | "squaredcos_cap_v2" | "exp";
  readonly trained_betas: readonly number[] | null;
  readonly rescale_betas_zero_snr?: boolean | undefined;
}

/** The cosine schedule ends just short of a beta of 1, which would leave nothing of the sample. */
const MAX_BETA = 0.999;

/**
 * ᾱ[t] = Π (1 − β[s]), s ≤ t: the share of the clean sample's variance left at training timestep t, in float32 as
 * diffusers computes it.
 */
export function alphasCumprod(schedule: BetaSchedule): Float32Array {
  const betas = betasOf(schedule);
  return cumulativeProduct(schedule.rescale_betas_zero_snr ? rescaleZeroTerminalSnr(betas) : betas);
}

function betasOf(schedule: BetaSchedule): Float32Array {
  if (schedule.trained_betas) return Float32Array.from(schedule.trained_betas);
  const { num_train_timesteps: count, beta_start: start, beta_end: end } = schedule;
  switch (schedule.beta_schedule) {
    case "linear":
      return linspaceFloat32(start, end, count);
    case "scaled_linear":
      return linspaceFloat32(Math.sqrt(start), Math.sqrt(end), count).map((root) => root * root);
    case "squaredcos_cap_v2":
      // Nichol and Dhariwal, "Improved Denoising Diffusion Probabilistic Models", 2021, formula (17).
      return betasForAlphaBar(count, (t) => Math.cos((((t + 0.008) / 1.008) * Math.PI) / 2) ** 2);
    case "exp":
      return betasForAlphaBar(count, (t) => Math.exp(t * -12));
  }
}

function betasForAlphaBar(count: number, alphaBar: (t: number) => number): Float32Array {
  const betas = new Float32Array(count);
  for (let i = 0; i < count; i++) betas[i] = Math.min(1 - alphaBar((i + 1) / count) / alphaBar(i / count), MAX_BETA);
  return betas;
}

/** `torch.linspace` in float32, which works from both ends to the middle. */
function linspaceFloat32(start: number, end: number, count: number): Float32Array {
  const values = new Float32Array(count);
  const step = Math.fround(Math.fround(Math.fround(end) - Math.fround(start)) / (count - 1));
  for (let i = 0; i < count; i++)
    values[i] = i < Math.floor(count / 2) ? start + step * i : end - step * (count - 1 - i);
  return values;
}

/** `torch.cumprod` of 1 − β: accumulated in double precision, stored in float32. */
function cumulativeProduct(betas: Float32Array): Float32Array {
  const products = new Float32Array(betas.length);
  let product = 1;
  for (let t = 0; t < betas.length; t++) {
    product *= Math.fround(1 - betas[t]!);
    products[t] = product;
  }
  return products;
}

/**
 * Shifts and scales √ᾱ so that the last timestep is pure noise.
 *
 * Lin et al., "Common Diffusion Noise Schedules and Sample Steps are Flawed", 2023, algorithm 1.
 */
function rescaleZeroTerminalSnr(betas: Float32Array): Float32Array {
  const roots = cumulativeProduct(betas).map(Math.sqrt);
  const first = roots[0]!;
  const last = roots[roots.length - 1]!;
  const scale = Math.fround(first / Math.fround(first - last));
  const alphaBars = roots.map((root) => Math.fround(Math.fround(root - last) * scale) ** 2);
  return alphaBars.map((alphaBar, t) => 1 - (t === 0 ? alphaBar : Math.fround(alphaBar / alphaBars[t - 1]!)));
}

/**
 * A draw from q(x_t | x₀) in closed form: √ᾱ·x₀ + √(1−ᾱ)·ε.
 *
 * Ho et al., "Denoising Diffusion Probabilistic Models", 2020, formula (4).
 *
 * @param clean x₀.
 * @param noise ε, standard normal, as long as `clean`.
 * @param alphaProduct ᾱ at the timestep, from 1 (clean) to 0 (pure noise).
 */
export function forwardProcess(clean: Float32Array, noise: Float32Array, alphaProduct: number): Float32Array {
  return weightedSum([Math.sqrt(alphaProduct), Math.sqrt(1 - alphaProduct)], [clean, noise]);
}

/** ᾱ at the last timestep of a zero-terminal-SNR schedule, so that its σ stays finite: float16's smallest positive number. */
const SMALLEST_ALPHA_PRODUCT = 2 ** -24;

/** σ of every training timestep, rising, in float32. With `zeroTerminalSnr` the last one is large instead of infinite. */
export function trainingSigmas(alphaProducts: Float32Array, zeroTerminalSnr: boolean): Float32Array {
  const finite = Float32Array.from(alphaProducts);
  if (zeroTerminalSnr) finite[finite.length - 1] = SMALLEST_ALPHA_PRODUCT;
  return finite.map((alphaProduct) => Math.sqrt(Math.fround(Math.fround(1 - alphaProduct) / alphaProduct)));
}

/** The timestep, possibly fractional, at which a noise level lies: linear in log σ between training timesteps. */
export function sigmaToTimestep(sigma: number, trainSigmas: Float32Array): number {
  const logSigma = Math.log(Math.max(sigma, 1e-10));
  let low = 0;
  while (low < trainSigmas.length - 2 && Math.fround(Math.log(trainSigmas[low + 1]!)) <= logSigma) low++;
  const logLow = Math.fround(Math.log(trainSigmas[low]!));
  const logHigh = Math.fround(Math.log(trainSigmas[low + 1]!));
  const weight = Math.min(1, Math.max(0, (logLow - logSigma) / (logLow - logHigh)));
  return (1 - weight) * low + weight * (low + 1);
}

export const sigmaCurveFields = {
  use_karras_sigmas: z.boolean().nullable().default(false),
  use_exponential_sigmas: z.boolean().nullable().default(false),
  use_beta_sigmas: z.boolean().nullable().default(false),
};

/** Which curve, if any, replaces a scheduler's own noise levels. */
export interface SigmaCurve {
  readonly use_karras_sigmas: boolean | null;
  readonly use_exponential_sigmas: boolean | null;
  readonly use_beta_sigmas: boolean | null;
}

export function isCurved(curve: SigmaCurve): boolean {
  return Boolean(curve.use_karras_sigmas || curve.use_exponential_sigmas || curve.use_beta_sigmas);
}

/** `steps` noise levels falling from `max` to `min` on the configured curve, or undefined when none is configured. */
export function curvedSigmas(curve: SigmaCurve, min: number, max: number, steps: number): number[] | undefined {
  if (curve.use_karras_sigmas) return karrasSigmas(min, max, steps);
  if (curve.use_exponential_sigmas) return linspace(Math.log(max), Math.log(min), steps).map(Math.exp);
  if (curve.use_beta_sigmas) return betaSigmas(min, max, steps);
  return undefined;
}

/** Karras et al., "Elucidating the Design Space of Diffusion-Based Generative Models", 2022, formula (5), ρ = 7. */
function karrasSigmas(min: number, max: number, steps: number): number[] {
  const rho = 7;
  const maxRoot = max ** (1 / rho);
  const minRoot = min ** (1 / rho);
  return linspace(0, 1, steps).map((ramp) => (maxRoot + ramp * (minRoot - maxRoot)) ** rho);
}

/** Lee et al., "Beta Sampling is All You Need", 2024: quantiles of the Beta(0.6, 0.6) distribution. */
function betaSigmas(min: number, max: number, steps: number): number[] {
  return linspace(0, 1, steps).map((ramp) => min + betaQuantile(1 - ramp, 0.6, 0.6) * (max - min));
}

/** The noise levels of one run. */
export interface SigmaSchedule {
  readonly timesteps: readonly number[];
  /** One more than timesteps: the noise level before each evaluation, then the one the run ends at. */
  readonly sigmas: Float32Array;
}

/** A sample at some noise level is α·x₀ + σ·ε; λ is half its log signal-to-noise ratio. */
export interface NoiseScales {
  readonly alpha: number;
  readonly sigma: number;
  readonly lambda: number;
}

/**
 * The scales at a noise level of the DPM-Solver family.
 *
 * @param level σ/α, or the share of noise itself for flow models (α = 1 − σ).
 */
export function noiseScales(level: number, isFlow: boolean): NoiseScales {
  const alpha = isFlow ? 1 - level : 1 / Math.sqrt(level ** 2 + 1);
  const sigma = isFlow ? level : level * alpha;
  return { alpha, sigma, lambda: Math.log(alpha) - Math.log(sigma) };
}
