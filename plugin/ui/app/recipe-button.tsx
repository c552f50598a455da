import { toErrorData } from "../../../shared/protocol/overpaint-error.ts";
import { IconButton } from "../controls/icon-button.tsx";
import { openRecipe } from "../jobs/recipes/open-recipe.ts";
import { type Panel, usePanel } from "../panel-context.ts";
import type { EditSession } from "../pictures/edit-session.ts";

/** For a layer that Overpaint made: opens what it was made from, with everything set as it was. */
export function RecipeButton({ session }: { readonly session: EditSession }) {
  const panel = usePanel();
  if (session.shape.value.made === undefined) return null;
  return <IconButton icon="layers" label="Open the recipe of this layer" onClick={() => void open(panel, session)} />;
}

async function open(panel: Panel, session: EditSession): Promise<void> {
  try {
    await openRecipe(panel, session.shape.peek().shapeId);
  } catch (error) {
    const draft = panel.sessions.draftOf(panel.settings.task.value);
    if (draft !== undefined) draft.problem.value = { error: toErrorData(error), fixes: [] };
  }
}
