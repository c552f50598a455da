import type { PixelRect } from "../../protocol/geometry.ts";
import type { RgbaImage } from "../rgba-image.ts";

/** Whether any pixel of `area`, which lies inside the picture, is more than fully transparent. */
export function hasVisiblePixel(image: RgbaImage, area: PixelRect): boolean {
  for (let y = area.y; y < area.y + area.height; y += 1) {
    const row = y * image.width;
    for (let x = area.x; x < area.x + area.width; x += 1) if (image.data[(row + x) * 4 + 3] !== 0) return true;
  }
  return false;
}
