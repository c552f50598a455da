import type { Draft } from "../pictures/draft.ts";
import type { StageView } from "./stage-view.ts";

interface StageBadgeProps {
  readonly draft: Draft;
  readonly stage: StageView;
}

/** Says what the stage shows: the zoom, what to do first, or that this is the picture before the edit. */
export function StageBadge({ draft, stage }: StageBadgeProps) {
  const hint = draft.isComparing.value ? "Before" : hintFor(draft);
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

/** What to do first, where it is not obvious. */
function hintFor({ task, isIdle, placed, session }: Draft): string | undefined {
  if (task !== "inpaint" || !isIdle.value || placed.value !== undefined || session?.hasMask.value) return undefined;
  return "Paint over what should change";
}
