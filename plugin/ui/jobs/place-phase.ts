import type { Edit, FinishedVariant } from "../pictures/edit.ts";
import { releaseResult } from "./result-phase.ts";

/** Says whether a variant is on its way into the document. */
export function setPlacing({ phase }: Edit, isPlacing: boolean): void {
  const before = phase.peek();
  if (before.type === "running" || before.type === "result") phase.value = { ...before, isPlacing };
}

/** Ends the edit with its only variant, which its source may go on to show; marks one of several. */
export function markPlaced(edit: Edit, placed: FinishedVariant, isShown: boolean): void {
  setPlacing(edit, false);
  const phase = edit.phase.peek();
  if (phase.type !== "running" && phase.type !== "result") return;
  if (phase.type === "result" && phase.variants.length === 1) {
    edit.phase.value = { type: "idle" };
    edit.isComparing.value = false;
    const shown = isShown ? phase.variants[0] : undefined;
    edit.showInserted(shown);
    releaseResult(phase, shown);
    return;
  }
  const variants = phase.variants.map((each) =>
    each.result.variant === placed.result.variant ? { ...each, isPlaced: true } : each,
  );
  edit.phase.value = { ...phase, variants };
}

/** Gives a result up. */
export function leaveResult(edit: Edit): void {
  const phase = edit.phase.peek();
  if (phase.type !== "result") return;
  edit.phase.value = { type: "idle" };
  edit.isComparing.value = false;
  releaseResult(phase);
}
