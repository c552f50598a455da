import { isNoSides } from "../extend/extension.ts";
import { modelFor } from "../models/model-for.ts";
import { usePanel } from "../panel-context.ts";
import type { Edit, EditPhase } from "../pictures/edit.ts";
import { actionName, insertName } from "./action-name.ts";
import { durationKey } from "./duration-key.ts";
import { formatDuration } from "./format-duration.ts";

/** The one obvious button of the moment: start, cancel, or insert. */
export function ActionBar({ edit }: { readonly edit: Edit }) {
  const phase = edit.phase.value;
  const isRunning = phase.type === "starting" || phase.type === "running";
  return (
    <div class="action-bar">
      {edit.chosen.value !== undefined && <InsertButton edit={edit} />}
      {isRunning && <CancelButton edit={edit} phase={phase} />}
      {phase.type === "idle" && <StartButton edit={edit} />}
    </div>
  );
}

function StartButton({ edit }: { readonly edit: Edit }) {
  const { flow, engines, settings, sessions } = usePanel();
  const { task } = edit;
  const model = modelFor(task, settings);
  const duration = flow.durations.value[durationKey(engines.place.value, model, task)];
  const count = task === "upscale" ? 1 : settings.count.value;
  return (
    <button
      type="button"
      class="main-button"
      data-appearance="primary"
      aria-keyshortcuts="Control+Enter"
      aria-disabled={!hasWhatItNeeds(edit)}
      onClick={() => void flow.generate(edit)}
    >
      {actionName(edit, settings, sessions)}
      {duration !== undefined && <span class="estimate"> ≈ {formatDuration(duration * count)}</span>}
    </button>
  );
}

function InsertButton({ edit }: { readonly edit: Edit }) {
  const { flow, settings } = usePanel();
  const phase = edit.phase.value;
  const isPlacing = (phase.type === "running" || phase.type === "result") && phase.isPlacing;
  const isPlaced = edit.chosen.value?.isPlaced === true;
  const name = isPlaced ? "Insert once more" : insertName(edit, settings);
  return (
    <button
      type="button"
      class="main-button"
      data-appearance={isPlaced ? "secondary" : "primary"}
      aria-keyshortcuts="Enter"
      disabled={isPlacing}
      onClick={() => void flow.insert(edit)}
    >
      <span class="clipped">{isPlacing ? "Inserting…" : name}</span>{" "}
      <span class="key" aria-hidden="true">
        Enter
      </span>
    </button>
  );
}

interface CancelButtonProps {
  readonly edit: Edit;
  readonly phase: Extract<EditPhase, { type: "starting" | "running" }>;
}

function CancelButton({ edit, phase }: CancelButtonProps) {
  const { flow } = usePanel();
  const isCancelling = phase.type === "running" && phase.isCancelling;
  return (
    <button
      type="button"
      class="main-button"
      data-appearance="secondary"
      aria-keyshortcuts="Escape"
      disabled={isCancelling}
      onClick={() => void flow.cancel(edit)}
    >
      {isCancelling ? "Cancelling…" : "Cancel"}{" "}
      <span class="key" aria-hidden="true">
        Esc
      </span>
    </button>
  );
}

/** Whether something is painted, extended or described; the button says what is missing when it is pressed all the same. */
function hasWhatItNeeds({ task, session, prompt }: Edit): boolean {
  if (task === "create") return prompt.value.trim() !== "";
  if (task === "inpaint") return session?.hasMask.value === true;
  if (task === "outpaint") return session !== undefined && !isNoSides(session.sides.value);
  return true;
}
