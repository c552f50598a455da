import type { RgbaImage } from "../../imaging/rgba-image.ts";
import { extensionOverlap } from "../../planning/extension/extension-overlap.ts";
import type { PixelRect, PixelSize } from "../../protocol/geometry.ts";

/**
 * Makes the layer that lies behind the original out of the extended picture, in place: clears the original's place but for an
 * overlap along the borders that are extended, so that no light comes through where the two edges meet at any zoom.
 *
 * Of the overlap only opaque pixels stay. They are the original's own, so neither laying the original over the layer nor
 * laying the layer over the original changes a pixel; translucent ones would thicken each other.
 *
 * @param canvas the extended picture with the original in it
 * @param place the canvas in pixels of the original
 */
export function cutExtension(canvas: RgbaImage, original: PixelSize, place: PixelRect): RgbaImage {
  const { width, height } = original;
  const overlap = extensionOverlap(original);
  const left = place.x < 0 ? overlap : 0;
  const top = place.y < 0 ? overlap : 0;
  const right = width - (place.x + place.width > width ? overlap : 0);
  const bottom = height - (place.y + place.height > height ? overlap : 0);
  for (let y = 0; y < height; y += 1) {
    const row = (y - place.y) * place.width - place.x;
    const isOverlap = y < top || y >= bottom;
    for (let x = 0; x < width; x += 1) {
      const at = (row + x) * 4;
      const isKept = (isOverlap || x < left || x >= right) && canvas.data[at + 3] === 255;
      if (!isKept) canvas.data.fill(0, at, at + 4);
    }
  }
  return canvas;
}
