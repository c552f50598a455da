import type { Point, Rect, Size } from "../document/geometry.ts";

/** What part of the page shows: its point at the canvas's top left corner, and CSS pixels per page unit. */
export interface Viewport extends Point {
  readonly zoom: number;
}

const MIN_ZOOM = 0.02;
const MAX_ZOOM = 32;
/** Free space around what is fitted, in CSS pixels. */
const FIT_MARGIN = 32;

export function toScreen(viewport: Viewport, point: Point): Point {
  return { x: (point.x - viewport.x) * viewport.zoom, y: (point.y - viewport.y) * viewport.zoom };
}

export function toPage(viewport: Viewport, point: Point): Point {
  return { x: viewport.x + point.x / viewport.zoom, y: viewport.y + point.y / viewport.zoom };
}

/** `by` in CSS pixels: where the content goes. */
export function pan(viewport: Viewport, by: Point): Viewport {
  return { ...viewport, x: viewport.x - by.x / viewport.zoom, y: viewport.y - by.y / viewport.zoom };
}

/** Keeps the page point under `anchor` (CSS pixels from the canvas's corner) where it is. */
export function zoomAt(viewport: Viewport, anchor: Point, zoom: number): Viewport {
  const limited = Math.min(Math.max(zoom, MIN_ZOOM), MAX_ZOOM);
  const fixed = toPage(viewport, anchor);
  return { zoom: limited, x: fixed.x - anchor.x / limited, y: fixed.y - anchor.y / limited };
}

/** Shows all of `content` in the middle of the canvas, never larger than at 100 %. */
export function viewportFor(content: Rect, canvas: Size): Viewport {
  const room = (length: number) => Math.max(length - 2 * FIT_MARGIN, 1);
  const zoom = Math.min(room(canvas.width) / content.width, room(canvas.height) / content.height, 1);
  return {
    zoom,
    x: content.x + content.width / 2 - canvas.width / 2 / zoom,
    y: content.y + content.height / 2 - canvas.height / 2 / zoom,
  };
}
