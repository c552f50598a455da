import type { Draft } from "../pictures/draft.ts";
import type { StageView } from "./stage-view.ts";

interface StageBadgeProps {
  readonly draft: Draft;
  readonly stage: StageView;
}

/** Says what the stage shows: the zoom, and whether this is the picture before the edit. */
export function StageBadge({ draft, stage }: StageBadgeProps) {
  const hint = draft.isComparing.value ? "Before" : undefined;
  const percent = Math.round(stage.view.value.scale * 100);
  return (
    <>
      {hint !== undefined && <p class="stage-hint">{hint}</p>}
      <button
        type="button"
        class="stage-zoom"
        aria-label={stage.isFitted.value ? `Zoom ${percent} %, show actual size` : `Zoom ${percent} %, fit to panel`}
        title={stage.isFitted.value ? "Show actual size (1)" : "Fit to panel (0)"}
        onClick={() => (stage.isFitted.peek() ? stage.showActualSize() : stage.fit())}
      >
        {percent} %
      </button>
    </>
  );
}
