import { type Document, getShape } from "./document.ts";
import { contains, type Point, toLocal } from "./geometry.ts";
import { placementOf } from "./geometry-edits.ts";
import { outlineOnPage } from "./outline.ts";
import { flatten } from "./path-data.ts";
import { isContainer, type ShapeData, type ShapeId } from "./shape.ts";

/** Finer than a hand can point, in page units. */
const OUTLINE_TOLERANCE = 0.5;

/**
 * The topmost shape at a point of the page. Groups answer for what they hold; boards let clicks through to what lies on
 * them, and a board that clips is not hit by what it cuts off. Lines count within `reach`, in page units.
 */
export function shapeAt(document: Document, point: Point, reach = 0): ShapeId | undefined {
  return hitChildren(document, getShape(document, document.rootId), point, reach);
}

/** What of a group or boolean is at a point. */
export function childAt(document: Document, id: ShapeId, point: Point): ShapeId | undefined {
  return hitChildren(document, getShape(document, id), point, 0);
}

/** The topmost board at a point, into which what is drawn there goes; the page's root where there is none. */
export function boardAt(document: Document, point: Point): ShapeId {
  const find = (id: ShapeId): ShapeId | undefined => {
    const shape = getShape(document, id);
    if (shape.type !== "board" || shape.isHidden) return undefined;
    for (const child of shape.children.toReversed()) {
      const found = find(child);
      if (found !== undefined) return found;
    }
    return id === document.rootId || contains(shape, point) ? id : undefined;
  };
  return find(document.rootId) ?? document.rootId;
}

function hitChildren(document: Document, container: ShapeData, point: Point, reach: number): ShapeId | undefined {
  if (!isContainer(container)) return undefined;
  for (const id of container.children.toReversed()) {
    const hit = hitShape(document, getShape(document, id), point, reach);
    if (hit !== undefined) return hit;
  }
  return undefined;
}

function hitShape(document: Document, shape: ShapeData, point: Point, reach: number): ShapeId | undefined {
  if (shape.isHidden || shape.isBlocked) return undefined;
  const isInside = isInShape(document, shape, point, reach);
  if (shape.type === "board") {
    const child = isInside || !shape.clipContent ? hitChildren(document, shape, point, reach) : undefined;
    return child ?? (isInside ? shape.id : undefined);
  }
  if (shape.type === "group") {
    const isCutOff = shape.isMask && hitFirst(document, shape.children[0], point, reach) === undefined;
    return isCutOff || hitChildren(document, shape, point, reach) === undefined ? undefined : shape.id;
  }
  return isInside ? shape.id : undefined;
}

function hitFirst(document: Document, id: ShapeId | undefined, point: Point, reach: number): ShapeId | undefined {
  return id === undefined ? undefined : hitShape(document, getShape(document, id), point, reach);
}

function isInShape(document: Document, shape: ShapeData, point: Point, reach: number): boolean {
  if (shape.type === "ellipse") return isInEllipse(shape, point);
  if (shape.type !== "path" && shape.type !== "boolean") return contains(placementOf(document, shape), point);
  const lines = flatten(outlineOnPage(document, shape), OUTLINE_TOLERANCE);
  const isFilled = shape.fills.length > 0 && windingOf(lines, point) !== 0;
  const width = Math.max(0, ...shape.strokes.map((stroke) => stroke.strokeWidth));
  return isFilled || lines.some((line) => distanceTo(line, point) <= width / 2 + reach);
}

/** How often closed lines turn around a point: 0 outside. */
function windingOf(lines: readonly (readonly Point[])[], { x, y }: Point): number {
  let winding = 0;
  for (const line of lines)
    for (const [index, from] of line.entries()) {
      const to = line[(index + 1) % line.length] ?? from;
      const side = (to.x - from.x) * (y - from.y) - (x - from.x) * (to.y - from.y);
      if (from.y <= y && to.y > y && side > 0) winding++;
      else if (from.y > y && to.y <= y && side < 0) winding--;
    }
  return winding;
}

function distanceTo(line: readonly Point[], point: Point): number {
  const distances = line.map((from, index) => {
    const to = line[index + 1] ?? from;
    const [dx, dy] = [to.x - from.x, to.y - from.y];
    const along = ((point.x - from.x) * dx + (point.y - from.y) * dy) / (dx * dx + dy * dy || 1);
    const t = Math.min(Math.max(along, 0), 1);
    return Math.hypot(point.x - from.x - t * dx, point.y - from.y - t * dy);
  });
  return Math.min(...distances);
}

function isInEllipse(shape: ShapeData, point: Point): boolean {
  const local = toLocal(shape, point);
  const x = (2 * local.x) / shape.width - 1;
  const y = (2 * local.y) / shape.height - 1;
  return x * x + y * y <= 1;
}
