import type { z } from "zod";
import { type JobSubmission, jobSubmissionSchema } from "../../shared/protocol/api.ts";
import { type EditRequest, editRequestSchema } from "../../shared/protocol/edit-request.ts";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";

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
  return parse(jobSubmissionSchema, input);
}

/** Checks an edit request from outside and fills in its defaults. Throws as `parseSubmission` does. */
export function parseEditRequest(input: unknown): EditRequest {
  return parse(editRequestSchema, input);
}

function parse<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  // zod reports at least one issue for every failure.
  const issue = parsed.error.issues[0]!;
  const field = String(issue.path.at(-1) ?? "request");
  if (issue.code === "too_big" && /prompt/i.test(field)) {
    const length = String(issue.path.reduce<unknown>(readField, input)).length;
    throw new OverpaintError(
      "prompt-too-long",
      `The ${field === "prompt" ? "prompt" : "negative prompt"} has ${length} characters; ${issue.maximum} are allowed.`,
      "Shorten it.",
    );
  }
  throw new OverpaintError("invalid-request", `${issue.path.join(".") || "request"}: ${issue.message}`, undefined, {
    cause: parsed.error,
  });
}

function readField(value: unknown, key: PropertyKey): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}
