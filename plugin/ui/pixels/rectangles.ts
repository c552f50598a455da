import type { PixelRect, PixelSize } from "../../../shared/protocol/geometry.ts";

/** The common part of two rectangles, or undefined when they have none. */
export function intersect(a: PixelRect, b: PixelRect): PixelRect | undefined {
  const x = Math.max(a.x, b.x);
  const y = Math.max(a.y, b.y);
  const width = Math.min(a.x + a.width, b.x + b.width) - x;
  const height = Math.min(a.y + a.height, b.y + b.height) - y;
  return width > 0 && height > 0 ? { x, y, width, height } : undefined;
}

/** A part of a picture in another of its sizes: Penpot's and the decoded one differ when the file had to be exported instead of read. */
export function scaleRect(rect: PixelRect, from: PixelSize, to: PixelSize): PixelRect {
  if (from.width === to.width && from.height === to.height) return rect;
  const x = Math.floor((rect.x * to.width) / from.width);
  const y = Math.floor((rect.y * to.height) / from.height);
  return {
    x,
    y,
    width: Math.min(to.width - x, Math.ceil((rect.width * to.width) / from.width)),
    height: Math.min(to.height - y, Math.ceil((rect.height * to.height) / from.height)),
  };
}

/** The fewest whole pixels that cover a rectangle which may reach beyond the picture. */
export function scaleOutward({ x, y, width, height }: PixelRect, from: PixelSize, to: PixelSize): PixelRect {
  const across = (value: number) => (value * to.width) / from.width;
  const down = (value: number) => (value * to.height) / from.height;
  const left = Math.floor(across(x));
  const top = Math.floor(down(y));
  return {
    x: left,
    y: top,
    width: Math.ceil(across(x + width)) - left,
    height: Math.ceil(down(y + height)) - top,
  };
}
