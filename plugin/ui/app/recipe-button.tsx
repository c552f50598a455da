import { toErrorData } from "../../../shared/protocol/overpaint-error.ts";
import type { Recipe } from "../../../shared/protocol/recipe.ts";
import { IconButton } from "../controls/icon-button.tsx";
import { restoreSettings } from "../jobs/restore-settings.ts";
import { type Panel, usePanel } from "../panel-context.ts";
import type { EditSession } from "../pictures/edit-session.ts";
import { tabOf } from "./task-names.ts";

/** For a layer that Overpaint made: opens what it was made from, with everything set as it was. */
export function RecipeButton({ session }: { readonly session: EditSession }) {
  const panel = usePanel();
  if (session.shape.value.made === undefined) return null;
  return (
    <IconButton icon="layers" label="Open the recipe of this layer" onClick={() => void openRecipe(panel, session)} />
  );
}

async function openRecipe(panel: Panel, session: EditSession): Promise<void> {
  const { sandbox, sessions, settings } = panel;
  const draft =
    settings.task.peek() === "create" ? sessions.creation : session.drafts[settings.task.peek() as "inpaint"];
  try {
    const { made } = session.shape.peek();
    const { recipe } = await sandbox.readRecipe(session.shape.peek().shapeId);
    if (recipe === undefined) return;
    if (made?.source !== undefined) await sessions.openShape(made.source.shapeId);
    applyRecipe(panel, recipe);
  } catch (error) {
    draft.problem.value = { error: toErrorData(error), fixes: [] };
  }
}

/** Sets the panel as it was for a recipe: tab, words, model, seed and all else that it says. */
export function applyRecipe(
  { sessions, settings }: Pick<Panel, "sessions" | "settings">,
  { request, variant }: Recipe,
): void {
  const tab = tabOf(request.task);
  if (tab === undefined) return;
  restoreSettings(settings, { request, source: undefined });
  settings.setSeed(request.seed + variant);
  const draft = tab === "create" ? sessions.creation : sessions.current.peek()?.drafts[tab];
  if (draft === undefined) return;
  draft.show(undefined);
  draft.prompt.value = request.prompt;
  if (request.task === "outpaint") draft.session?.setSides(request);
}
