import type { PixelRect } from "../../protocol/geometry.ts";
import type { GrayImage, RgbaImage } from "../rgba-image.ts";

/**
 * Takes a share of a picture's opacity away, 255 all of it, before a layer is laid over the place. What is wholly gone
 * leaves no colour behind. Written into the base; parts of the plane beyond the base are cut off.
 */
export function eraseUnder(
  { width, height, data }: RgbaImage,
  erase: GrayImage,
  place: Pick<PixelRect, "x" | "y">,
): void {
  const right = Math.min(erase.width, width - place.x);
  const bottom = Math.min(erase.height, height - place.y);
  for (let y = Math.max(0, -place.y); y < bottom; y += 1)
    for (let x = Math.max(0, -place.x); x < right; x += 1) {
      const share = erase.data[y * erase.width + x]!;
      if (share === 0) continue;
      const at = ((y + place.y) * width + x + place.x) * 4;
      const left = Math.round((data[at + 3]! * (255 - share)) / 255);
      if (left === 0) data.fill(0, at, at + 4);
      else data[at + 3] = left;
    }
}
