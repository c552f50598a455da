import { controlParts } from "./control.ts";
import { type EditPart, type EditRequest, editParts, referenceParts } from "./edit-request.ts";
import type { EditTask } from "./edit-task.ts";
import { OverpaintError } from "./overpaint-error.ts";

/** Throws `invalid-request` for a picture that the task needs and does not get, and for one it has no use for. */
export function requireParts({ task, controls, referenceModel }: EditRequest, given: readonly EditPart[]): void {
  const { needed, optional } = editParts[task];
  const missing = needed.find((part) => !given.includes(part));
  if (missing !== undefined) throw invalid(task, `The part ${missing} is missing.`);
  const useless = given.find((part) => !needed.includes(part) && !optional.includes(part));
  if (useless !== undefined) throw invalid(task, `The part ${useless} is not expected for ${task}.`);
  const references = referenceParts.filter((part) => given.includes(part)).length;
  if (references > 0 && referenceModel === null && task !== "restyle" && task !== "edit")
    throw invalid(task, `The part reference needs a referenceModel for ${task}.`);
  const awaited = referenceParts.slice(0, referenceModel === null ? references : Math.max(references, 1));
  const absent = awaited.find((part) => !given.includes(part));
  if (absent !== undefined) throw invalid(task, `The part ${absent} is missing.`);
  const idle = controlParts.slice(controls.length).find((part) => given.includes(part));
  if (idle !== undefined) throw invalid(task, `The part ${idle} belongs to no control of the request.`);
}

function invalid(task: EditTask, message: string): OverpaintError {
  const { needed, optional } = editParts[task];
  const isControl = (part: EditPart) => controlParts.some((control) => control === part);
  const named = optional.filter((part) => !isControl(part)).map((part) => `${part} (optional)`);
  const controls = optional.some(isControl) ? ["control-0 and so on, one for each of the request's controls"] : [];
  const parts = ["request", ...needed, ...named, ...controls].join(", ");
  return new OverpaintError("invalid-request", message, `For ${task} send: ${parts}.`);
}
