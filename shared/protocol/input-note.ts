import { z } from "zod";
import { editPartNames } from "./edit-request.ts";

/**
 * Something that reading a picture changed or left out. Edits work on 8-bit sRGB; "profile-converted": from the embedded
 * ICC profile. "inks-converted": from CMYK. "gamma-converted": from the gamma a PNG states. "depth-reduced": from more than
 * 8 bits a channel. "first-frame-used": of an animation or of several pages. "end-missing": the file ends too early, but
 * its picture is complete.
 */
export const inputNoteSchema = z.object({
  code: z.enum([
    "profile-converted",
    "inks-converted",
    "gamma-converted",
    "depth-reduced",
    "first-frame-used",
    "end-missing",
  ]),
  part: z.enum(editPartNames),
  /** For the designer, a whole sentence. */
  text: z.string(),
});
export type InputNote = z.output<typeof inputNoteSchema>;
