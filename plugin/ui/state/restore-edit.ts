import type { Job, JobId } from "../../../shared/protocol/api.ts";
import type { EngineChoice } from "../engines/engine-choice.ts";
import type { PixelTools } from "../pixels/pixel-tools.ts";
import type { Edit } from "./edit.ts";

const CLOSED_PANEL_NOTICE = "This edit was running while the panel was closed.";

export interface RestoreOptions {
  readonly engines: EngineChoice;
  readonly pixels: PixelTools;
}

/** Puts an edit back to what it was when the job was started, as far as that is known, and says why. */
export function restoreEdit(edit: Edit, { id, request }: Job, options: RestoreOptions): void {
  if (edit.prompt.peek() === "") edit.prompt.value = request.prompt;
  if (request.task === "outpaint") edit.session?.setSides(request);
  edit.showInserted(undefined);
  edit.notice.value = CLOSED_PANEL_NOTICE;
  if (request.task === "inpaint") void restoreMask(edit, id, options);
}

/** Says so where a result was drawn after a picture that this panel does not have. */
export function missReference({ task, chosen, notice }: Edit): void {
  if (chosen.peek()?.result.recipe.inputs.reference === undefined || notice.peek() !== CLOSED_PANEL_NOTICE) return;
  const picture = task === "restyle" ? "style picture" : "reference picture";
  notice.value = `${CLOSED_PANEL_NOTICE} Choose its ${picture} once more before you run it again.`;
}

async function restoreMask({ session, notice }: Edit, id: JobId, { engines, pixels }: RestoreOptions): Promise<void> {
  try {
    if (session?.restoreMask(await pixels.decodeMask(await engines.companionEngine.readPart(id, "mask")))) return;
  } catch {
    // The result can be inserted without it; only another edit of the same place needs it.
  }
  if (notice.peek() === CLOSED_PANEL_NOTICE) notice.value = `${CLOSED_PANEL_NOTICE} The painted area is not known.`;
}
