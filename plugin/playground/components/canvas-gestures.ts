import { pan, toPage, zoomAt } from "../canvas/viewport.ts";
import { getShape } from "../document/document.ts";
import type { Point } from "../document/geometry.ts";
import { childAt, shapeAt } from "../document/hit-test.ts";
import { isBoxOfChildren } from "../document/shape.ts";
import type { Playground } from "../playground.ts";
import { type Drag, type PointerAt, tools } from "../tools/tool.ts";

/** Zoom per CSS pixel of a wheel with Ctrl, which is also how browsers report a pinch on a touchpad. */
const WHEEL_ZOOM = 0.0025;

/** What a pointer that is down does. */
type Held =
  | { readonly type: "pan"; readonly last: Point }
  | { readonly type: "tool"; readonly drag: Drag; readonly at: PointerAt };

/**
 * Wheel scrolls, Ctrl+wheel and two fingers zoom, Space or the middle button pans; all else a pointer does is up to the tool.
 * A double click goes into a group or a text. Returns a function that removes all listeners.
 */
export function attachCanvasGestures(canvas: HTMLCanvasElement, playground: Playground): () => void {
  const { store, viewport, hovered, tool } = playground;
  const pointers = new Map<number, Point>();
  let held: Held | undefined;
  let isSpaceDown = false;

  const position = (event: MouseEvent): Point => {
    const { left, top } = canvas.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };
  const pointerAt = (event: MouseEvent): PointerAt => {
    const screen = position(event);
    return { screen, page: toPage(viewport.value, screen), isShift: event.shiftKey, isAlt: event.altKey };
  };

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
    if (pointers.size > 1) release(event, true);
    else if (event.button === 1 || isSpaceDown) held = { type: "pan", last: point };
    else if (event.button === 0) {
      const at = pointerAt(event);
      const drag = tools[tool.value].press(playground, at);
      held = drag && { type: "tool", drag, at };
    }
  };

  const onPointerMove = (event: PointerEvent) => {
    const point = position(event);
    if (!pointers.has(event.pointerId)) {
      canvas.style.cursor = tools[tool.value].hover(playground, pointerAt(event));
      return;
    }
    const before = [...pointers.values()];
    pointers.set(event.pointerId, point);
    if (pointers.size === 2) pinch(before, [...pointers.values()]);
    else if (held?.type === "pan") {
      viewport.value = pan(viewport.value, { x: point.x - held.last.x, y: point.y - held.last.y });
      held = { type: "pan", last: point };
    } else held?.drag.move(pointerAt(event));
  };

  const pinch = (before: readonly Point[], after: readonly Point[]) => {
    const [was, is] = [spread(before), spread(after)];
    const zoomed = zoomAt(viewport.value, was.center, viewport.value.zoom * (is.distance / Math.max(was.distance, 1)));
    viewport.value = pan(zoomed, { x: is.center.x - was.center.x, y: is.center.y - was.center.y });
  };

  const release = (event: PointerEvent, isCancelled: boolean) => {
    if (held?.type === "tool") held.drag.end(pointerAt(event), isCancelled);
    held = undefined;
  };
  const onPointerUp = (event: PointerEvent) => {
    pointers.delete(event.pointerId);
    release(event, event.type === "pointercancel");
  };
  const onDoubleClick = (event: MouseEvent) => {
    if (tool.value !== "move") return;
    const { document } = store.snapshot;
    const { page } = pointerAt(event);
    const id = shapeAt(document, page);
    const shape = id && getShape(document, id);
    if (shape?.type === "text" && !shape.isBlocked) playground.editText(shape.id);
    const inner = shape && isBoxOfChildren(shape) ? childAt(document, shape.id, page) : undefined;
    if (inner !== undefined) store.select([inner]);
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
  canvas.addEventListener("dblclick", onDoubleClick, { signal });
  canvas.addEventListener("pointerleave", onPointerLeave, { signal });
  window.addEventListener("keydown", onKey, { signal });
  window.addEventListener("keyup", onKey, { signal });
  return () => controller.abort();
}

function spread([a = { x: 0, y: 0 }, b = a]: readonly Point[]): { readonly center: Point; readonly distance: number } {
  return { center: { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }, distance: Math.hypot(b.x - a.x, b.y - a.y) };
}
