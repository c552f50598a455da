import { hasVisiblePixel } from "../../imaging/fill/has-visible-pixel.ts";
import type { RgbaImage } from "../../imaging/rgba-image.ts";
import type { PixelRect } from "../../protocol/geometry.ts";
import { OverpaintError } from "../../protocol/overpaint-error.ts";

/**
 * An extension continues its border's opacity: of one that is transparent throughout, nothing would show.
 *
 * @param canvas the extended picture, in pixels of `image`
 * Throws OverpaintError `invalid-request` when no border that is extended has a visible pixel.
 */
export function requireVisibleBorders(image: RgbaImage, canvas: PixelRect): void {
  const { width, height } = image;
  const borders: readonly (readonly [isExtended: boolean, border: PixelRect])[] = [
    [canvas.x < 0, { x: 0, y: 0, width: 1, height }],
    [canvas.y < 0, { x: 0, y: 0, width, height: 1 }],
    [canvas.x + canvas.width > width, { x: width - 1, y: 0, width: 1, height }],
    [canvas.y + canvas.height > height, { x: 0, y: height - 1, width, height: 1 }],
  ];
  if (borders.some(([isExtended, border]) => isExtended && hasVisiblePixel(image, border))) return;
  throw new OverpaintError(
    "invalid-request",
    "The picture is transparent along the sides to extend, so nothing of the extension would show.",
    "Extend a side that is visible, or put a ground under the picture first.",
  );
}
