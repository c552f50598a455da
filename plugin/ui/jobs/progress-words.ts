import type { EditPhase } from "../pictures/edit.ts";

export type PhaseInProgress = Extract<EditPhase, { type: "starting" | "running" }>;

/** What an edit is doing, in a few words. */
export function progressWords(phase: PhaseInProgress): string {
  if (phase.type === "starting") return "Preparing…";
  if (phase.isCancelling) return "Stopping after this step…";
  if (phase.ahead > 0) return phase.ahead === 1 ? "Waiting for 1 other edit" : `Waiting for ${phase.ahead} other edits`;
  if (phase.progress === undefined) return phase.isLoaded ? "Drawing…" : "Loading the model…";
  const step = `Step ${phase.progress.step} of ${phase.progress.steps}`;
  return phase.count === 1 ? step : `Variant ${phase.progress.variant + 1} of ${phase.count} · ${step}`;
}
