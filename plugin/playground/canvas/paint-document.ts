import type { BlendMode } from "../../../shared/protocol/plugin/source.ts";
import { blurRadius, cornersOfRadius } from "../document/decoration.ts";
import { type Document, getShape } from "../document/document.ts";
import { matrixOf } from "../document/geometry.ts";
import type { MediaId } from "../document/media-store.ts";
import { outlineInBox, outlineOnPage } from "../document/outline.ts";
import { effectReach, paintedBounds } from "../document/painted-bounds.ts";
import { type PathStep, pathBounds, pathText, transformPath } from "../document/path-data.ts";
import { type ContainerData, isContainer, type ShapeData, type ShapeId } from "../document/shape.ts";
import {
  addLayer,
  type Canvas2D,
  dropShadow,
  innerShadow,
  type Layer,
  layerLike,
  onLayer,
  paintLayer,
} from "./layers.ts";
import { paintFill } from "./paint-fill.ts";
import { paintStrokes } from "./paint-stroke.ts";
import { paintText } from "./paint-text.ts";

export type PictureOf = (id: MediaId) => ImageBitmap | undefined;

/** Paints a shape and what it holds in page coordinates, from bottom to top. */
export function paintShape(context: Canvas2D, document: Document, id: ShapeId, pictureOf: PictureOf): void {
  const shape = getShape(document, id);
  if (shape.isHidden || shape.opacity === 0) return;
  if (needsLayer(shape)) {
    paintWithEffects(context, document, shape, pictureOf);
    return;
  }
  context.save();
  context.globalAlpha = shape.opacity;
  paintContent(context, document, shape, pictureOf);
  context.restore();
}

/** Whether the shape has to be painted apart before it is laid on what is below. Without, pixels stay exact. */
function needsLayer(shape: ShapeData): boolean {
  const isSeeThrough = shape.opacity < 1;
  const paints = shape.fills.length + shape.strokes.length;
  return (
    shape.blendMode !== "normal" ||
    blurRadius(shape.blur) > 0 ||
    shape.shadows.some((shadow) => !shadow.hidden) ||
    (isSeeThrough && (isContainer(shape) || paints > 1 || shape.type === "text")) ||
    (shape.type === "group" && shape.isMask === true)
  );
}

function paintWithEffects(context: Canvas2D, document: Document, shape: ShapeData, pictureOf: PictureOf): void {
  const area = paintedBounds(document, shape);
  const content = onLayer(context, area, effectReach(shape), (target) =>
    paintContent(target, document, shape, pictureOf),
  );
  if (!content) return;
  const { a, b } = context.getTransform();
  paintLayer(context, withShadows(content, shape), {
    opacity: shape.opacity,
    blend: operationOf(shape.blendMode),
    // The canvas's filter counts device pixels.
    blur: blurRadius(shape.blur) * Math.hypot(a, b),
  });
}

/** Drop shadows below the content, inner ones on it; the first of a kind on top. */
function withShadows(content: Layer, shape: ShapeData): Layer {
  const shadows = shape.shadows.filter((shadow) => !shadow.hidden).toReversed();
  if (shadows.length === 0) return content;
  const all = layerLike(content);
  for (const shadow of shadows) if (shadow.style === "drop-shadow") addLayer(all, dropShadow(content, shadow));
  addLayer(all, content);
  for (const shadow of shadows) if (shadow.style === "inner-shadow") addLayer(all, innerShadow(content, shadow));
  return all;
}

function operationOf(blend: BlendMode): GlobalCompositeOperation {
  return blend === "normal" ? "source-over" : blend;
}

/** The shape without its own opacity, blend mode and effects. */
function paintContent(context: Canvas2D, document: Document, shape: ShapeData, pictureOf: PictureOf): void {
  const children = (target: Canvas2D, ids: readonly ShapeId[]) => {
    for (const id of ids) paintShape(target, document, id, pictureOf);
  };
  switch (shape.type) {
    case "text":
      paintText(context, shape, pictureOf);
      break;
    case "group":
      if (shape.isMask) paintMasked(context, document, shape, children);
      else children(context, shape.children);
      break;
    case "board":
      paintFills(context, shape, pictureOf);
      context.save();
      if (shape.clipContent) context.clip(placedOutline(shape));
      children(context, shape.children);
      context.restore();
      paintStrokesInBox(context, shape);
      break;
    case "boolean":
      paintOutline(context, shape, outlineOnPage(document, shape), pictureOf);
      break;
    case "svg-raw":
      break;
    default:
      paintFills(context, shape, pictureOf);
      paintStrokesInBox(context, shape);
  }
}

/** What lies above the lowest child shows where that one is opaque. */
function paintMasked(
  context: Canvas2D,
  document: Document,
  { children: [mask, ...masked] }: ContainerData,
  children: (target: Canvas2D, ids: readonly ShapeId[]) => void,
): void {
  if (mask === undefined) return;
  const area = paintedBounds(document, getShape(document, mask));
  const content = onLayer(context, area, 0, (target) => children(target, masked));
  const shape = onLayer(context, area, 0, (target) => children(target, [mask]));
  if (!content || !shape) return;
  addLayer(content, shape, { blend: "destination-in" });
  paintLayer(context, content);
}

function paintFills(context: Canvas2D, shape: ShapeData, pictureOf: PictureOf): void {
  if (shape.fills.length === 0) return;
  inBox(context, shape, () => {
    // Plain boxes are filled without a clip, which keeps their edges, and so their pixels, exact.
    if (!isPlainBox(shape)) context.clip(boxOutline(shape));
    for (const fill of shape.fills.toReversed()) paintFill(context, fill, shape, pictureOf);
  });
}

function isPlainBox(shape: ShapeData): boolean {
  return (
    (shape.type === "rectangle" || shape.type === "board") && [shape.borderRadius].flat().every((each) => each <= 0)
  );
}

/** A boolean's outline is found on the page, where its fills then span its bounds. */
function paintOutline(context: Canvas2D, shape: ShapeData, outline: readonly PathStep[], pictureOf: PictureOf): void {
  if (outline.length === 0) return;
  const box = pathBounds(outline);
  const moved = transformPath(outline, { a: 1, b: 0, c: 0, d: 1, e: -box.x, f: -box.y });
  context.save();
  context.translate(box.x, box.y);
  context.save();
  context.clip(new Path2D(pathText(moved)));
  for (const fill of shape.fills.toReversed()) paintFill(context, fill, box, pictureOf);
  context.restore();
  paintStrokes(context, { ...shape, width: box.width, height: box.height }, new Path2D(pathText(moved)));
  context.restore();
}

function paintStrokesInBox(context: Canvas2D, shape: ShapeData): void {
  if (shape.strokes.length === 0) return;
  const openLine = shape.type === "path" && !/z\s*$/i.test(shape.d) ? outlineInBox(shape) : undefined;
  inBox(context, shape, () => paintStrokes(context, shape, boxOutline(shape), openLine));
}

/** In the shape's own box; circles and round corners are exact, not made of curves. */
function boxOutline(shape: ShapeData): Path2D {
  const { width, height } = shape;
  const outline = new Path2D();
  if (shape.type === "ellipse") outline.ellipse(width / 2, height / 2, width / 2, height / 2, 0, 0, 2 * Math.PI);
  else if (shape.type === "path") outline.addPath(new Path2D(pathText(outlineInBox(shape))));
  else if (isPlainBox(shape)) outline.rect(0, 0, width, height);
  else outline.roundRect(0, 0, width, height, [...cornersOfRadius(shape.borderRadius)]);
  return outline;
}

function placedOutline(shape: ShapeData): Path2D {
  const placed = new Path2D();
  const { a, b, c, d, e, f } = matrixOf(shape);
  placed.addPath(boxOutline(shape), { a, b, c, d, e, f });
  return placed;
}

/** Draws in coordinates of the shape's own box. */
function inBox(context: Canvas2D, shape: ShapeData, draw: () => void): void {
  context.save();
  const { a, b, c, d, e, f } = matrixOf(shape);
  context.transform(a, b, c, d, e, f);
  draw();
  context.restore();
}
