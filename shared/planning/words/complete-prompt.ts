import type { ModelFacts } from "../../protocol/models/model-facts.ts";
import { OverpaintError } from "../../protocol/overpaint-error.ts";
import { type StyleWords, stylePresets } from "../../protocol/text/style-presets.ts";
import { hasWords } from "./has-words.ts";

export interface CompletePrompt {
  readonly prompt: string;
  /** Null: there is none. */
  readonly negativePrompt: string | null;
}

/**
 * Puts the prompt into a style's template, and the style's negative words behind the designer's own.
 *
 * @param style id of a preset, or null for none
 * @param styleWords what the model wants to be told instead of a preset's own words, by the presets' ids
 * Throws OverpaintError `invalid-request` for an id that no preset has.
 */
export function completePrompt(
  prompt: string,
  negativePrompt: string | null,
  style: string | null,
  styleWords: ModelFacts["styleWords"],
): CompletePrompt {
  if (style === null) return { prompt, negativePrompt };
  const { template, negativePrompt: unwanted } = wordsOf(style, styleWords);
  return {
    // With nothing to put in, the words that would have joined it go too.
    prompt: hasWords(prompt)
      ? template.replaceAll("{prompt}", () => prompt)
      : template.replaceAll("{prompt}", "").replace(/^[\s,]+|[\s,]+$/g, ""),
    negativePrompt: [negativePrompt, unwanted].filter(hasWords).join(", "),
  };
}

function wordsOf(style: string, styleWords: ModelFacts["styleWords"]): StyleWords {
  const preset = stylePresets.find(({ id }) => id === style);
  if (preset) return styleWords?.[style] ?? preset;
  throw new OverpaintError(
    "invalid-request",
    `There is no style "${style}".`,
    `Choose one of ${stylePresets.map(({ id }) => id).join(", ")}, or none.`,
  );
}
