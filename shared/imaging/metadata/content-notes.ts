import { type EditPart, partName } from "../../protocol/edit-request.ts";
import type { InputNote } from "../../protocol/input-note.ts";

/** What of a file an edit does not see. */
export interface FileContent {
  /** Frames of an animation or pages of a document; the first is the picture. */
  readonly frames: number;
  /** Whether the file ends too early although every row of its picture is there. */
  readonly lacksEnd: boolean;
}

/** What reading such a file leaves out, in words for the designer. Empty for a whole picture. */
export function contentNotes(part: EditPart, { frames, lacksEnd }: FileContent): readonly InputNote[] {
  const picture = partName(part);
  const notes: InputNote[] = [];
  if (frames > 1)
    notes.push({
      code: "first-frame-used",
      part,
      text: `Only the first of ${picture.toLowerCase()}'s ${frames} frames was used.`,
    });
  if (lacksEnd)
    notes.push({ code: "end-missing", part, text: `${picture}'s file ends too early, but all of its rows are there.` });
  return notes;
}
