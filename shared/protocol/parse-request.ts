import type { z } from "zod";
import { OverpaintError } from "./overpaint-error.ts";

/**
 * Checks what came from outside against a schema and fills in its defaults. Throws `prompt-too-long`, or
 * `invalid-request` naming the field. `remedy` says where the allowed values are described.
 */
export function parseRequest<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  remedy?: string,
): z.output<Schema> {
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
  throw new OverpaintError("invalid-request", `${issue.path.join(".") || "request"}: ${issue.message}`, remedy, {
    cause: parsed.error,
  });
}

function readField(value: unknown, key: PropertyKey): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}
