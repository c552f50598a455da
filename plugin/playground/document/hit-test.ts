import { type Document, getShape } from "./document.ts";
import { contains, type Point, toLocal } from "./geometry.ts";
import { placementOf } from "./geometry-edits.ts";
import { isContainer, type ShapeData, type ShapeId } from "./shape.ts";

/**
 * The topmost shape at a point of the page. Groups answer for what they hold; boards let clicks through to what lies on
 * them, and a board that clips is not hit by what it cuts off. Paths count with their box.
 */
export function shapeAt(document: Document, point: Point): ShapeId | undefined {
  return hitChildren(document, getShape(document, document.rootId), point);
}

function hitChildren(document: Document, container: ShapeData, point: Point): ShapeId | undefined {
  if (!isContainer(container)) return undefined;
  for (const id of container.children.toReversed()) {
    const hit = hitShape(document, getShape(document, id), point);
    if (hit !== undefined) return hit;
  }
  return undefined;
}

function hitShape(document: Document, shape: ShapeData, point: Point): ShapeId | undefined {
  if (shape.isHidden || shape.isBlocked) return undefined;
  const placement = placementOf(document, shape);
  const isInside = shape.type === "ellipse" ? isInEllipse(shape, point) : contains(placement, point);
  if (shape.type === "board") {
    const child = isInside || !shape.clipContent ? hitChildren(document, shape, point) : undefined;
    return child ?? (isInside ? shape.id : undefined);
  }
  if (shape.type === "group") return hitChildren(document, shape, point) === undefined ? undefined : shape.id;
  return isInside ? shape.id : undefined;
}

function isInEllipse(shape: ShapeData, point: Point): boolean {
  const local = toLocal(shape, point);
  const x = (2 * local.x) / shape.width - 1;
  const y = (2 * local.y) / shape.height - 1;
  return x * x + y * y <= 1;
}
