import type { ReadonlySignal } from "@preact/signals";
import type { MaskTool } from "../app/settings.ts";
import type { Point } from "../masks/mask-stroke.ts";
import type { EditSession } from "../pictures/edit-session.ts";
import type { StageView } from "./stage-view.ts";

interface BrushRingProps {
  readonly session: EditSession;
  readonly stage: StageView;
  /** CSS pixels of the stage. */
  readonly hover: ReadonlySignal<Point | undefined>;
  readonly tool: MaskTool;
}

/** The brush's outline under the pointer, at its true size. */
export function BrushRing({ session, stage, hover, tool }: BrushRingProps) {
  const point = hover.value;
  if (point === undefined) return null;
  const diameter = Math.max(3, (session.brushSize.value * stage.view.value.scale) / stage.pixelRatio.value);
  return (
    <div
      class="brush-ring"
      data-tool={tool}
      style={{
        width: `${diameter}px`,
        height: `${diameter}px`,
        transform: `translate(${point.x - diameter / 2}px, ${point.y - diameter / 2}px)`,
      }}
    />
  );
}
