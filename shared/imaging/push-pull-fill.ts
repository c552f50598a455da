import type { FloatImage } from "./float-image.ts";

/**
 * Gives unknown pixels smooth colours that continue the known ones. Known pixels (weight 1) keep their colour exactly;
 * between, weight mixes the two. `weight` has one value in 0..1 a pixel. Returns a new picture; where nothing is known
 * anywhere the result is `fallback` in every channel.
 *
 * S. Gortler et al., "The Lumigraph", 1996, section 3.4: pull averages of known pixels up a pyramid, then push them back
 * down into the gaps.
 */
export function pushPullFill(image: FloatImage, weight: Float32Array, fallback = 127.5): FloatImage {
  const { width, height, channels } = image;
  if (width === 1 && height === 1) {
    const known = weight[0] ?? 0;
    return { ...image, data: image.data.map((value) => known * value + (1 - known) * fallback) };
  }

  // Pull: halve, averaging by weight.
  const halfWidth = Math.ceil(width / 2);
  const halfHeight = Math.ceil(height / 2);
  const sums = new Float32Array(halfWidth * halfHeight * channels);
  const weights = new Float32Array(halfWidth * halfHeight);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const pixel = y * width + x;
      const cell = (y >> 1) * halfWidth + (x >> 1);
      const known = weight[pixel]!;
      if (known === 0) continue;
      weights[cell] = (weights[cell] as number) + known;
      for (let c = 0; c < channels; c += 1) {
        sums[cell * channels + c] =
          (sums[cell * channels + c] as number) + known * (image.data[pixel * channels + c] as number);
      }
    }
  }
  for (let cell = 0; cell < weights.length; cell += 1) {
    const total = weights[cell] as number;
    for (let c = 0; c < channels; c += 1) {
      const i = cell * channels + c;
      sums[i] = total > 0 ? (sums[i] as number) / total : 0;
    }
    weights[cell] = Math.min(1, total);
  }
  const coarse = pushPullFill({ width: halfWidth, height: halfHeight, channels, data: sums }, weights, fallback);

  // Push: unknown pixels take the coarse level, interpolated between cell centres.
  const data = new Float32Array(image.data);
  for (let y = 0; y < height; y += 1) {
    const cy = Math.min(Math.max((y - 0.5) / 2, 0), halfHeight - 1);
    const y0 = Math.floor(cy);
    const fy = cy - y0;
    const top = y0 * halfWidth;
    const bottom = Math.min(y0 + 1, halfHeight - 1) * halfWidth;
    for (let x = 0; x < width; x += 1) {
      const known = weight[y * width + x]!;
      if (known >= 1) continue;
      const cx = Math.min(Math.max((x - 0.5) / 2, 0), halfWidth - 1);
      const x0 = Math.floor(cx);
      const x1 = Math.min(x0 + 1, halfWidth - 1);
      const fx = cx - x0;
      for (let c = 0; c < channels; c += 1) {
        const above = coarse.data[(top + x0) * channels + c]! * (1 - fx) + coarse.data[(top + x1) * channels + c]! * fx;
        const below =
          coarse.data[(bottom + x0) * channels + c]! * (1 - fx) + coarse.data[(bottom + x1) * channels + c]! * fx;
        const i = (y * width + x) * channels + c;
        data[i] = known * data[i]! + (1 - known) * (above * (1 - fy) + below * fy);
      }
    }
  }
  return { width, height, channels, data };
}
