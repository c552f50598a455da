import type { NamedShape } from "../../../../shared/protocol/plugin/selection.ts";
import type { Recipe } from "../../../../shared/protocol/recipe.ts";
import type { Panel } from "../../panel-context.ts";
import { type EditSession, takesMask } from "../../pictures/edit-session.ts";
import type { RecipeAnswer, SandboxLink } from "../../sandbox-link/sandbox-link.ts";
import { applyRecipe } from "./apply-recipe.ts";
import { maskOfText } from "./mask-text.ts";

export interface RecipeContext extends Pick<Panel, "engines" | "sessions" | "settings" | "pixels"> {
  readonly sandbox: Pick<SandboxLink, "readRecipe" | "readMask">;
}

/**
 * Opens what a shape of Overpaint's was made from, as it was then: its picture with the layers that were part of it, words, settings
 * and mask. What of that is gone is said. Throws what reading throws.
 *
 * @param known its recipe, should the shape itself have none
 */
export async function openRecipe(context: RecipeContext, shapeId: string, known?: Recipe): Promise<void> {
  const { sessions } = context;
  const answer = await context.sandbox.readRecipe(shapeId);
  const { recipe = known, madeFrom, drawnOn } = answer;
  if (recipe === undefined) return;
  if (recipe.request.task !== "create") {
    // A picture that was replaced was made from itself.
    const session = await sessions.openShape(madeFrom?.shapeId ?? shapeId);
    if (madeFrom !== undefined && drawnOn !== undefined) await showAsThen(sessions, session, drawnOn);
  }
  const draft = await applyRecipe(context, recipe);
  if (draft?.session === undefined) return;
  const words = [
    ...(madeFrom === undefined ? ["It was made from the picture whose place it took: that one is gone."] : []),
    ...(await restoreMask(context, draft.session, recipe, { ...answer, layerId: shapeId })),
  ];
  for (const each of words) draft.addNotice(each);
}

/** With the layers that the picture had then, and none that came later. */
async function showAsThen(sessions: Panel["sessions"], session: EditSession, drawnOn: readonly string[]) {
  const { drawnOn: shown } = session.source;
  const isAsThen = shown.length === drawnOn.length && drawnOn.every((id) => shown.includes(id));
  if (!isAsThen) await sessions.refresh(session, drawnOn);
}

/** Paints what was painted for a recipe; answers what has to be said of it. */
async function restoreMask(
  { sandbox, pixels }: RecipeContext,
  session: EditSession,
  { request, inputs }: Recipe,
  { mask, madeFrom, layerId }: Pick<RecipeAnswer, "mask" | "madeFrom"> & { readonly layerId: string },
): Promise<readonly string[]> {
  if (!takesMask(request.task) || inputs.mask === undefined) return [];
  const paintAnew = "Paint over what should change.";
  if (mask !== undefined) {
    const isSet = session.replaceMask(await pixels.decodeMask(maskOfText(mask)));
    return isSet ? [] : [`What was painted does not fit the picture any more. ${paintAnew}`];
  }
  const read = async ({ shapeId }: NamedShape) => {
    const { region } = await sandbox.readMask({ shapeId, shapeIds: [layerId], by: "alpha" });
    return await pixels.drawMask(region, session.mask.size);
  };
  const patch = madeFrom && (await read(madeFrom).catch(() => undefined));
  if (patch === undefined) return [`What was painted is not kept. ${paintAnew}`];
  session.applyPatch(patch, "replace");
  return ["What was painted is not kept; the area was read off the layer, which is a little larger."];
}
