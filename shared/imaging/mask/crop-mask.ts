import type { PixelRect } from "../../protocol/geometry.ts";
import type { GrayImage } from "../rgba-image.ts";

/** Cuts `area` out of a mask. Beyond the mask's border nothing is painted (0). */
export function cropMask(mask: GrayImage, area: PixelRect): GrayImage {
  const data = new Uint8Array(area.width * area.height);
  const left = Math.max(area.x, 0);
  const right = Math.min(area.x + area.width, mask.width);
  const top = Math.max(area.y, 0);
  const bottom = Math.min(area.y + area.height, mask.height);
  for (let y = top; y < bottom && left < right; y += 1) {
    const row = mask.data.subarray(y * mask.width + left, y * mask.width + right);
    data.set(row, (y - area.y) * area.width + (left - area.x));
  }
  return { width: area.width, height: area.height, data };
}
