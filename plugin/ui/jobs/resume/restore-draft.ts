import type { Job, JobId } from "../../../../shared/protocol/api.ts";
import type { EngineChoice } from "../../engines/engine-choice.ts";
import { sidesForBoard } from "../../extend/extension.ts";
import type { Draft } from "../../pictures/draft.ts";
import { takesMask } from "../../pictures/edit-session.ts";
import type { PixelTools } from "../../pixels/pixel-tools.ts";
import { sidesOf } from "../recipes/apply-recipe.ts";

const CLOSED_PANEL_NOTICE = "This edit was running while the panel was closed.";

export interface RestoreOptions {
  readonly engines: EngineChoice;
  readonly pixels: PixelTools;
}

/** Puts a draft back to what it was when the job was started, as far as that is known, and says why. */
export function restoreDraft(draft: Draft, { id, request, target }: Job, options: RestoreOptions): void {
  if (draft.prompt.peek() === "") draft.prompt.value = request.prompt;
  const { session } = draft;
  if (request.task === "outpaint" && session !== undefined)
    session.extension.setSides(
      target?.frame ? sidesForBoard(session.visible.peek(), target.frame) : sidesOf(request, session),
    );
  draft.hideInserted();
  draft.notice.value = CLOSED_PANEL_NOTICE;
  if (takesMask(request.task)) void restoreMask(draft, id, options);
}

async function restoreMask(draft: Draft, id: JobId, { engines, pixels }: RestoreOptions): Promise<void> {
  const { session } = draft;
  try {
    if (session?.restoreMask(await pixels.decodeMask(await engines.companionEngine.readPart(id, "mask")))) return;
  } catch {
    // The result can be inserted without it; only another edit of the same place needs it.
  }
  if (draft.notice.peek()?.startsWith(CLOSED_PANEL_NOTICE)) draft.addNotice("The painted area is not known.");
}
