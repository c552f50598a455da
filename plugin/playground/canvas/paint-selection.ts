import { type Document, getShape } from "../document/document.ts";
import { cornersOf, type Rect } from "../document/geometry.ts";
import { placementOf } from "../document/geometry-edits.ts";
import { outlineOnPage } from "../document/outline.ts";
import { pathText } from "../document/path-data.ts";
import type { ShapeId } from "../document/shape.ts";
import { type PenDraft, penSteps } from "../tools/pen-tool.ts";
import { frameOf, handlesOf } from "../tools/selection-frame.ts";
import { toScreen, type Viewport } from "./viewport.ts";

/** Side of the squares around what is selected, in CSS pixels. */
const HANDLE = 7;

/** Outlines shapes in CSS pixels, over everything else; of paths and booleans the line itself. */
export function paintOutlines(
  context: CanvasRenderingContext2D,
  document: Document,
  ids: readonly ShapeId[],
  viewport: Viewport,
  color: string,
): void {
  context.strokeStyle = color;
  context.lineWidth = 1;
  for (const id of ids) {
    const shape = getShape(document, id);
    context.stroke(boxPath(cornersOf(placementOf(document, shape)).map((corner) => toScreen(viewport, corner))));
    if (shape.type !== "path" && shape.type !== "boolean") continue;
    const line = new Path2D();
    const { zoom, x, y } = viewport;
    const placed = { a: zoom, d: zoom, e: -x * zoom, f: -y * zoom };
    line.addPath(new Path2D(pathText(outlineOnPage(document, shape))), placed);
    context.stroke(line);
  }
}

function boxPath(corners: readonly { readonly x: number; readonly y: number }[]): Path2D {
  const path = new Path2D();
  for (const { x, y } of corners) path.lineTo(x, y);
  path.closePath();
  return path;
}

/** What the frame around the selection is pulled and turned by. */
export function paintHandles(
  context: CanvasRenderingContext2D,
  document: Document,
  ids: readonly ShapeId[],
  viewport: Viewport,
  color: string,
): void {
  const frame = frameOf(document, ids);
  if (!frame || ids.some((id) => getShape(document, id).isBlocked)) return;
  context.strokeStyle = color;
  context.fillStyle = "#ffffff";
  for (const { handle, screen } of handlesOf(frame, viewport)) {
    context.beginPath();
    if (handle.type === "rotate") context.arc(screen.x, screen.y, HANDLE / 2 + 0.5, 0, 2 * Math.PI);
    else context.rect(screen.x - HANDLE / 2, screen.y - HANDLE / 2, HANDLE, HANDLE);
    context.fill();
    context.stroke();
  }
}

export function paintMarquee(
  context: CanvasRenderingContext2D,
  { x, y, width, height }: Rect,
  viewport: Viewport,
  color: string,
): void {
  const corner = toScreen(viewport, { x, y });
  const size = [width * viewport.zoom, height * viewport.zoom] as const;
  context.strokeStyle = color;
  context.save();
  context.globalAlpha = 0.12;
  context.fillStyle = color;
  context.fillRect(corner.x, corner.y, ...size);
  context.restore();
  context.strokeRect(corner.x, corner.y, ...size);
}

/** The path as it is so far, with the line to where the pointer is. */
export function paintPen(
  context: CanvasRenderingContext2D,
  { points, pointer }: PenDraft,
  viewport: Viewport,
  color: string,
): void {
  const { zoom, x, y } = viewport;
  const placed = { a: zoom, d: zoom, e: -x * zoom, f: -y * zoom };
  const line = new Path2D();
  line.addPath(new Path2D(pathText(penSteps([...points, pointer], false))), placed);
  context.strokeStyle = color;
  context.lineWidth = 1;
  context.stroke(line);
  context.fillStyle = "#ffffff";
  for (const point of points) {
    const at = toScreen(viewport, point);
    if (point.handle) {
      const [out, back] = [point.handle, { x: 2 * point.x - point.handle.x, y: 2 * point.y - point.handle.y }];
      context.stroke(boxPath([toScreen(viewport, out), toScreen(viewport, back)]));
    }
    context.fillRect(at.x - HANDLE / 2, at.y - HANDLE / 2, HANDLE, HANDLE);
    context.strokeRect(at.x - HANDLE / 2, at.y - HANDLE / 2, HANDLE, HANDLE);
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
