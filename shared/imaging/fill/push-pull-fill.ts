import type { FloatImage } from "../float-image.ts";

/**
 * Gives unknown pixels smooth colours that continue the known ones. Known pixels (weight 1) keep their colour exactly;
 * between, weight mixes the two. `weight` has one value in 0..1 a pixel. Returns a new picture; where nothing is known
 * anywhere the result is `fallback` in every channel.
 *
 * S. Gortler et al., "The Lumigraph", 1996, section 3.4: pull averages of known pixels up a pyramid, then push them back
 * down into the gaps.
 */
export function pushPullFill(image: FloatImage, weight: Float32Array, fallback = 127.5): FloatImage {
  if (image.width === 1 && image.height === 1) {
    const known = weight[0] ?? 0;
    return { ...image, data: image.data.map((value) => known * value + (1 - known) * fallback) };
  }
  const { half, known } = pull(image, weight);
  return push(image, weight, pushPullFill(half, known, fallback));
}

/** The picture at half its size, averaged by weight, and how much of each pixel is known there. */
function pull({ width, height, channels, data }: FloatImage, weight: Float32Array) {
  const halfWidth = Math.ceil(width / 2);
  const halfHeight = Math.ceil(height / 2);
  const sums = new Float32Array(halfWidth * halfHeight * channels);
  const known = new Float32Array(halfWidth * halfHeight);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const pixel = y * width + x;
      const share = weight[pixel]!;
      if (share === 0) continue;
      const cell = (y >> 1) * halfWidth + (x >> 1);
      known[cell] = known[cell]! + share;
      for (let c = 0; c < channels; c += 1)
        sums[cell * channels + c] = sums[cell * channels + c]! + share * data[pixel * channels + c]!;
    }
  }
  for (let cell = 0; cell < known.length; cell += 1) {
    const total = known[cell]!;
    if (total === 0) continue;
    for (let i = cell * channels; i < (cell + 1) * channels; i += 1) sums[i] = sums[i]! / total;
    known[cell] = Math.min(1, total);
  }
  return { half: { width: halfWidth, height: halfHeight, channels, data: sums }, known };
}

/** The picture with its unknown pixels taken from the coarse one, interpolated between the centres of that one's pixels. */
function push(image: FloatImage, weight: Float32Array, coarse: FloatImage): FloatImage {
  const { width, height, channels } = image;
  const data = new Float32Array(image.data);
  for (let y = 0; y < height; y += 1) {
    const cy = Math.min(Math.max((y - 0.5) / 2, 0), coarse.height - 1);
    const y0 = Math.floor(cy);
    const fy = cy - y0;
    const top = y0 * coarse.width;
    const bottom = Math.min(y0 + 1, coarse.height - 1) * coarse.width;
    for (let x = 0; x < width; x += 1) {
      const known = weight[y * width + x]!;
      if (known >= 1) continue;
      const cx = Math.min(Math.max((x - 0.5) / 2, 0), coarse.width - 1);
      const x0 = Math.floor(cx);
      const x1 = Math.min(x0 + 1, coarse.width - 1);
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
