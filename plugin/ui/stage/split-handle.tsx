import type { PixelRect } from "../../../shared/protocol/geometry.ts";
import type { Draft } from "../pictures/draft.ts";
import type { StageView } from "./stage-view.ts";
import { toViewRect } from "./viewport.ts";

/** A press of an arrow key moves the line by so much of the picture. */
const STEP = 0.02;

interface SplitHandleProps {
  readonly draft: Draft;
  readonly stage: StageView;
  /** All that is shown, in pixels of the picture. */
  readonly frame: PixelRect;
}

/** The line between before, on its left, and after. */
export function SplitHandle({ draft, stage, frame }: SplitHandleProps) {
  const share = draft.split.value ?? 0.5;
  const ratio = stage.pixelRatio.value;
  const { x, y, width, height } = toViewRect(stage.view.value, frame);
  const moveTo = (to: number) => {
    draft.split.value = Math.min(1, Math.max(0, to));
  };
  return (
    <div
      class="split-handle"
      role="slider"
      tabIndex={0}
      aria-label="Line between before and after"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(share * 100)}
      style={{
        height: `${height / ratio}px`,
        transform: `translate(${(x + width * share) / ratio}px, ${y / ratio}px)`,
      }}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId))
          moveTo((draft.split.peek() ?? share) + (event.movementX * ratio) / width);
      }}
      onKeyDown={(event) => {
        if (event.key === "ArrowLeft") moveTo(share - STEP);
        else if (event.key === "ArrowRight") moveTo(share + STEP);
        else return;
        event.preventDefault();
        event.stopPropagation();
      }}
    />
  );
}
