import type { PixelRect } from "../protocol/geometry.ts";
import type { GrayImage } from "./rgba-image.ts";

/** From here up a mask pixel counts as painted: diffusers binarises masks at one half. */
export const PAINTED_FROM = 128;

/** The smallest rectangle around everything painted, or undefined when nothing is. */
export function maskBounds(mask: GrayImage): PixelRect | undefined {
  let top = mask.height;
  let bottom = -1;
  let left = mask.width;
  let right = -1;
  for (let y = 0; y < mask.height; y += 1) {
    const start = y * mask.width;
    for (let x = 0; x < mask.width; x += 1) {
      if ((mask.data[start + x] ?? 0) < PAINTED_FROM) continue;
      if (y < top) top = y;
      if (y > bottom) bottom = y;
      if (x < left) left = x;
      if (x > right) right = x;
    }
  }
  return bottom < 0 ? undefined : { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}
