/** The fields of a scheduler's configuration that bound its predicted clean sample. */
export interface CleanLimits {
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
