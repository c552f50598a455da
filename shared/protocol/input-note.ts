import { z } from "zod";
import { editPartNames } from "./edit-request.ts";

/**
 * Something that happened to what was given. To a picture's colours: edits work on 8-bit sRGB. "profile-converted": from the
 * embedded ICC profile. "inks-converted": from CMYK. "gamma-converted": from the gamma a PNG states. "depth-reduced": from
 * more than 8 bits a channel. To the words: "negative-prompt-ignored" by a run without guidance.
 */
export const inputNoteSchema = z.object({
  code: z.enum(["profile-converted", "inks-converted", "gamma-converted", "depth-reduced", "negative-prompt-ignored"]),
  /** The picture it is about; absent where it is about the words. */
  part: z.enum(editPartNames).optional(),
  /** For the designer, a whole sentence. */
  text: z.string(),
});
export type InputNote = z.output<typeof inputNoteSchema>;
