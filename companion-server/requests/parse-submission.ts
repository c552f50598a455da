import type { z } from "zod";
import { type JobSubmission, jobSubmissionSchema } from "../../shared/protocol/api.ts";
import { type EditRequest, editRequestSchema } from "../../shared/protocol/edit-request.ts";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import { parseRequest } from "../../shared/protocol/parse-request.ts";
import { type SelectionRequest, selectionRequestSchema } from "../../shared/protocol/selection.ts";

/** Parses the JSON of a job's `request` part. Throws `invalid-request` or `prompt-too-long`, naming the field. */
export function parseSubmission(json: string): JobSubmission {
  return parsePart(json, jobSubmissionSchema);
}

/** As `parseSubmission`, of a selection. */
export function parseSelection(json: string): SelectionRequest {
  return parsePart(json, selectionRequestSchema);
}

function parsePart<Schema extends z.ZodType>(json: string, schema: Schema): z.output<Schema> {
  let input: unknown;
  try {
    input = JSON.parse(json);
  } catch (cause) {
    throw new OverpaintError("invalid-request", "The part request is not JSON.", "See /api/v1/openapi.json.", {
      cause,
    });
  }
  return parseRequest(schema, input, "What each field may be is described in /api/v1/openapi.json.");
}

/** Checks an edit request from outside and fills in its defaults. Throws as `parseSubmission` does. */
export function parseEditRequest(input: unknown): EditRequest {
  return parseRequest(editRequestSchema, input, "The command's --help describes its options.");
}
