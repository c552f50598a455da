import { defaultShape } from "../document/document.ts";
import type { Rect } from "../document/geometry.ts";
import type { Media } from "../document/media-store.ts";
import type { FillData, ShapeData } from "../document/shape.ts";

type Look = Partial<Pick<ShapeData, "rotation" | "borderRadius" | "opacity">>;

export const color = (value: string, opacity = 1): FillData => ({ type: "color", color: value, opacity });

export function board(name: string, box: Rect, fill: string): ShapeData {
  return { ...defaultShape(name), ...box, type: "board", children: [], clipContent: true, fills: [color(fill)] };
}

export function rectangle(name: string, box: Rect, fill: string, look: Look = {}): ShapeData {
  return { ...defaultShape(name), ...box, ...look, type: "rectangle", fills: [color(fill)] };
}

export function ellipse(name: string, box: Rect, fill: string, look: Look = {}): ShapeData {
  return { ...defaultShape(name), ...box, ...look, type: "ellipse", fills: [color(fill)] };
}

/** `d` in coordinates of the box. */
export function path(name: string, box: Rect, d: string, fill: string): ShapeData {
  const viewBox = { width: box.width, height: box.height };
  return { ...defaultShape(name), ...box, type: "path", d, viewBox, fills: [color(fill)] };
}

/** A picture in its box; it covers a box of another shape than its own, as pictures dropped into Penpot do. */
export function picture(name: string, box: Rect, media: Media, look: Look = {}): ShapeData {
  const fill: FillData = { type: "image", mediaId: media.id, keepAspectRatio: true, opacity: 1 };
  return { ...defaultShape(name), ...box, ...look, type: "rectangle", fills: [fill] };
}
