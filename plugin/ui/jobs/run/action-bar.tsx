import { IconButton } from "../../controls/icon-button.tsx";
import { isNoSides } from "../../extend/extension.ts";
import { modelFor } from "../../models/model-for.ts";
import { usePanel } from "../../panel-context.ts";
import type { Draft } from "../../pictures/draft.ts";
import { isAskedFor } from "../../prompts/variations.ts";
import { insertionOf, reasons } from "../insertions/place-result.ts";
import { formatDuration } from "../progress/format-duration.ts";
import { actionName, insertName } from "./action-name.ts";
import { creationSizeOf } from "./build-request.ts";

/** The one obvious button of the moment: start, cancel, or insert. */
export function ActionBar({ draft }: { readonly draft: Draft }) {
  const { flow } = usePanel();
  const isRunning = draft.isRunning.value;
  return (
    <div class="action-bar">
      {draft.chosen.value !== undefined && <InsertButton draft={draft} />}
      {isRunning && <CancelButton draft={draft} />}
      {isRunning && <IconButton icon="plus" label="Queue another edit" onClick={() => void flow.generate(draft)} />}
      {(draft.isIdle.value || hasOtherWords(draft)) && <StartButton draft={draft} />}
    </div>
  );
}

/** Whether the draft asks for something else by now than the results that are shown were drawn for. */
function hasOtherWords({ prompt, shown, task }: Draft): boolean {
  const job = shown.value?.job;
  if (job === undefined || task === "upscale" || job.isActive.value) return false;
  return !isAskedFor(job.request.prompt, prompt.value);
}

function StartButton({ draft }: { readonly draft: Draft }) {
  const { flow, engines, settings, sessions } = usePanel();
  const { task, session } = draft;
  const request = { task, model: modelFor(task, settings), steps: settings.steps.value };
  const size = session?.mask.size ?? creationSizeOf(settings, sessions.target.value);
  const count = task === "upscale" ? 1 : settings.count.value;
  const duration = flow.durations.estimate({ place: engines.place.value, request, size }, count);
  return (
    <button
      type="button"
      class="main-button"
      data-appearance={draft.isIdle.value ? "primary" : "secondary"}
      aria-keyshortcuts="Control+Enter"
      title={draft.isIdle.value ? undefined : "Run with the new words; these results stay in the history"}
      aria-disabled={!hasWhatItNeeds(draft)}
      onClick={() => void flow.generate(draft)}
    >
      {actionName(draft, settings, sessions)}
      {duration !== undefined && <span class="estimate"> ≈ {formatDuration(duration)}</span>}
    </button>
  );
}

function InsertButton({ draft }: { readonly draft: Draft }) {
  const { insertions, settings } = usePanel();
  const isPlacing = insertions.isPlacing.value;
  const isPlaced = draft.chosen.value?.placedAs !== undefined;
  const name = isPlaced ? "Insert once more" : insertName(draft, settings);
  const insertion = draft.chosen.value && insertionOf(draft, draft.chosen.value);
  return (
    <button
      type="button"
      class="main-button"
      data-appearance={isPlaced ? "secondary" : "primary"}
      aria-keyshortcuts="Enter"
      title={insertion?.type === "picture" ? reasons[insertion.because] : undefined}
      disabled={isPlacing}
      onClick={() => void insertions.insert(draft)}
    >
      <span class="clipped">{isPlacing ? "Inserting…" : name}</span>{" "}
      <span class="key" aria-hidden="true">
        Enter
      </span>
    </button>
  );
}

function CancelButton({ draft }: { readonly draft: Draft }) {
  const { flow } = usePanel();
  const isCancelling = draft.shown.value?.job.isCancelling.value === true;
  return (
    <button
      type="button"
      class="main-button"
      data-appearance="secondary"
      aria-keyshortcuts="Escape"
      disabled={isCancelling}
      onClick={() => void flow.cancel(draft)}
    >
      {isCancelling ? "Cancelling…" : "Cancel"}{" "}
      <span class="key" aria-hidden="true">
        Esc
      </span>
    </button>
  );
}

/** Whether something is painted, extended or described; the button says what is missing when it is pressed all the same. */
function hasWhatItNeeds({ task, session, prompt }: Draft): boolean {
  if (task === "create" || task === "edit") return prompt.value.trim() !== "";
  if (task === "inpaint") return session?.hasMask.value === true;
  if (task === "outpaint") return session !== undefined && !isNoSides(session.extension.sides.value);
  return true;
}
