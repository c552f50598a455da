import { parsePromptWeights } from "../../../shared/protocol/text/prompt-weights.ts";

/** A part of a prompt that counts more or less than the rest. */
export interface WeightedWords {
  readonly words: string;
  /** Of 1, rounded to hundredths. */
  readonly weight: number;
}

/** The parts of a prompt whose weight was set, in their order. */
export function weightsOf(prompt: string): readonly WeightedWords[] {
  return parsePromptWeights(prompt).flatMap(({ text, weight }) => {
    const words = text.trim().replace(/^[,;]\s*|\s*[,;]$/g, "");
    const rounded = Math.round(weight * 100) / 100;
    return words === "" || rounded === 1 ? [] : [{ words, weight: rounded }];
  });
}
