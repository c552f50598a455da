import type { PixelRect, PixelSize } from "../../../shared/protocol/geometry.ts";
import type { Point } from "../masks/mask-stroke.ts";

/** Where the picture lies in the view: view = image * scale + (x, y), in device pixels of the canvas. */
export interface Viewport {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

/** 32 device pixels per image pixel: enough to paint single pixels. */
const MAX_SCALE = 32;

/** Shows `part` of the picture as large as the view allows, centred. `margin` in device pixels on every side. */
export function fitView(part: PixelRect, view: PixelSize, margin: number): Viewport {
  const scale = Math.min(
    MAX_SCALE,
    Math.max(1, view.width - 2 * margin) / part.width,
    Math.max(1, view.height - 2 * margin) / part.height,
  );
  return {
    scale,
    x: view.width / 2 - (part.x + part.width / 2) * scale,
    y: view.height / 2 - (part.y + part.height / 2) * scale,
  };
}

/** Zooms by `factor` and keeps the image point under `anchor` (device pixels) where it is. */
export function zoomAt(view: Viewport, anchor: Point, factor: number, minScale: number): Viewport {
  const scale = Math.min(MAX_SCALE, Math.max(minScale, view.scale * factor));
  const ratio = scale / view.scale;
  return { scale, x: anchor.x - (anchor.x - view.x) * ratio, y: anchor.y - (anchor.y - view.y) * ratio };
}

export function panBy(view: Viewport, x: number, y: number): Viewport {
  return { scale: view.scale, x: view.x + x, y: view.y + y };
}

export function toImagePoint(view: Viewport, point: Point): Point {
  return { x: (point.x - view.x) / view.scale, y: (point.y - view.y) / view.scale };
}

/** A rectangle of the image in device pixels of the view; not rounded. */
export function toViewRect(view: Viewport, rect: PixelRect): PixelRect {
  return {
    x: rect.x * view.scale + view.x,
    y: rect.y * view.scale + view.y,
    width: rect.width * view.scale,
    height: rect.height * view.scale,
  };
}

/** The whole device pixels that a rectangle of the image touches, `margin` more on every side, inside the view. */
export function coveredPixels(view: Viewport, rect: PixelRect, size: PixelSize, margin: number): PixelRect | undefined {
  const { x, y, width, height } = toViewRect(view, rect);
  const left = Math.max(0, Math.floor(x) - margin);
  const top = Math.max(0, Math.floor(y) - margin);
  const right = Math.min(size.width, Math.ceil(x + width) + margin);
  const bottom = Math.min(size.height, Math.ceil(y + height) + margin);
  return left < right && top < bottom ? { x: left, y: top, width: right - left, height: bottom - top } : undefined;
}
