import type { GrayImage } from "../../imaging/rgba-image.ts";
import type { PixelRect } from "../../protocol/geometry.ts";

/** The smallest rectangle of the source around what an edit takes away, undefined where it takes nothing. */
export function erasedArea(
  { width, height, data }: GrayImage,
  place: Pick<PixelRect, "x" | "y">,
): PixelRect | undefined {
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      if (data[y * width + x] === 0) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = y;
    }
  if (right < 0) return undefined;
  return { x: place.x + left, y: place.y + top, width: right - left + 1, height: bottom - top + 1 };
}
