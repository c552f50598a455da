import type { EditSession } from "../state/edit-session.ts";
import { progressWords } from "./progress.tsx";

/** A screen reader hears each quarter of an edit; every step would be noise. */
const ANNOUNCED_PARTS = 4;

/** Says to those who do not see it what the edit is doing. */
export function LiveRegion({ session }: { readonly session: EditSession | undefined }) {
  return (
    <p class="visually-hidden" role="status" aria-live="polite">
      {session === undefined ? "" : announcement(session)}
    </p>
  );
}

function announcement(session: EditSession): string {
  const phase = session.phase.value;
  if (phase.type === "painting") {
    return phase.placed === undefined ? (session.notice.value ?? "") : "Layer inserted.";
  }
  if (phase.type === "result") return phase.isPlacing ? "Inserting." : "The result is ready. Enter inserts it.";
  if (phase.type === "starting" || phase.progress === undefined) return progressWords(phase);
  const { step, steps } = phase.progress;
  const part = Math.floor((step / steps) * ANNOUNCED_PARTS);
  return part === 0 ? "The edit is running." : `${Math.round((part / ANNOUNCED_PARTS) * 100)} percent done.`;
}
