import type { z } from "zod";
import { OverpaintError } from "../../protocol/overpaint-error.ts";

/** Python writes infinities and NaN as bare words, which JSON does not have. They become strings. */
const BARE_NUMBER = /([:[,]\s*)(-?Infinity|NaN)(?=\s*[,}\]])/g;

/** Parses a pack's JSON file. Throws OverpaintError `damaged-model` naming the file and, where known, the field. */
export function parseJson<Schema extends z.ZodType>(path: string, text: string, schema: Schema): z.output<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(BARE_NUMBER, '$1"$2"'));
  } catch (cause) {
    throw damaged(path, "is not JSON", cause);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw damaged(path, `has a wrong value at "${issue.path.join(".")}": ${issue.message}`, parsed.error);
}

function damaged(path: string, problem: string, cause: unknown): OverpaintError {
  return new OverpaintError("damaged-model", `The model's ${path} ${problem}.`, "Install the model again.", { cause });
}
