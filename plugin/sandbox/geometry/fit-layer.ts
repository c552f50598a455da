import type { PixelRect, PixelSize } from "../../../shared/protocol/geometry.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import { type BoxRect, type BoxSize, imageMapping, toBox } from "./image-mapping.ts";

/**
 * Where a layer lies in its source's box, in page units from the box's top left corner.
 *
 * The panel cuts layers to the whole pixels that show, so at a crop's edge a layer may reach out of the box by the rest
 * of its outermost pixel; it is then fitted to the edge. Throws `source-changed` when it reaches further: the shape has
 * been given another form since, and shows another part of the picture.
 */
export function fitLayer(layer: PixelRect, image: PixelSize, box: BoxSize, keepsAspectRatio: boolean): BoxRect {
  const { scale } = imageMapping(image, box, keepsAspectRatio);
  const placed = layerBox(layer, image, box, keepsAspectRatio);
  const clip = (start: number, length: number, limit: number, pixel: number) => {
    const end = start + length;
    // A hundredth of a pixel for the rounding of sizes on their way through Penpot.
    const slack = pixel * 1.01;
    if (start < -slack || end > limit + slack)
      throw new OverpaintError(
        "source-changed",
        "The layer reaches beyond the part of the picture that shows in the shape now.",
        "Insert it again; it will be cut to what shows.",
      );
    const from = tidy(Math.max(start, 0));
    return { from, length: tidy(Math.min(end, limit) - from) };
  };
  const x = clip(placed.x, placed.width, box.width, scale.x);
  const y = clip(placed.y, placed.height, box.height, scale.y);
  return { x: x.from, y: y.from, width: x.length, height: y.length };
}

/** The same for a layer that may reach anywhere. */
export function layerBox(layer: PixelRect, image: PixelSize, box: BoxSize, keepsAspectRatio: boolean): BoxRect {
  const { x, y, width, height } = toBox(layer, imageMapping(image, box, keepsAspectRatio));
  return { x: tidy(x), y: tidy(y), width: tidy(width), height: tidy(height) };
}

/** Takes off the noise of floating point arithmetic, far below what a screen or a file can show. */
export function tidy(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
