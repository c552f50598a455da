import { unionOf } from "./arrange.ts";
import { blurRadius, type ShadowData } from "./decoration.ts";
import { type Document, getShape } from "./document.ts";
import type { Rect } from "./geometry.ts";
import { shapeBounds } from "./geometry-edits.ts";
import { isContainer, type ShapeData } from "./shape.ts";

/** A blur reaches this many standard deviations far. */
const BLUR_REACH = 3;

/**
 * What a shape takes up on the page with its strokes, shadows and blur: what Penpot exports. Strokes count with the diagonal
 * of their corners, as there.
 */
export function paintedBounds(document: Document, shape: ShapeData): Rect {
  const own = grown(shapeBounds(document, shape), strokeMargin(shape));
  const isOpen = isContainer(shape) && shape.type !== "boolean" && !(shape.type === "board" && shape.clipContent);
  const inside = isOpen
    ? shape.children
        .map((id) => getShape(document, id))
        .filter((child) => !child.isHidden)
        .map((child) => paintedBounds(document, child))
    : [];
  const isMasked = shape.type === "group" && shape.isMask;
  const content = inside.length === 0 || isMasked ? own : unionOf(shape.type === "board" ? [own, ...inside] : inside);
  const shadows = castShadows(shape).map((shadow) =>
    grown({ ...content, x: content.x + shadow.offsetX, y: content.y + shadow.offsetY }, shadowReach(shadow)),
  );
  return grown(unionOf([content, ...shadows]), BLUR_REACH * blurRadius(shape.blur));
}

/** How far beside where it is drawn a shape's effects carry it. */
export function effectReach(shape: ShapeData): number {
  const shadows = shape.shadows.map((shadow) => Math.hypot(shadow.offsetX, shadow.offsetY) + shadowReach(shadow));
  return Math.max(0, ...shadows) + BLUR_REACH * blurRadius(shape.blur);
}

function castShadows({ shadows }: ShapeData): readonly ShadowData[] {
  return shadows.filter((shadow) => !shadow.hidden && shadow.style === "drop-shadow");
}

function shadowReach({ spread, blur }: ShadowData): number {
  return Math.max(spread, 0) + (BLUR_REACH * blur) / 2;
}

function strokeMargin({ strokes }: ShapeData): number {
  const margins = strokes.map(({ strokeWidth, strokeAlignment }) => {
    const outside = strokeAlignment === "outer" ? strokeWidth : strokeAlignment === "center" ? strokeWidth / 2 : 0;
    return Math.ceil(Math.sqrt(2 * outside * outside));
  });
  return Math.max(0, ...margins);
}

function grown({ x, y, width, height }: Rect, by: number): Rect {
  return { x: x - by, y: y - by, width: width + 2 * by, height: height + 2 * by };
}
