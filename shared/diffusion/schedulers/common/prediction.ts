import { z } from "zod";
import { weightedSum } from "../../tensors/weighted-sum.ts";

/** What the denoiser's output means: ε, v or x₀. */
export const predictionTypes = ["epsilon", "v_prediction", "sample"] as const;
export type PredictionType = (typeof predictionTypes)[number];
export const predictionFields = { prediction_type: z.enum(predictionTypes).default("epsilon") };

/**
 * x₀ from the denoiser's output, for a sample x = α·x₀ + σ·ε with α² + σ² = 1.
 *
 * For v = α·ε − σ·x₀ see Salimans and Ho, "Progressive Distillation for Fast Sampling of Diffusion Models", 2022,
 * appendix D.
 */
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

/** ε from the denoiser's output, for a sample as `predictClean` takes it. */
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

export const thresholdFields = {
  thresholding: z.boolean().default(false),
  dynamic_thresholding_ratio: z.number().min(0).max(1).default(0.995),
  sample_max_value: z.number().default(1),
};

export const clipFields = {
  clip_sample: z.boolean().default(true),
  clip_sample_range: z.number().default(1),
};

/** The fields of a scheduler's configuration that bound its predicted clean sample. */
interface CleanLimits {
  readonly thresholding?: boolean | undefined;
  readonly dynamic_thresholding_ratio?: number | undefined;
  readonly sample_max_value?: number | undefined;
  readonly clip_sample?: boolean | undefined;
  readonly clip_sample_range?: number | undefined;
}

/** Bounds a predicted x₀ as configured: dynamic thresholding if asked for, else clipping if asked for. */
export function limitClean(clean: Float32Array, limits: CleanLimits, batch = 1): Float32Array {
  if (limits.thresholding) return thresholded(clean, limits, batch);
  if (limits.clip_sample) return clipped(clean, limits.clip_sample_range ?? 1);
  return clean;
}

function clipped(sample: Float32Array, range: number): Float32Array {
  const result = new Float32Array(sample.length);
  for (let i = 0; i < result.length; i++) result[i] = Math.max(-range, Math.min(range, sample[i]!));
  return result;
}

/**
 * Clips each image of the batch to a high quantile s of its absolute values (at least 1), then divides by s.
 *
 * Saharia et al., "Photorealistic Text-to-Image Diffusion Models with Deep Language Understanding", 2022, section 2.3.
 * Meant for models that work on pixels.
 */
function thresholded(sample: Float32Array, limits: CleanLimits, batch: number): Float32Array {
  const { dynamic_thresholding_ratio: ratio = 0.995, sample_max_value: max = 1 } = limits;
  const result = new Float32Array(sample.length);
  const size = sample.length / batch;
  for (let start = 0; start < sample.length; start += size) {
    const image = sample.subarray(start, start + size);
    const s = Math.min(Math.max(quantile(image.map(Math.abs), ratio), 1), max);
    for (let i = 0; i < size; i++) result[start + i] = Math.max(-s, Math.min(s, image[i]!)) / s;
  }
  return result;
}

/** `torch.quantile`: interpolates linearly between the two nearest ranks. Sorts `values` in place. */
function quantile(values: Float32Array, ratio: number): number {
  values.sort();
  const rank = ratio * (values.length - 1);
  const below = Math.floor(rank);
  const low = values[below]!;
  const high = values[Math.min(below + 1, values.length - 1)]!;
  return low + (rank - below) * (high - low);
}
