import { type OutpaintRequest, referenceParts } from "../../../../shared/protocol/edit-request.ts";
import type { Recipe } from "../../../../shared/protocol/recipe.ts";
import type { Settings } from "../../app/settings.ts";
import { tabOf } from "../../app/task-names.ts";
import { type Sides, sidesForBoard } from "../../extend/extension.ts";
import type { Panel } from "../../panel-context.ts";
import type { Draft } from "../../pictures/draft.ts";
import type { EditSession } from "../../pictures/edit-session.ts";
import { restoreSettings } from "./restore-settings.ts";

/**
 * Sets the panel as it was for a recipe: tab, words, model, seed and all else that it says, for the picture that is open. Answers
 * the draft that is set; there is none where no picture is open.
 */
export function applyRecipe(
  { sessions, settings }: Pick<Panel, "sessions" | "settings">,
  recipe: Recipe,
): Draft | undefined {
  const { request, variant } = recipe;
  const tab = tabOf(request.task);
  const session = sessions.current.peek();
  restoreSettings(settings, { request, source: session?.mask.size });
  settings.setSeed(request.seed + variant);
  dropReferences(settings, recipe);
  const draft = sessions.draftOf(tab);
  if (draft === undefined) return undefined;
  draft.show(undefined);
  draft.clearMessages();
  draft.prompt.value = request.prompt;
  if (request.task === "outpaint" && session !== undefined) session.extension.setSides(sidesOf(request, session));
  return draft;
}

/** Pictures that were chosen for another edit and that this one was drawn without. */
function dropReferences(settings: Settings, { request, inputs }: Recipe): void {
  const sent = referenceParts.filter((part) => inputs[part] !== undefined).length;
  const references = settings.referencesOf(tabOf(request.task));
  references.value = references.peek().slice(0, sent);
}

/** The borders that ask for an extension: a request counts from the whole picture, borders from what shows of it. */
export function sidesOf({ left, right, top, bottom }: OutpaintRequest, { visible, mask }: EditSession): Sides {
  const shown = visible.peek();
  const { width, height } = mask.size;
  const x = left > 0 ? -left : shown.x;
  const y = top > 0 ? -top : shown.y;
  const endX = right > 0 ? width + right : shown.x + shown.width;
  const endY = bottom > 0 ? height + bottom : shown.y + shown.height;
  return sidesForBoard(shown, { x, y, width: endX - x, height: endY - y });
}
