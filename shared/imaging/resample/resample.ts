import type { PixelSize } from "../../protocol/geometry.ts";
import type { FloatImage } from "../float-image.ts";

/** A rectangle between pixels: edges may lie inside them. */
export interface SampleRect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Output sample i of an axis: `counts[i]` source samples from `first[i]` on, times the weights from `i * stride` on. */
interface AxisWeights {
  readonly stride: number;
  readonly first: Int32Array;
  readonly counts: Int32Array;
  readonly weights: Float32Array;
}

/** What a sample counts at a distance from where it is looked for, both in samples of the coarser grid. */
export interface Kernel {
  /** Beyond it, nothing counts. */
  readonly support: number;
  weight(distance: number): number;
}

/** Keys' cubic with a = -0.5 (Catmull-Rom), the kernel PIL calls BICUBIC. */
const cubic: Kernel = {
  support: 2,
  weight: (x) => {
    const d = Math.abs(x);
    if (d < 1) return (1.5 * d - 2.5) * d * d + 1;
    if (d < 2) return ((-0.5 * d + 2.5) * d - 4) * d + 2;
    return 0;
  },
};

/** The kernel PIL calls BILINEAR. */
export const triangle: Kernel = { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) };

/**
 * Weights for `length` outputs spread evenly over [start, start + extent) of a line of `sourceLength` samples.
 * When shrinking, the kernel widens by the scale, so that every source sample counts (no aliasing).
 */
function axisWeights(sourceLength: number, start: number, extent: number, length: number, kernel: Kernel): AxisWeights {
  const scale = extent / length;
  const widening = Math.max(scale, 1);
  const support = kernel.support * widening;
  const stride = Math.ceil(support) * 2 + 1;
  const first = new Int32Array(length);
  const counts = new Int32Array(length);
  const weights = new Float32Array(length * stride);
  for (let i = 0; i < length; i += 1) {
    const centre = start + (i + 0.5) * scale;
    let from = Math.max(0, Math.floor(centre - support));
    let to = Math.min(sourceLength, Math.ceil(centre + support), from + stride);
    const weight = (sample: number): number => kernel.weight((sample + 0.5 - centre) / widening);
    while (from < to - 1 && weight(from) === 0) from += 1;
    while (to - 1 > from && weight(to - 1) === 0) to -= 1;
    let sum = 0;
    for (let j = from; j < to; j += 1) sum += weight(j);
    for (let j = from; j < to; j += 1) weights[i * stride + j - from] = weight(j) / sum;
    first[i] = from;
    counts[i] = to - from;
  }
  return { stride, first, counts, weights };
}

/**
 * Resamples the part `from` of a picture to `width` x `height` with an antialiased cubic (PIL's BICUBIC over a box).
 * `from` must lie inside the picture. Values may overshoot 0..255 near edges; clamp when converting to bytes.
 * A whole-pixel `from` of the output's size comes back exactly.
 *
 * @param kernel default: the cubic
 */
export function resample(
  image: FloatImage,
  from: SampleRect,
  width: number,
  height: number,
  kernel: Kernel = cubic,
): FloatImage {
  const { channels } = image;
  const isCut = from.width === width && from.height === height && Number.isInteger(from.x) && Number.isInteger(from.y);
  if (isCut) return cut(image, from);
  const across = axisWeights(image.width, from.x, from.width, width, kernel);
  const down = axisWeights(image.height, from.y, from.height, height, kernel);

  // Rows the second pass will read, so that the first makes no others.
  let firstRow = image.height;
  let endRow = 0;
  for (let y = 0; y < height; y += 1) {
    firstRow = Math.min(firstRow, down.first[y]!);
    endRow = Math.max(endRow, down.first[y]! + down.counts[y]!);
  }
  const rowLength = width * channels;

  const middle = new Float32Array((endRow - firstRow) * rowLength);
  for (let row = firstRow; row < endRow; row += 1) {
    const to = (row - firstRow) * rowLength;
    for (let x = 0; x < width; x += 1) {
      const from = (row * image.width + across.first[x]!) * channels;
      blend(middle, to + x * channels, channels, across, x, image.data, from, channels);
    }
  }

  const data = new Float32Array(height * rowLength);
  for (let y = 0; y < height; y += 1)
    blend(data, y * rowLength, rowLength, down, y, middle, (down.first[y]! - firstRow) * rowLength, rowLength);
  return { width, height, channels, data };
}

/** Where output pixels are source pixels, the kernel is 1 on them and 0 on all others. */
function cut({ width: imageWidth, channels, data }: FloatImage, { x, y, width, height }: SampleRect): FloatImage {
  const out = new Float32Array(width * height * channels);
  for (let row = 0; row < height; row += 1) {
    const start = ((y + row) * imageWidth + x) * channels;
    out.set(data.subarray(start, start + width * channels), row * width * channels);
  }
  return { width, height, channels, data: out };
}

/** Writes `lanes` neighbouring samples: the weighted sums of those from `from` on, of the next `lanes` after `step`, and so on. */
function blend(
  out: Float32Array,
  to: number,
  lanes: number,
  { weights, counts, stride }: AxisWeights,
  index: number,
  samples: Float32Array,
  from: number,
  step: number,
): void {
  const first = index * stride;
  const count = counts[index]!;
  let lane = 0;
  // Three at a time, the number of colours: each weight is read once for all of them.
  for (; lane + 3 <= lanes; lane += 3) {
    let red = 0;
    let green = 0;
    let blue = 0;
    for (let k = 0, at = from + lane; k < count; k += 1, at += step) {
      const weight = weights[first + k]!;
      red += weight * samples[at]!;
      green += weight * samples[at + 1]!;
      blue += weight * samples[at + 2]!;
    }
    out[to + lane] = red;
    out[to + lane + 1] = green;
    out[to + lane + 2] = blue;
  }
  for (; lane < lanes; lane += 1) {
    let sum = 0;
    for (let k = 0; k < count; k += 1) sum += weights[first + k]! * samples[from + lane + k * step]!;
    out[to + lane] = sum;
  }
}

/** The largest part of a picture, in its middle, that has the wanted shape exactly; its edges may lie inside pixels. */
export function centredPart(picture: PixelSize, wanted: PixelSize): SampleRect {
  const scale = Math.min(picture.width / wanted.width, picture.height / wanted.height);
  const width = Math.min(picture.width, wanted.width * scale);
  const height = Math.min(picture.height, wanted.height * scale);
  return { x: (picture.width - width) / 2, y: (picture.height - height) / 2, width, height };
}
