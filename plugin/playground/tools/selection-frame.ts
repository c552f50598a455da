import { toScreen, type Viewport } from "../canvas/viewport.ts";
import { unionOf } from "../document/arrange.ts";
import { type Document, getShape } from "../document/document.ts";
import { applyMatrix, centerOf, matrixOf, type Placement, type Point, rotatePoint } from "../document/geometry.ts";
import { placementOf, resizeShape, scaleSubtree, shapeBounds, translateShape } from "../document/geometry-edits.ts";
import type { ShapeId } from "../document/shape.ts";

/** A point of the frame around what is selected, in fractions of its size: (0, 0) is its own top left. */
export interface Handle {
  readonly type: "resize" | "rotate";
  readonly at: Point;
}

const fractions = [0, 0.5, 1] as const;
const resizeHandles: readonly Handle[] = fractions
  .flatMap((y) => fractions.map((x): Handle => ({ type: "resize", at: { x, y } })))
  .filter(({ at }) => at.x !== 0.5 || at.y !== 0.5);

/** The knob that turns the frame stands this far above it, in CSS pixels. */
const ROTATE_DISTANCE = 22;
const HIT_DISTANCE = 7;
/** Frames narrower than this, in CSS pixels, show their corners only. */
const MIN_SIDE = 28;

/** The box around what is selected: a shape's own, or the upright one around several. */
export function frameOf(document: Document, ids: readonly ShapeId[]): Placement | undefined {
  const [id, ...others] = ids;
  if (id === undefined) return undefined;
  if (others.length === 0) return placementOf(document, getShape(document, id));
  const box = unionOf(ids.map((each) => shapeBounds(document, getShape(document, each))));
  return { ...box, rotation: 0, flipX: false, flipY: false };
}

export function handlesOf(frame: Placement, viewport: Viewport): { handle: Handle; screen: Point }[] {
  const isNarrow = Math.min(frame.width, frame.height) * viewport.zoom < MIN_SIDE;
  const shown = resizeHandles.filter(({ at }) => !isNarrow || (at.x !== 0.5 && at.y !== 0.5));
  const top = toScreen(viewport, pointOn(frame, { x: 0.5, y: 0 }));
  const above = rotatePoint({ x: top.x, y: top.y - ROTATE_DISTANCE }, frame.rotation, top);
  const knob = { handle: { type: "rotate", at: { x: 0.5, y: 0 } } as const, screen: above };
  return [...shown.map((handle) => ({ handle, screen: toScreen(viewport, pointOn(frame, handle.at)) })), knob];
}

export function handleAt(frame: Placement, viewport: Viewport, screen: Point): Handle | undefined {
  return handlesOf(frame, viewport).find(
    (each) => Math.hypot(each.screen.x - screen.x, each.screen.y - screen.y) <= HIT_DISTANCE,
  )?.handle;
}

/** Mirrored shapes have their handles where they are seen: a frame counts unmirrored. */
function pointOn(frame: Placement, { x, y }: Point): Point {
  const matrix = matrixOf({ ...frame, flipX: false, flipY: false });
  return applyMatrix(matrix, { x: x * frame.width, y: y * frame.height });
}

/** Arrows across the edge that is pulled, for the direction it is seen in. */
export function cursorOf({ type, at }: Handle, { rotation }: Placement): string {
  if (type === "rotate") return "grab";
  const angle = Math.atan2(at.y - 0.5, at.x - 0.5) + (rotation * Math.PI) / 180;
  const cursors = ["ew-resize", "nwse-resize", "ns-resize", "nesw-resize"] as const;
  return cursors[((Math.round(angle / (Math.PI / 4)) % 4) + 4) % 4] ?? "default";
}

export interface ResizeOptions {
  readonly keepsProportions: boolean;
  readonly isFromCenter: boolean;
}

/** Pulls a handle of the frame to a point; what is opposite stays. Sizes are whole units and at least one. */
export function pullHandle(
  document: Document,
  ids: readonly ShapeId[],
  frame: Placement,
  { at }: Handle,
  to: Point,
  { keepsProportions, isFromCenter }: ResizeOptions,
): Document {
  const center = centerOf(frame);
  // In the frame's own axes, from its centre.
  const local = rotatePoint(to, -frame.rotation, center);
  const pulled = { x: local.x - center.x, y: local.y - center.y };
  const side = { x: Math.sign(at.x - 0.5), y: Math.sign(at.y - 0.5) };
  const length = (axis: "x" | "y", old: number) => {
    if (side[axis] === 0) return old;
    const half = pulled[axis] * side[axis];
    return Math.max(Math.round(isFromCenter ? 2 * half : old / 2 + half), 1);
  };
  let [width, height] = [length("x", frame.width), length("y", frame.height)];
  if (keepsProportions) {
    const [byX, byY] = [width / frame.width, height / frame.height];
    const scale = side.x === 0 ? byY : side.y === 0 ? byX : Math.max(byX, byY);
    [width, height] = [Math.max(frame.width * scale, 1), Math.max(frame.height * scale, 1)];
  }
  const anchor = isFromCenter
    ? { x: 0.5, y: 0.5 }
    : { x: side.x === 0 ? 0.5 : 1 - at.x, y: side.y === 0 ? 0.5 : 1 - at.y };
  const fixed = pointOn(frame, anchor);
  const [id, ...others] = ids;
  if (id === undefined) return document;
  if (others.length > 0) {
    const by = { x: width / frame.width, y: height / frame.height };
    return ids.reduce((next, each) => scaleSubtree(next, each, fixed, by), document);
  }
  const resized = resizeShape(document, id, width, height);
  const moved = pointOn(placementOf(resized, getShape(resized, id)), anchor);
  return translateShape(resized, id, { x: fixed.x - moved.x, y: fixed.y - moved.y });
}
