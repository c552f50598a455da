import type { EditRequest } from "../../protocol/edit-request.ts";
import type { InputNote } from "../../protocol/input-note.ts";
import type { ModelFacts } from "../../protocol/model-facts.ts";
import type { Plan } from "../../protocol/plan.ts";
import { hasWords } from "./has-words.ts";

/** Says which words of a request the run it was planned for does not read. Empty where all count. */
export function noteIgnoredWords(
  { negativePrompt }: EditRequest,
  { guidanceScale }: Plan,
  { isGuidable }: ModelFacts,
): readonly InputNote[] {
  if (!hasWords(negativePrompt) || (isGuidable && guidanceScale > 1)) return [];
  const text = isGuidable
    ? `The negative prompt had no effect: at guidance ${guidanceScale} only the prompt is read. More than 1 makes it count.`
    : "The negative prompt had no effect: this model draws without guidance.";
  return [{ code: "negative-prompt-ignored", text }];
}
