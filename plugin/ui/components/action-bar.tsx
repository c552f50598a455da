import { usePanel } from "../panel-context.ts";
import { actionName } from "../state/action-name.ts";
import { durationKey } from "../state/edit-flow.ts";
import type { EditSession } from "../state/edit-session.ts";
import { formatDuration } from "../state/format-duration.ts";

/** The one obvious button of the moment: start, cancel, or insert. */
export function ActionBar({ session }: { readonly session: EditSession }) {
  const { flow, engines, settings } = usePanel();
  const phase = session.phase.value;
  if (phase.type === "starting" || phase.type === "running") {
    const isCancelling = phase.type === "running" && phase.isCancelling;
    return (
      <button
        type="button"
        class="main-button"
        data-appearance="secondary"
        aria-keyshortcuts="Escape"
        disabled={isCancelling}
        onClick={() => void flow.cancel(session)}
      >
        {isCancelling ? "Cancelling…" : "Cancel"}{" "}
        <span class="key" aria-hidden="true">
          Esc
        </span>
      </button>
    );
  }
  if (phase.type === "result") {
    return (
      <button
        type="button"
        class="main-button"
        data-appearance="primary"
        aria-keyshortcuts="Enter"
        disabled={phase.isPlacing}
        onClick={() => void flow.insert(session)}
      >
        {phase.isPlacing ? "Inserting…" : "Insert as layer"}{" "}
        <span class="key" aria-hidden="true">
          Enter
        </span>
      </button>
    );
  }
  const duration = flow.durations.value[durationKey(engines.place.value, settings.model.value)];
  return (
    <button
      type="button"
      class="main-button"
      data-appearance="primary"
      aria-keyshortcuts="Control+Enter"
      aria-disabled={!session.hasMask.value}
      onClick={() => void flow.generate(session)}
    >
      {actionName(session.prompt.value, session.isPlainUnderMask.value)}
      {duration !== undefined && <span class="estimate"> ≈ {formatDuration(duration)}</span>}
    </button>
  );
}
