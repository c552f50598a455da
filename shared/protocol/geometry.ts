import { z } from "zod";

/** A size in whole pixels. */
export interface PixelSize {
  readonly width: number;
  readonly height: number;
}
export const pixelSizeSchema = z.object({ width: z.int().positive(), height: z.int().positive() });

/** A rectangle in whole pixels of the source image; x and y may be negative where an edit reaches beyond the image. */
export interface PixelRect extends PixelSize {
  readonly x: number;
  readonly y: number;
}
export const pixelRectSchema = z.object({ x: z.int(), y: z.int(), ...pixelSizeSchema.shape });

/** All of a picture, as a part of it. */
export function wholeOf({ width, height }: PixelSize): PixelRect {
  return { x: 0, y: 0, width, height };
}

/** Whether two rectangles share a pixel. */
export function overlaps(a: PixelRect, b: PixelRect): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

/** Whether `inner` lies wholly inside `outer`. */
export function contains(outer: PixelRect, inner: PixelRect): boolean {
  return (
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  );
}

/** A rectangle with `by` pixels more at every side, as far as the picture reaches. */
export function enlargedIn(image: PixelSize, rect: PixelRect, by: number): PixelRect {
  const x = Math.max(0, rect.x - by);
  const y = Math.max(0, rect.y - by);
  return {
    x,
    y,
    width: Math.min(image.width, rect.x + rect.width + by) - x,
    height: Math.min(image.height, rect.y + rect.height + by) - y,
  };
}
