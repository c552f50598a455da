import { OverpaintError } from "../../protocol/overpaint-error.ts";
import { type StylePreset, stylePresets } from "../../protocol/text/style-presets.ts";
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
 * Throws OverpaintError `invalid-request` for an id that no preset has.
 */
export function completePrompt(prompt: string, negativePrompt: string | null, style: string | null): CompletePrompt {
  if (style === null) return { prompt, negativePrompt };
  const preset = presetOf(style);
  return {
    // With nothing to put in, the words that would have joined it go too.
    prompt: hasWords(prompt)
      ? preset.template.replaceAll("{prompt}", () => prompt)
      : preset.template.replaceAll("{prompt}", "").replace(/^[\s,]+|[\s,]+$/g, ""),
    negativePrompt: [negativePrompt, preset.negativePrompt].filter(hasWords).join(", "),
  };
}

function presetOf(style: string): StylePreset {
  const preset = stylePresets.find(({ id }) => id === style);
  if (preset) return preset;
  throw new OverpaintError(
    "invalid-request",
    `There is no style "${style}".`,
    `Choose one of ${stylePresets.map(({ id }) => id).join(", ")}, or none.`,
  );
}
