import type { ReadonlySignal, Signal } from "@preact/signals";
import type { PixelRect } from "../../../shared/protocol/geometry.ts";
import type { Settings } from "../app/settings.ts";
import type { Point } from "../masks/mask-stroke.ts";
import type { EditSession } from "../pictures/edit-session.ts";
import type { StageView } from "./stage-view.ts";
import { toImagePoint, toViewRect } from "./viewport.ts";

/** A brush moves by a quarter of its width: strokes overlap and edges stay smooth. */
const STEP_SHARE = 1 / 4;

const directions: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

interface KeyboardBrushOptions {
  readonly session: EditSession | undefined;
  readonly settings: Settings;
  readonly stage: StageView;
  /** Where the brush is, in CSS pixels of the stage. */
  readonly hover: Signal<Point | undefined>;
  readonly canPaint: ReadonlySignal<boolean>;
}

/** Painting without a pointer: arrow keys move the brush, Shift with an arrow key paints along the way. */
export function useKeyboardBrush(options: KeyboardBrushOptions): (event: KeyboardEvent) => void {
  const { session, settings, stage, hover, canPaint } = options;
  return (event) => {
    const direction = directions[event.key];
    if (direction === undefined || session === undefined || !canPaint.peek()) return;
    event.preventDefault();
    const view = stage.view.peek();
    const ratio = stage.pixelRatio.peek();
    const from = hover.peek() ?? centreOf(toViewRect(view, session.visible.peek()), ratio);
    const step = Math.max(2, (session.brushSize.peek() * view.scale * STEP_SHARE) / ratio);
    const to = { x: from.x + direction.x * step, y: from.y + direction.y * step };
    hover.value = to;
    if (!event.shiftKey) return;
    const stroke = session.beginStroke(settings.mask.tool.peek() === "eraser" ? "eraser" : "brush");
    const inImage = ({ x, y }: Point) => toImagePoint(view, { x: x * ratio, y: y * ratio });
    stroke.drawLine(inImage(from), inImage(to));
    session.endStroke(stroke);
  };
}

function centreOf({ x, y, width, height }: PixelRect, ratio: number): Point {
  return { x: (x + width / 2) / ratio, y: (y + height / 2) / ratio };
}
