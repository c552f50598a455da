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
