import type { PixelSize } from "../../protocol/geometry.ts";
import type { PictureTensor } from "../picture-tensor.ts";

// Masks are [height, width] of a picture, 0 where it is kept and 1 where it is repainted.

/** From here on, a mask value counts as white. */
const WHITE = 0.5;

/** Black and white at latent size: each cell takes its top left pixel, as `interpolate(mode="nearest")` does. */
export function toLatentMask(mask: Float32Array, { width, height }: PixelSize, scale: number): Float32Array {
  const columns = width / scale;
  const cells = new Float32Array(columns * (height / scale));
  for (let i = 0; i < cells.length; i++) {
    const x = (i % columns) * scale;
    const y = Math.floor(i / columns) * scale;
    cells[i] = mask[y * width + x]! >= WHITE ? 1 : 0;
  }
  return cells;
}

/** As `toSoftLatentMask`, of the mask in black and white. */
export function toMiddleLatentMask(mask: Float32Array, size: PixelSize, scale: number): Float32Array {
  const hard = mask.map((value) => (value >= WHITE ? 1 : 0));
  return toSoftLatentMask(hard, size, scale);
}

/** Soft, at latent size: each cell takes the mean of its four middle pixels, as `interpolate(mode="bilinear")` does. */
export function toSoftLatentMask(mask: Float32Array, { width, height }: PixelSize, scale: number): Float32Array {
  const columns = width / scale;
  const cells = new Float32Array(columns * (height / scale));
  for (let i = 0; i < cells.length; i++) {
    const x = (i % columns) * scale + scale / 2;
    const y = Math.floor(i / columns) * scale + scale / 2;
    const lower = y * width + x;
    const upper = lower - width;
    cells[i] = (mask[upper - 1]! + mask[upper]! + mask[lower - 1]! + mask[lower]!) / 4;
  }
  return cells;
}

/** The picture with mid-gray, 0 in [−1, 1], where the mask is white. */
export function withoutMasked({ width, height, data }: PictureTensor, mask: Float32Array): PictureTensor {
  const kept = new Float32Array(data.length);
  const plane = mask.length;
  for (let start = 0; start < data.length; start += plane)
    for (let i = 0; i < plane; i++) kept[start + i] = mask[i]! < WHITE ? data[start + i]! : 0;
  return { width, height, data: kept };
}

/** keep + weight·(paint − keep) in every channel of every image, with one weight for each cell. */
export function mixByMask(keep: Float32Array, paint: Float32Array, weights: Float32Array): Float32Array {
  const mixed = new Float32Array(keep.length);
  const plane = weights.length;
  for (let start = 0; start < mixed.length; start += plane)
    for (let i = 0; i < plane; i++) {
      const weight = weights[i]!;
      mixed[start + i] = (1 - weight) * keep[start + i]! + weight * paint[start + i]!;
    }
  return mixed;
}
