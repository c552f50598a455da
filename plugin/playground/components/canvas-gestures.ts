import { pan, toPage, zoomAt } from "../canvas/viewport.ts";
import type { Point } from "../document/geometry.ts";
import { translateShape } from "../document/geometry-edits.ts";
import { shapeAt } from "../document/hit-test.ts";
import type { Playground } from "../playground.ts";

/** A pointer that moves less than this, in CSS pixels, clicks. */
const CLICK_DISTANCE = 3;
/** Zoom per CSS pixel of a wheel with Ctrl, which is also how browsers report a pinch on a touchpad. */
const WHEEL_ZOOM = 0.0025;

/** What a pointer that is down does. */
type Drag =
  | { readonly type: "pan"; readonly last: Point }
  | { readonly type: "press"; readonly start: Point }
  | { readonly type: "move"; readonly last: Point; readonly block: symbol };

/**
 * Wheel scrolls, Ctrl+wheel and two fingers zoom, Space or the middle button pans, a click selects, dragging moves what is
 * selected. Returns a function that removes all listeners.
 */
export function attachCanvasGestures(canvas: HTMLCanvasElement, playground: Playground): () => void {
  const { store, viewport, hovered } = playground;
  const pointers = new Map<number, Point>();
  let drag: Drag | undefined;
  let isSpaceDown = false;

  const position = (event: MouseEvent): Point => {
    const { left, top } = canvas.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };
  const shapeUnder = (point: Point) => shapeAt(store.snapshot.document, toPage(viewport.value, point));

  const onWheel = (event: WheelEvent) => {
    event.preventDefault();
    if (event.ctrlKey || event.metaKey) {
      const zoom = viewport.value.zoom * Math.exp(-event.deltaY * WHEEL_ZOOM);
      viewport.value = zoomAt(viewport.value, position(event), zoom);
      return;
    }
    const [dx, dy] = event.shiftKey ? [event.deltaY, event.deltaX] : [event.deltaX, event.deltaY];
    viewport.value = pan(viewport.value, { x: -dx, y: -dy });
  };

  const onPointerDown = (event: PointerEvent) => {
    canvas.setPointerCapture(event.pointerId);
    canvas.focus();
    const point = position(event);
    pointers.set(event.pointerId, point);
    if (pointers.size > 1) endDrag();
    else if (event.button === 1 || isSpaceDown) drag = { type: "pan", last: point };
    else if (event.button === 0) press(point, event.shiftKey);
  };

  const press = (point: Point, isShift: boolean) => {
    const id = shapeUnder(point);
    const { selection } = store.snapshot;
    if (id === undefined) {
      if (!isShift) store.select([]);
      return;
    }
    if (isShift) store.select(selection.includes(id) ? selection.filter((other) => other !== id) : [...selection, id]);
    else if (!selection.includes(id)) store.select([id]);
    drag = { type: "press", start: point };
  };

  const onPointerMove = (event: PointerEvent) => {
    const point = position(event);
    if (!pointers.has(event.pointerId)) {
      hovered.value = shapeUnder(point);
      return;
    }
    const before = [...pointers.values()];
    pointers.set(event.pointerId, point);
    if (pointers.size === 2) pinch(before, [...pointers.values()]);
    else if (drag) drag = continueDrag(drag, point);
  };

  const pinch = (before: readonly Point[], after: readonly Point[]) => {
    const [was, is] = [spread(before), spread(after)];
    const zoomed = zoomAt(viewport.value, was.center, viewport.value.zoom * (is.distance / Math.max(was.distance, 1)));
    viewport.value = pan(zoomed, { x: is.center.x - was.center.x, y: is.center.y - was.center.y });
  };

  const continueDrag = (current: Drag, point: Point): Drag => {
    if (current.type === "pan") {
      viewport.value = pan(viewport.value, { x: point.x - current.last.x, y: point.y - current.last.y });
      return { type: "pan", last: point };
    }
    const { zoom } = viewport.value;
    const from = current.type === "press" ? current.start : current.last;
    if (current.type === "press" && Math.hypot(point.x - from.x, point.y - from.y) < CLICK_DISTANCE) return current;
    // Whole page units keep pictures on whole pixels; what is left over counts at the next move.
    const by = { x: Math.trunc((point.x - from.x) / zoom), y: Math.trunc((point.y - from.y) / zoom) };
    const block = current.type === "move" ? current.block : store.beginUndoBlock();
    store.edit((document) => store.snapshot.selection.reduce((next, id) => translateShape(next, id, by), document));
    return { type: "move", last: { x: from.x + by.x * zoom, y: from.y + by.y * zoom }, block };
  };

  const endDrag = () => {
    if (drag?.type === "move") store.finishUndoBlock(drag.block);
    drag = undefined;
  };
  const onPointerUp = (event: PointerEvent) => {
    pointers.delete(event.pointerId);
    endDrag();
  };
  const onPointerLeave = () => {
    hovered.value = undefined;
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.code !== "Space" || event.target !== canvas) return;
    event.preventDefault();
    isSpaceDown = event.type === "keydown";
    canvas.dataset.panning = String(isSpaceDown);
  };

  const controller = new AbortController();
  const { signal } = controller;
  canvas.addEventListener("wheel", onWheel, { passive: false, signal });
  canvas.addEventListener("pointerdown", onPointerDown, { signal });
  canvas.addEventListener("pointermove", onPointerMove, { signal });
  canvas.addEventListener("pointerup", onPointerUp, { signal });
  canvas.addEventListener("pointercancel", onPointerUp, { signal });
  canvas.addEventListener("pointerleave", onPointerLeave, { signal });
  window.addEventListener("keydown", onKey, { signal });
  window.addEventListener("keyup", onKey, { signal });
  return () => controller.abort();
}

function spread([a = { x: 0, y: 0 }, b = a]: readonly Point[]): { readonly center: Point; readonly distance: number } {
  return { center: { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }, distance: Math.hypot(b.x - a.x, b.y - a.y) };
}
