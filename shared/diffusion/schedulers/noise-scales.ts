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
