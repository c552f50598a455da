import type { ReadonlySignal } from "@preact/signals";
import type { Point } from "../masks/mask-stroke.ts";
import type { EditSession } from "../pictures/edit-session.ts";
import type { StageView } from "./stage-view.ts";

interface BrushRingProps {
  readonly session: EditSession;
  readonly stage: StageView;
  /** CSS pixels of the stage. */
  readonly hover: ReadonlySignal<Point | undefined>;
  readonly isEraser: boolean;
}

/** The brush's outline under the pointer, at its true size. */
export function BrushRing({ session, stage, hover, isEraser }: BrushRingProps) {
  const point = hover.value;
  if (point === undefined) return null;
  const diameter = Math.max(3, (session.brushSize.value * stage.view.value.scale) / stage.pixelRatio.value);
  return (
    <div
      class="brush-ring"
      data-tool={isEraser ? "eraser" : "brush"}
      style={{
        width: `${diameter}px`,
        height: `${diameter}px`,
        transform: `translate(${point.x - diameter / 2}px, ${point.y - diameter / 2}px)`,
      }}
    />
  );
}
