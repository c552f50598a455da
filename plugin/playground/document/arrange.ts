import { type Document, getShape } from "./document.ts";
import { boundsOfPoints, type Rect } from "./geometry.ts";
import { shapeBounds, translateShape } from "./geometry-edits.ts";
import type { ShapeId } from "./shape.ts";

type Axis = "x" | "y";
const lengthOf = { x: "width", y: "height" } as const;

/** Moves shapes to an edge or the middle of the box around them; a shape alone, to that of what holds it. */
export function alignShapes(
  document: Document,
  ids: readonly ShapeId[],
  axis: Axis,
  to: "start" | "center" | "end",
): Document {
  const frame = frameOf(document, ids);
  if (!frame) return document;
  const share = { start: 0, center: 0.5, end: 1 }[to];
  return ids.reduce((next, id) => {
    const bounds = shapeBounds(next, getShape(next, id));
    const free = frame[lengthOf[axis]] - bounds[lengthOf[axis]];
    return translateShape(next, id, { x: 0, y: 0, [axis]: frame[axis] + free * share - bounds[axis] });
  }, document);
}

function frameOf(document: Document, ids: readonly ShapeId[]): Rect | undefined {
  const shapes = ids.map((id) => getShape(document, id));
  const [only] = shapes;
  if (only === undefined) return undefined;
  if (shapes.length > 1) return unionOf(shapes.map((shape) => shapeBounds(document, shape)));
  const { parentId } = only;
  return parentId === undefined || parentId === document.rootId
    ? undefined
    : shapeBounds(document, getShape(document, parentId));
}

/** Spaces shapes evenly between the outermost two, which stay. */
export function distributeShapes(document: Document, ids: readonly ShapeId[], axis: Axis): Document {
  const length = lengthOf[axis];
  const boxes = ids
    .map((id) => ({ id, bounds: shapeBounds(document, getShape(document, id)) }))
    .toSorted((a, b) => a.bounds[axis] - b.bounds[axis]);
  const [first, last] = [boxes[0], boxes.at(-1)];
  if (!first || !last || boxes.length < 3) return document;
  const span = last.bounds[axis] + last.bounds[length] - first.bounds[axis];
  const gap = (span - boxes.reduce((sum, { bounds }) => sum + bounds[length], 0)) / (boxes.length - 1);
  let at = first.bounds[axis];
  return boxes.reduce((next, { id, bounds }) => {
    const by = { x: 0, y: 0, [axis]: at - bounds[axis] };
    at += bounds[length] + gap;
    return translateShape(next, id, by);
  }, document);
}

/** The box around boxes. At least one. */
export function unionOf(boxes: readonly Rect[]): Rect {
  return boundsOfPoints(
    boxes.flatMap(({ x, y, width, height }) => [
      { x, y },
      { x: x + width, y: y + height },
    ]),
  );
}
