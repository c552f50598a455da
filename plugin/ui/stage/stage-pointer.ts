import type { PixelRect } from "../../../shared/protocol/geometry.ts";
import type { Settings } from "../app/settings.ts";
import type { MaskStroke, Point } from "../masks/mask-stroke.ts";
import type { EditSession } from "../pictures/edit-session.ts";
import type { StageView } from "./stage-view.ts";
import { toImagePoint } from "./viewport.ts";

/** One notch of a mouse wheel (100 units) zooms by a fifth. */
const WHEEL_FACTOR = 1.0018;

export interface StagePointerOptions {
  readonly element: HTMLElement;
  readonly session: EditSession;
  readonly settings: Settings;
  readonly stage: StageView;
  readonly canPaint: () => boolean;
  readonly isPanKeyDown: () => boolean;
  /** A rectangle of the mask changed, in image pixels. */
  readonly onPainted: (area: PixelRect) => void;
  /** Where the pointer is, in CSS pixels of the element; undefined when it left. */
  readonly onHover: (point: Point | undefined) => void;
}

/** Paints with one pointer, pans with space or the middle button, pinches with two. Returns what takes it off again. */
export function attachStagePointer(options: StagePointerOptions): () => void {
  const { element, session, settings, stage, canPaint, isPanKeyDown, onPainted, onHover } = options;
  const pointers = new Map<number, Point>();
  const listening = new AbortController();
  const { signal } = listening;
  let stroke: MaskStroke | undefined;
  let lastPoint: Point | undefined;

  const devicePoint = ({ clientX, clientY }: { readonly clientX: number; readonly clientY: number }): Point => {
    const box = element.getBoundingClientRect();
    const ratio = stage.pixelRatio.peek();
    return { x: (clientX - box.left) * ratio, y: (clientY - box.top) * ratio };
  };
  const paintTo = (point: Point) => {
    const imagePoint = toImagePoint(stage.view.peek(), point);
    const changed = stroke?.drawLine(lastPoint ?? imagePoint, imagePoint);
    lastPoint = imagePoint;
    if (changed !== undefined) onPainted(changed);
  };
  const endStroke = (isKept: boolean) => {
    if (stroke === undefined) return;
    if (!isKept) stroke.cancel();
    session.endStroke(stroke);
    stroke = undefined;
    lastPoint = undefined;
  };

  element.addEventListener(
    "pointerdown",
    (event) => {
      if (event.button > 1) return;
      element.setPointerCapture(event.pointerId);
      pointers.set(event.pointerId, devicePoint(event));
      const isPan = event.button === 1 || isPanKeyDown() || !canPaint();
      if (pointers.size > 1) endStroke(false);
      else if (!isPan) {
        stroke = session.beginStroke(settings.tool.peek());
        paintTo(devicePoint(event));
      }
    },
    { signal },
  );
  element.addEventListener(
    "pointermove",
    (event) => {
      const box = element.getBoundingClientRect();
      if (event.pointerType !== "touch") onHover({ x: event.clientX - box.left, y: event.clientY - box.top });
      const previous = pointers.get(event.pointerId);
      if (previous === undefined) return;
      const point = devicePoint(event);
      if (stroke !== undefined) {
        const samples = event.getCoalescedEvents();
        for (const sample of samples.length > 0 ? samples : [event]) paintTo(devicePoint(sample));
      } else if (pointers.size === 1) {
        stage.pan(point.x - previous.x, point.y - previous.y);
      } else {
        pinch(stage, pointers, event.pointerId, point);
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
        endStroke(type === "pointerup");
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
      stage.zoom(devicePoint(event), WHEEL_FACTOR ** (-event.deltaY * lines * speed));
    },
    { signal, passive: false },
  );
  return () => {
    endStroke(true);
    listening.abort();
  };
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
