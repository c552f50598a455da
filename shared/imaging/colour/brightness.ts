import type { FloatImage } from "../float-image.ts";
import type { GrayImage, RgbaImage } from "../rgba-image.ts";

/**
 * Luma of stored values (ITU-R BT.601), as Pillow's mode "L" and so diffusers' masks, times alpha: opaque greys keep their
 * value exactly, and what is transparent has no brightness.
 */
export function brightness({ width, height, data }: RgbaImage): GrayImage {
  const gray = new Uint8Array(width * height);
  for (let pixel = 0, at = 0; pixel < gray.length; pixel += 1, at += 4) {
    const luma = (19595 * data[at]! + 38470 * data[at + 1]! + 7471 * data[at + 2]! + 32768) >> 16;
    gray[pixel] = Math.round((luma * data[at + 3]!) / 255);
  }
  return { width, height, data: gray };
}

/** How bright each pixel of three channels is, 0 to 255: luma of ITU-R BT.601, as PIL's mode "L". */
export function luminance({ width, height, data }: FloatImage): Float32Array {
  const grey = new Float32Array(width * height);
  for (let i = 0; i < grey.length; i += 1)
    grey[i] = 0.299 * data[i * 3]! + 0.587 * data[i * 3 + 1]! + 0.114 * data[i * 3 + 2]!;
  return grey;
}
