import { type Document, getShape, subtree } from "./document.ts";
import {
  boundsOf,
  boundsOfPoints,
  centerOf,
  cornersOf,
  matrixOf,
  normalizeDegrees,
  type Placement,
  type Point,
  type Rect,
  rotatePoint,
} from "./geometry.ts";
import { outlineOnPage } from "./outline.ts";
import { pathBounds } from "./path-data.ts";
import { isBoxOfChildren, type ShapeData, type ShapeId } from "./shape.ts";
import { setShapes, updateShape } from "./tree-edits.ts";

/** The shape's own box; a group's and a boolean's is the upright box around what they show. */
export function placementOf(document: Document, shape: ShapeData): Placement {
  if (!isBoxOfChildren(shape)) return shape;
  const upright = (box: Rect): Placement => ({ ...box, rotation: 0, flipX: false, flipY: false });
  if (shape.type === "boolean") {
    const outline = outlineOnPage(document, shape);
    if (outline.length > 0) return upright(pathBounds(outline));
  }
  const shown = shape.type === "group" && shape.isMask ? shape.children.slice(0, 1) : shape.children;
  const corners = shown.flatMap((id) => cornersOf(placementOf(document, getShape(document, id))));
  const { x, y, width, height } = shape;
  return upright(corners.length > 0 ? boundsOfPoints(corners) : { x, y, width, height });
}

/** Penpot's `bounds`, whose corner is what `x` and `y` read and write. */
export function shapeBounds(document: Document, shape: ShapeData): Rect {
  return boundsOf(placementOf(document, shape));
}

/** Moves a shape and what it holds. */
export function translateShape(document: Document, id: ShapeId, by: Point): Document {
  return placeSubtree(document, id, (placement) => ({ ...placement, x: placement.x + by.x, y: placement.y + by.y }));
}

/**
 * Gives a shape another size, keeping its own top left corner in place. Groups scale what they hold; what a board holds
 * stays as it is. Texts keep the size from then on.
 */
export function resizeShape(document: Document, id: ShapeId, width: number, height: number): Document {
  const shape = getShape(document, id);
  if (isBoxOfChildren(shape)) {
    const box = placementOf(document, shape);
    return scaleSubtree(document, id, box, { x: width / (box.width || 1), y: height / (box.height || 1) });
  }
  const resized: ShapeData = {
    ...shape,
    width,
    height,
    ...(shape.type === "text" && { growType: "fixed" as const }),
  } as ShapeData;
  const [before] = cornersOf(shape);
  const [after] = cornersOf(resized);
  return updateShape(document, id, () => ({
    ...resized,
    x: shape.x + before.x - after.x,
    y: shape.y + before.y - after.y,
  }));
}

/** Turns a shape and what it holds, clockwise, about its own centre by default. */
export function rotateShape(document: Document, id: ShapeId, degrees: number, about?: Point): Document {
  const pivot = about ?? centerOf(placementOf(document, getShape(document, id)));
  return placeSubtree(document, id, (placement) => ({
    ...withCenter(placement, rotatePoint(centerOf(placement), degrees, pivot)),
    rotation: normalizeDegrees(placement.rotation + degrees),
  }));
}

/** Mirrors a shape and what it holds on the page: left and right for "x", top and bottom for "y". */
export function flipShape(document: Document, id: ShapeId, axis: "x" | "y"): Document {
  const pivot = centerOf(placementOf(document, getShape(document, id)));
  return placeSubtree(document, id, (placement) => {
    const center = centerOf(placement);
    const mirrored = { ...center, [axis]: 2 * pivot[axis] - center[axis] };
    return {
      ...withCenter(placement, mirrored),
      // A mirror before a rotation is the opposite rotation before the mirror.
      rotation: normalizeDegrees(-placement.rotation),
      flipX: axis === "x" ? !placement.flipX : placement.flipX,
      flipY: axis === "y" ? !placement.flipY : placement.flipY,
    };
  });
}

/** Scales everything in a shape about a point. A turned shape keeps its right angles, as Penpot's do. */
export function scaleSubtree(document: Document, id: ShapeId, from: Point, by: Point): Document {
  return placeSubtree(document, id, (placement) => {
    const center = centerOf(placement);
    const { a: cos, b: sin } = matrixOf({ ...placement, flipX: false, flipY: false });
    const width = placement.width * Math.hypot(cos * by.x, sin * by.y);
    const height = placement.height * Math.hypot(sin * by.x, cos * by.y);
    const moved = { x: from.x + (center.x - from.x) * by.x, y: from.y + (center.y - from.y) * by.y };
    return withCenter({ ...placement, width, height }, moved);
  });
}

function withCenter(placement: Placement, center: Point): Placement {
  return { ...placement, x: center.x - placement.width / 2, y: center.y - placement.height / 2 };
}

function placeSubtree(document: Document, id: ShapeId, change: (placement: Placement) => Placement): Document {
  const placed = subtree(document, id).map((shape): ShapeData => {
    if (shape.parentId === undefined || isBoxOfChildren(shape)) return shape;
    const { x, y, width, height, rotation, flipX, flipY } = change(shape);
    return { ...shape, x, y, width, height, rotation, flipX, flipY };
  });
  return setShapes(document, placed);
}
