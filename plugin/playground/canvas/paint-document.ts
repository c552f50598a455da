import { type Document, getShape } from "../document/document.ts";
import { matrixOf } from "../document/geometry.ts";
import type { MediaId } from "../document/media-store.ts";
import { isContainer, type ShapeData, type ShapeId } from "../document/shape.ts";
import { paintFill } from "./paint-fill.ts";

export type Canvas2D = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;
export type PictureOf = (id: MediaId) => ImageBitmap | undefined;

/** Paints a shape and what it holds in page coordinates, from bottom to top. */
export function paintShape(context: Canvas2D, document: Document, id: ShapeId, pictureOf: PictureOf): void {
  const shape = getShape(document, id);
  if (shape.isHidden) return;
  context.save();
  context.globalAlpha *= shape.opacity;
  paintFills(context, shape, pictureOf);
  if (isContainer(shape)) {
    if (shape.type === "board" && shape.clipContent) clipToBox(context, shape);
    for (const child of shape.children) paintShape(context, document, child, pictureOf);
  }
  context.restore();
}

function paintFills(context: Canvas2D, shape: ShapeData, pictureOf: PictureOf): void {
  if (shape.fills.length === 0) return;
  context.save();
  const { a, b, c, d, e, f } = matrixOf(shape);
  context.transform(a, b, c, d, e, f);
  const outline = outlineOf(shape);
  if (outline) context.clip(outline);
  for (const fill of shape.fills.toReversed()) paintFill(context, fill, shape, pictureOf);
  context.restore();
}

function clipToBox(context: Canvas2D, shape: ShapeData): void {
  const { a, b, c, d, e, f } = matrixOf(shape);
  const box = new Path2D();
  box.rect(0, 0, shape.width, shape.height);
  const placed = new Path2D();
  placed.addPath(box, { a, b, c, d, e, f });
  context.clip(placed);
}

/** Undefined for plain boxes: filling them without a clip keeps their edges, and so their pixels, exact. */
function outlineOf(shape: ShapeData): Path2D | undefined {
  const { width, height, borderRadius } = shape;
  const outline = new Path2D();
  if (shape.type === "ellipse") outline.ellipse(width / 2, height / 2, width / 2, height / 2, 0, 0, 2 * Math.PI);
  else if (shape.type === "path")
    outline.addPath(new Path2D(shape.d), { a: width / shape.viewBox.width, d: height / shape.viewBox.height });
  else if (borderRadius > 0) outline.roundRect(0, 0, width, height, borderRadius);
  else return undefined;
  return outline;
}
