import { type Document, getShape } from "../document/document.ts";
import { cornersOf } from "../document/geometry.ts";
import { placementOf } from "../document/geometry-edits.ts";
import type { ShapeId } from "../document/shape.ts";
import { toScreen, type Viewport } from "./viewport.ts";

/** Side of the squares at a selected shape's corners, in CSS pixels. */
const HANDLE = 7;

/** Outlines shapes in CSS pixels, over everything else. */
export function paintOutlines(
  context: CanvasRenderingContext2D,
  document: Document,
  ids: readonly ShapeId[],
  viewport: Viewport,
  options: { readonly color: string; readonly handles: boolean },
): void {
  for (const id of ids) {
    const corners = cornersOf(placementOf(document, getShape(document, id))).map((corner) =>
      toScreen(viewport, corner),
    );
    context.strokeStyle = options.color;
    context.lineWidth = 1;
    context.beginPath();
    for (const { x, y } of corners) context.lineTo(x, y);
    context.closePath();
    context.stroke();
    if (!options.handles) continue;
    context.fillStyle = "#ffffff";
    for (const { x, y } of corners) {
      context.fillRect(x - HANDLE / 2, y - HANDLE / 2, HANDLE, HANDLE);
      context.strokeRect(x - HANDLE / 2, y - HANDLE / 2, HANDLE, HANDLE);
    }
  }
}

/** Board names above their boards, as Penpot writes them. */
export function paintBoardNames(
  context: CanvasRenderingContext2D,
  document: Document,
  viewport: Viewport,
  color: string,
): void {
  context.font = "12px 'Work Sans Variable', sans-serif";
  context.fillStyle = color;
  for (const shape of document.shapes.values()) {
    if (shape.type !== "board" || shape.parentId !== document.rootId || shape.isHidden) continue;
    const { x, y } = toScreen(viewport, shape);
    context.fillText(shape.name, x, y - 8);
  }
}
