import { z } from "zod";
import { plainText } from "../text/plain-text.ts";

/** Most example prompts that a pack may have. */
export const MAX_EXAMPLES = 3;

/** A name longer than this is none. */
const MAX_SHOWN = 200;
const shownSchema = z.string().max(MAX_SHOWN).transform(plainText);

/** What a pack's overpaint.json says for people. Nothing in it changes what is drawn. */
export const packWordsSchema = z.object({
  name: shownSchema.optional(),
  licence: shownSchema.optional(),
  /** Ids of the style presets that it draws so that they can be told; the panel offers no others for it. Absent: all of them. */
  styles: z.array(z.string().max(40)).optional(),
  /** Prompts that it draws well, for those who do not know yet what to ask it for. */
  examples: z.array(z.string().min(1).max(80).transform(plainText)).max(MAX_EXAMPLES).optional(),
});
export type PackWords = z.output<typeof packWordsSchema>;
