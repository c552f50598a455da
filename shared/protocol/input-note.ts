import { z } from "zod";
import { editPartNames } from "./edit-request.ts";

/**
 * Something that happened to what was given: that reading a picture changed or left something out, or that something asked for was not read.
 * Edits work on 8-bit sRGB; "profile-converted": from the embedded ICC profile. "inks-converted": from CMYK. "gamma-converted":
 * from the gamma a PNG states. "depth-reduced": from more than 8 bits a channel. "first-frame-used": of an animation or of
 * several pages. "end-missing": the file ends too early, but its picture is complete. "negative-prompt-ignored": by a run
 * without guidance. "settings-ignored": by a model that works without them. "nothing-changed": the model drew the source again.
 * "everything-changed": there is nothing left alone in what it drew. "drawn-coarser": it drew fewer pixels than the picture has.
 * "precision-chosen": the model was computed in what memory allows. "computed-in-single": a component that overflowed in half
 * precision was computed anew in single. "memory-saved": it was planned for less memory than it would have taken, at once or after the
 * device ran out of it.
 */
export const inputNoteSchema = z.object({
  code: z.enum([
    "profile-converted",
    "inks-converted",
    "gamma-converted",
    "depth-reduced",
    "first-frame-used",
    "end-missing",
    "negative-prompt-ignored",
    "settings-ignored",
    "computed-in-single",
    "nothing-changed",
    "everything-changed",
    "drawn-coarser",
    "precision-chosen",
    "memory-saved",
  ]),
  /** The picture it is about; absent where it is about the request. */
  part: z.enum(editPartNames).optional(),
  /** For the designer, a whole sentence. */
  text: z.string(),
});
export type InputNote = z.output<typeof inputNoteSchema>;
