import type { Point } from "../masks/mask-stroke.ts";
import type { StageView } from "./stage-view.ts";
import type { ToolDrag, ToolPoint } from "./tools/stage-tool.ts";
import { toImagePoint } from "./viewport.ts";

/** One notch of a mouse wheel (100 units) zooms by a fifth. */
const WHEEL_FACTOR = 1.0018;

export interface StagePointerOptions {
  readonly element: HTMLElement;
  /** That of now: the picture in the stage may change. */
  readonly stage: () => StageView;
  /** What a press begins; undefined where it moves the view. */
  readonly begin: (at: ToolPoint) => ToolDrag | undefined;
  readonly isPanKeyDown: () => boolean;
  /** Where the pointer is, in CSS pixels of the element; undefined when it left. */
  readonly onHover: (point: Point | undefined) => void;
}

/**
 * Hands drags to tools, pans with the space bar or the middle button, pinches with two fingers. Events only note where the pointer is:
 * what a tool does with it is done once a frame, and the element is measured when the pointer comes, not when it moves. Returns what
 * takes it off again.
 */
export function attachStagePointer(options: StagePointerOptions): () => void {
  const { element, begin, isPanKeyDown, onHover } = options;
  const pointers = new Map<number, Point>();
  const listening = new AbortController();
  const { signal } = listening;
  let box = element.getBoundingClientRect();
  let drag: ToolDrag | undefined;
  let waiting: ToolPoint[] = [];
  let frame = 0;

  const measure = () => {
    box = element.getBoundingClientRect();
  };
  const devicePoint = ({ clientX, clientY }: { readonly clientX: number; readonly clientY: number }): Point => {
    const ratio = options.stage().pixelRatio.peek();
    return { x: (clientX - box.left) * ratio, y: (clientY - box.top) * ratio };
  };
  const toolPoint = (event: PointerEvent): ToolPoint => ({
    ...toImagePoint(options.stage().view.peek(), devicePoint(event)),
    isAlt: event.altKey,
    isShift: event.shiftKey,
  });
  const flush = () => {
    cancelAnimationFrame(frame);
    frame = 0;
    const points = waiting;
    waiting = [];
    if (points.length > 0) drag?.move(points);
  };
  const endDrag = (isKept: boolean) => {
    flush();
    const ended = drag;
    drag = undefined;
    ended?.end(isKept);
  };

  element.addEventListener("pointerenter", measure, { signal });
  window.addEventListener("resize", measure, { signal });
  element.addEventListener(
    "pointerdown",
    (event) => {
      if (event.button > 1) return;
      measure();
      element.setPointerCapture(event.pointerId);
      pointers.set(event.pointerId, devicePoint(event));
      if (pointers.size > 1) endDrag(false);
      else if (event.button === 0 && !isPanKeyDown()) drag = begin(toolPoint(event));
    },
    { signal },
  );
  element.addEventListener(
    "pointermove",
    (event) => {
      if (event.pointerType !== "touch") onHover({ x: event.clientX - box.left, y: event.clientY - box.top });
      const previous = pointers.get(event.pointerId);
      if (previous === undefined) return;
      const point = devicePoint(event);
      if (drag !== undefined) {
        for (const sample of samplesOf(event)) waiting.push(toolPoint(sample));
        if (frame === 0) frame = requestAnimationFrame(flush);
      } else if (pointers.size === 1) {
        options.stage().pan(point.x - previous.x, point.y - previous.y);
      } else {
        pinch(options.stage(), pointers, event.pointerId, point);
      }
      pointers.set(event.pointerId, point);
    },
    { signal },
  );
  for (const type of ["pointerup", "pointercancel"] as const) {
    element.addEventListener(
      type,
      (event) => {
        pointers.delete(event.pointerId);
        endDrag(type === "pointerup");
      },
      { signal },
    );
  }
  element.addEventListener("pointerleave", () => onHover(undefined), { signal });
  element.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 33 : 1;
      // A trackpad's pinch arrives as a wheel with the control key and small steps.
      const speed = event.ctrlKey ? 5 : 1;
      options.stage().zoom(devicePoint(event), WHEEL_FACTOR ** (-event.deltaY * lines * speed));
    },
    { signal, passive: false },
  );
  return () => {
    endDrag(true);
    listening.abort();
  };
}

/** Where the pointer was since the last event. Pages on plain http from another machine are told of the last place alone. */
function samplesOf(event: PointerEvent): readonly PointerEvent[] {
  const { getCoalescedEvents } = event as Partial<Pick<PointerEvent, "getCoalescedEvents">>;
  const samples = getCoalescedEvents?.call(event) ?? [];
  return samples.length > 0 ? samples : [event];
}

/** Zooms by the change of the distance between two fingers and pans by the movement of their middle. */
function pinch(stage: StageView, pointers: ReadonlyMap<number, Point>, moved: number, to: Point): void {
  const other = [...pointers].find(([id]) => id !== moved)?.[1];
  const from = pointers.get(moved);
  if (other === undefined || from === undefined) return;
  const middle = (a: Point) => ({ x: (a.x + other.x) / 2, y: (a.y + other.y) / 2 });
  const distance = (a: Point) => Math.hypot(a.x - other.x, a.y - other.y);
  const before = middle(from);
  const after = middle(to);
  stage.pan(after.x - before.x, after.y - before.y);
  if (distance(from) > 0) stage.zoom(after, distance(to) / distance(from));
}
