import { weightedSum } from "../tensors/weighted-sum.ts";
import type { PredictionType } from "./prediction.ts";

/**
 * x₀ from the denoiser's output, for a sample x = x₀ + σ·ε that was scaled by 1/√(σ²+1) before the denoiser saw it.
 * The v formula is Karras et al.'s preconditioning: c_skip = 1/(σ²+1), c_out = −σ/√(σ²+1).
 */
export function predictCleanAtSigma(
  type: PredictionType,
  output: Float32Array,
  sample: Float32Array,
  sigma: number,
): Float32Array {
  switch (type) {
    case "epsilon":
      return weightedSum([1, -sigma], [sample, output]);
    case "v_prediction":
      return weightedSum([-sigma / Math.sqrt(sigma ** 2 + 1), 1 / (sigma ** 2 + 1)], [output, sample]);
    case "sample":
      return output;
  }
}

/** dx/dσ = (x − x₀) / σ, the slope of the probability-flow ODE, rounded where torch rounds it. */
export function derivativeAtSigma(sample: Float32Array, clean: Float32Array, sigma: number): Float32Array {
  const derivative = new Float32Array(sample.length);
  for (let i = 0; i < derivative.length; i++) derivative[i] = Math.fround(sample[i]! - clean[i]!) / sigma;
  return derivative;
}
