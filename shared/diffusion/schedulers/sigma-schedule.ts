import { betaQuantile } from "./beta-quantile.ts";
import { linspace } from "./numpy-arithmetic.ts";

// Noise levels σ = √((1−ᾱ)/ᾱ): the noise's deviation relative to the clean sample.

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
