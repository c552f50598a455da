import type { FloatImage } from "./float-image.ts";

/** A rectangle between pixels: edges may lie inside them. */
export interface SampleRect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Source samples and their weights for each output sample along one axis; `count` weights each, padded with zeros. */
interface AxisWeights {
  readonly count: number;
  readonly first: Int32Array;
  readonly weights: Float32Array;
}

/** Reach of the cubic kernel, in samples of the coarser grid. */
const CUBIC_SUPPORT = 2;

/** Keys' cubic with a = -0.5 (Catmull-Rom), the kernel PIL calls BICUBIC. */
function cubic(x: number): number {
  const d = Math.abs(x);
  if (d < 1) return (1.5 * d - 2.5) * d * d + 1;
  if (d < 2) return ((-0.5 * d + 2.5) * d - 4) * d + 2;
  return 0;
}

/**
 * Weights for `length` outputs spread evenly over [start, start + extent) of a line of `sourceLength` samples.
 * When shrinking, the kernel widens by the scale, so that every source sample counts (no aliasing).
 */
function axisWeights(sourceLength: number, start: number, extent: number, length: number): AxisWeights {
  const scale = extent / length;
  const widening = Math.max(scale, 1);
  const support = CUBIC_SUPPORT * widening;
  const count = Math.ceil(support) * 2 + 1;
  const first = new Int32Array(length);
  const weights = new Float32Array(length * count);
  for (let i = 0; i < length; i += 1) {
    const centre = start + (i + 0.5) * scale;
    const from = Math.max(0, Math.floor(centre - support));
    const to = Math.min(sourceLength, Math.ceil(centre + support), from + count);
    first[i] = Math.min(from, sourceLength - 1);
    let sum = 0;
    for (let j = from; j < to; j += 1) sum += cubic((j + 0.5 - centre) / widening);
    for (let j = from; j < to; j += 1) weights[i * count + j - from] = cubic((j + 0.5 - centre) / widening) / sum;
  }
  return { count, first, weights };
}

/**
 * Resamples the part `from` of a picture to `width` x `height` with an antialiased cubic (PIL's BICUBIC over a box).
 * `from` must lie inside the picture. Values may overshoot 0..255 near edges; clamp when converting to bytes.
 * A whole-pixel `from` of the output's size comes back exactly.
 */
export function resample(image: FloatImage, from: SampleRect, width: number, height: number): FloatImage {
  const { channels } = image;
  const across = axisWeights(image.width, from.x, from.width, width);
  const down = axisWeights(image.height, from.y, from.height, height);

  // Rows the second pass will read, so that the first makes no others.
  const firstRow = down.first[0] ?? 0;
  const lastRow = Math.min(image.height, (down.first[height - 1] ?? 0) + down.count);
  const rows = lastRow - firstRow;

  const middle = new Float32Array(rows * width * channels);
  for (let row = 0; row < rows; row += 1) {
    const rowStart = (firstRow + row) * image.width;
    for (let x = 0; x < width; x += 1) {
      const start = across.first[x] as number;
      const end = Math.min(across.count, image.width - start);
      const out = (row * width + x) * channels;
      for (let k = 0; k < end; k += 1) {
        const weight = across.weights[x * across.count + k] as number;
        if (weight === 0) continue;
        const source = (rowStart + start + k) * channels;
        for (let c = 0; c < channels; c += 1) {
          middle[out + c] = (middle[out + c] as number) + weight * (image.data[source + c] as number);
        }
      }
    }
  }

  const data = new Float32Array(width * height * channels);
  const rowLength = width * channels;
  for (let y = 0; y < height; y += 1) {
    const start = (down.first[y] as number) - firstRow;
    const end = Math.min(down.count, rows - start);
    const out = y * rowLength;
    for (let k = 0; k < end; k += 1) {
      const weight = down.weights[y * down.count + k] as number;
      if (weight === 0) continue;
      const source = (start + k) * rowLength;
      for (let i = 0; i < rowLength; i += 1) {
        data[out + i] = (data[out + i] as number) + weight * (middle[source + i] as number);
      }
    }
  }
  return { width, height, channels, data };
}
