import type { StageView } from "../canvas/stage-view.ts";
import type { EditSession } from "../state/edit-session.ts";

interface StageBadgeProps {
  readonly session: EditSession;
  readonly stage: StageView;
}

/** Says what the stage shows: the zoom, what to do first, or that this is the picture before the edit. */
export function StageBadge({ session, stage }: StageBadgeProps) {
  const phase = session.phase.value;
  const isUntouched = phase.type === "painting" && phase.placed === undefined && !session.hasMask.value;
  const percent = Math.round(stage.view.value.scale * 100);
  return (
    <>
      {isUntouched && <p class="stage-hint">Paint over what should change</p>}
      {session.isComparing.value && <p class="stage-hint">Before</p>}
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
