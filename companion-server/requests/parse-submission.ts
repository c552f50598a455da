import { type JobSubmission, jobSubmissionSchema } from "../../shared/protocol/api.ts";
import { controlParts } from "../../shared/protocol/control.ts";
import { type EditPart, type EditRequest, editParts, editRequestSchema } from "../../shared/protocol/edit-request.ts";
import type { EditTask } from "../../shared/protocol/edit-task.ts";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import { parseRequest } from "../../shared/protocol/parse-request.ts";

/** Parses the JSON of a job's `request` part. Throws `invalid-request` or `prompt-too-long`, naming the field. */
export function parseSubmission(json: string): JobSubmission {
  let input: unknown;
  try {
    input = JSON.parse(json);
  } catch (cause) {
    throw new OverpaintError("invalid-request", "The part request is not JSON.", "See /api/v1/openapi.json.", {
      cause,
    });
  }
  return parseRequest(jobSubmissionSchema, input, "What each field may be is described in /api/v1/openapi.json.");
}

/** Checks an edit request from outside and fills in its defaults. Throws as `parseSubmission` does. */
export function parseEditRequest(input: unknown): EditRequest {
  return parseRequest(editRequestSchema, input, "The command's --help describes its options.");
}

/** Throws `invalid-request` for a picture that the task needs and does not get, and for one it has no use for. */
export function requireParts({ task, controls, referenceModel }: EditRequest, given: readonly EditPart[]): void {
  const { needed, optional } = editParts[task];
  const missing = needed.find((part) => !given.includes(part));
  if (missing !== undefined) throw invalid(task, `The part ${missing} is missing.`);
  const useless = given.find((part) => !needed.includes(part) && !optional.includes(part));
  if (useless !== undefined) throw invalid(task, `The part ${useless} is not expected for ${task}.`);
  if (given.includes("reference") && referenceModel === null && task !== "restyle" && task !== "edit")
    throw invalid(task, `The part reference needs a referenceModel for ${task}.`);
  if (referenceModel !== null && !given.includes("reference")) throw invalid(task, "The part reference is missing.");
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
