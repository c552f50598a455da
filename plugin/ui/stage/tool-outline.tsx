import type { ReadonlySignal } from "@preact/signals";
import type { Point } from "../masks/mask-stroke.ts";
import type { StageView } from "./stage-view.ts";

interface ToolOutlineProps {
  readonly stage: StageView;
  /** In pixels of the picture. */
  readonly outline: ReadonlySignal<readonly Point[] | undefined>;
}

/** What a tool is about to add to the mask: a line that shows on any ground. */
export function ToolOutline({ stage, outline }: ToolOutlineProps) {
  const points = outline.value;
  if (points === undefined) return null;
  const { scale, x, y } = stage.view.value;
  const ratio = stage.pixelRatio.value;
  const path = points.map((point) => `${(point.x * scale + x) / ratio},${(point.y * scale + y) / ratio}`).join(" ");
  return (
    <svg class="tool-outline" aria-hidden="true">
      <polygon points={path} class="tool-outline-ground" />
      <polygon points={path} class="tool-outline-dashes" />
    </svg>
  );
}
