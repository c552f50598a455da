import { weightedSum } from "../tensors/weighted-sum.ts";

/** What the denoiser's output means. */
export type PredictionType = "epsilon" | "v_prediction" | "sample";

// Both functions take a sample x = α·x₀ + σ·ε with α² + σ² = 1. For v = α·ε − σ·x₀ see Salimans and Ho,
// "Progressive Distillation for Fast Sampling of Diffusion Models", 2022, appendix D.

/** x₀ from the denoiser's output. */
export function predictClean(
  type: PredictionType,
  output: Float32Array,
  sample: Float32Array,
  alpha: number,
  sigma: number,
): Float32Array {
  switch (type) {
    case "epsilon":
      return weightedSum([1 / alpha, -sigma / alpha], [sample, output]);
    case "v_prediction":
      return weightedSum([alpha, -sigma], [sample, output]);
    case "sample":
      return output;
  }
}

/** ε from the denoiser's output. */
export function predictNoise(
  type: PredictionType,
  output: Float32Array,
  sample: Float32Array,
  alpha: number,
  sigma: number,
): Float32Array {
  switch (type) {
    case "epsilon":
      return output;
    case "v_prediction":
      return weightedSum([alpha, sigma], [output, sample]);
    case "sample":
      return weightedSum([1 / sigma, -alpha / sigma], [sample, output]);
  }
}
