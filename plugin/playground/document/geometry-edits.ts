import { type Document, getShape, subtree } from "./document.ts";
import {
  boundsOf,
  boundsOfPoints,
  centerOf,
  cornersOf,
  normalizeDegrees,
  type Placement,
  type Point,
  type Rect,
  rotatePoint,
} from "./geometry.ts";
import { isContainer, type ShapeData, type ShapeId } from "./shape.ts";
import { setShapes, updateShape } from "./tree-edits.ts";

/** The shape's own box; a group's is the upright box around its children. */
export function placementOf(document: Document, shape: ShapeData): Placement {
  if (shape.type !== "group") return shape;
  const corners = shape.children.flatMap((id) => cornersOf(placementOf(document, getShape(document, id))));
  const box: Rect = corners.length > 0 ? boundsOfPoints(corners) : shape;
  return { ...box, rotation: 0, flipX: false, flipY: false };
}

/** Penpot's `bounds`, whose corner is what `x` and `y` read and write. */
export function shapeBounds(document: Document, shape: ShapeData): Rect {
  return boundsOf(placementOf(document, shape));
}

/** Moves a shape and what it holds. */
export function translateShape(document: Document, id: ShapeId, by: Point): Document {
  return placeSubtree(document, id, (placement) => ({ ...placement, x: placement.x + by.x, y: placement.y + by.y }));
}

/** Gives a shape another size, keeping its own top left corner in place. What a board holds stays as it is. */
export function resizeShape(document: Document, id: ShapeId, width: number, height: number): Document {
  const shape = getShape(document, id);
  if (shape.type === "group") throw new Error("Groups cannot be resized in the playground.");
  const resized = { ...shape, width, height };
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

function withCenter(placement: Placement, center: Point): Placement {
  return { ...placement, x: center.x - placement.width / 2, y: center.y - placement.height / 2 };
}

function placeSubtree(document: Document, id: ShapeId, change: (placement: Placement) => Placement): Document {
  const placed = subtree(document, id).map((shape): ShapeData => {
    if (shape.parentId === undefined || (isContainer(shape) && shape.type === "group")) return shape;
    const { x, y, rotation, flipX, flipY } = change(shape);
    return { ...shape, x, y, rotation, flipX, flipY };
  });
  return setShapes(document, placed);
}
