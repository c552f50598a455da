import { progressWords } from "../jobs/progress/progress-words.ts";
import type { Draft } from "../pictures/draft.ts";

/** A screen reader hears each quarter of an edit; every step would be noise. */
const ANNOUNCED_PARTS = 4;

/** Says to those who do not see it what the edit is doing. */
export function LiveRegion({ draft }: { readonly draft: Draft | undefined }) {
  return (
    <p class="visually-hidden" role="status" aria-live="polite">
      {draft === undefined ? "" : announcement(draft)}
    </p>
  );
}

function announcement(draft: Draft): string {
  const job = draft.shown.value?.job;
  if (job === undefined) return draft.placed.value ? "The result is in the document." : (draft.notice.value ?? "");
  if (job.isOver.value) return "The result is ready. Enter inserts it.";
  const state = job.state.value;
  if (state.type !== "running" || state.progress === undefined) return progressWords(job);
  const { step, steps } = state.progress;
  const part = Math.floor((step / steps) * ANNOUNCED_PARTS);
  return part === 0 ? "The edit is running." : `${Math.round((part / ANNOUNCED_PARTS) * 100)} percent done.`;
}
