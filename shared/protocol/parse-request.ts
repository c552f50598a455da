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
  const message =
    brokenNumber(issue, input) ??
    outOfBounds(parsed.error, input) ??
    `${issue.path.join(".") || "request"}: ${issue.message}`;
  throw new OverpaintError("invalid-request", message, remedy, { cause: parsed.error });
}

/** A sentence for a number with a fraction where a whole one belongs; undefined for every other issue. */
function brokenNumber(issue: z.core.$ZodIssue, input: unknown): string | undefined {
  const value = issue.path.reduce<unknown>(readField, input);
  if (issue.code !== "invalid_type" || issue.expected !== "int" || typeof value !== "number") return undefined;
  return `${issue.path.join(".")} is ${value}; it must be a whole number.`;
}

/** A sentence for a number beyond its bounds, naming the tightest one; undefined for every other first issue. */
function outOfBounds({ issues }: z.core.$ZodError, input: unknown): string | undefined {
  const [first] = issues;
  if ((first?.code !== "too_big" && first?.code !== "too_small") || !/^(number|int)$/.test(first.origin))
    return undefined;
  const path = first.path.join(".");
  const value = first.path.reduce<unknown>(readField, input);
  const same = issues.filter((issue) => issue.code === first.code && issue.path.join(".") === path);
  if (first.code === "too_big") {
    const most = Math.min(...same.map((issue) => Number(issue.code === "too_big" && issue.maximum)));
    return `${path} is ${value}; it may be at most ${most}.`;
  }
  const least = Math.max(...same.map((issue) => Number(issue.code === "too_small" && issue.minimum)));
  return `${path} is ${value}; it must be ${first.inclusive === false ? "more than" : "at least"} ${least}.`;
}

function readField(value: unknown, key: PropertyKey): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}
