import { progressWords } from "../jobs/progress-words.ts";
import type { Edit } from "../pictures/edit.ts";

/** A screen reader hears each quarter of an edit; every step would be noise. */
const ANNOUNCED_PARTS = 4;

/** Says to those who do not see it what the edit is doing. */
export function LiveRegion({ edit }: { readonly edit: Edit | undefined }) {
  return (
    <p class="visually-hidden" role="status" aria-live="polite">
      {edit === undefined ? "" : announcement(edit)}
    </p>
  );
}

function announcement(edit: Edit): string {
  const phase = edit.phase.value;
  if (phase.type === "idle") return edit.placed.value ? "The result is in the document." : (edit.notice.value ?? "");
  if (phase.type === "result") return phase.isPlacing ? "Inserting." : "The result is ready. Enter inserts it.";
  if (phase.type === "starting" || phase.progress === undefined) return progressWords(phase);
  const { step, steps } = phase.progress;
  const part = Math.floor((step / steps) * ANNOUNCED_PARTS);
  return part === 0 ? "The edit is running." : `${Math.round((part / ANNOUNCED_PARTS) * 100)} percent done.`;
}
