import { type EditPart, editParts } from "../../shared/protocol/edit-request.ts";
import type { EditTask } from "../../shared/protocol/edit-task.ts";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";

/** Throws `invalid-request` for a picture that the task needs and does not get, and for one it has no use for. */
export function requireParts(task: EditTask, given: readonly EditPart[]): void {
  const { needed, optional } = editParts[task];
  const missing = needed.find((part) => !given.includes(part));
  if (missing !== undefined) throw invalid(task, `The part ${missing} is missing.`);
  const useless = given.find((part) => !needed.includes(part) && !optional.includes(part));
  if (useless !== undefined) throw invalid(task, `The part ${useless} is not expected for ${task}.`);
}

function invalid(task: EditTask, message: string): OverpaintError {
  const { needed, optional } = editParts[task];
  const parts = ["request", ...needed, ...optional.map((part) => `${part} (optional)`)].join(", ");
  return new OverpaintError("invalid-request", message, `For ${task} send: ${parts}.`);
}
