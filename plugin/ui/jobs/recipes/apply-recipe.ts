import { controlParts } from "../../../../shared/protocol/control.ts";
import { type OutpaintRequest, referenceParts } from "../../../../shared/protocol/edit-request.ts";
import type { DrawingTask } from "../../../../shared/protocol/edit-task.ts";
import type { ModelId } from "../../../../shared/protocol/models/model-facts.ts";
import type { Recipe } from "../../../../shared/protocol/recipe.ts";
import type { Settings } from "../../app/settings.ts";
import { tabOf } from "../../app/task-names.ts";
import { type Sides, sidesForBoard } from "../../extend/extension.ts";
import { missingError, missingModels } from "../../models/missing-models.ts";
import { fittingModels, stylesOf } from "../../models/model-for.ts";
import type { Panel } from "../../panel-context.ts";
import { type ChosenPicture, isKept, LOST, lostWords } from "../../pictures/chosen-pictures.ts";
import type { Draft } from "../../pictures/draft.ts";
import type { EditSession } from "../../pictures/edit-session.ts";
import { restoreSettings } from "./restore-settings.ts";

/**
 * Sets the panel as it was for a recipe: tab, words, model, seed and all else that it says, for the picture that is open, and says
 * which of its pictures, models and styles are missing. Answers the draft that is set; there is none where no picture is open.
 */
export async function applyRecipe(
  { engines, sessions, settings }: Pick<Panel, "engines" | "sessions" | "settings">,
  recipe: Recipe,
): Promise<Draft | undefined> {
  const { request, variant } = recipe;
  const tab = tabOf(request.task);
  const chosen = await chosenByDigest(settings, tab);
  const session = sessions.current.peek();
  restoreSettings(settings, { request, source: session?.mask.size });
  settings.setSeed(request.seed + variant);
  const lost = restorePictures(settings, recipe, chosen);
  const draft = sessions.draftOf(tab);
  if (draft === undefined) return undefined;
  draft.show(undefined);
  draft.clearMessages();
  draft.prompt.value = request.prompt;
  if (lost > 0) draft.addNotice(lostWords(lost));
  const fitting = fittingModels(engines.models.peek(), request.model);
  const missing = missingError(missingModels(settings, tab, request.model, fitting));
  if (missing) draft.addNotice(`${missing.message} ${missing.remedy}`);
  if (request.task === "restyle" && request.style !== null && !stylesOf(fitting).some(({ id }) => id === request.style))
    draft.addNotice(notOffered("style", request.style, request.model));
  if (fitting.isThere && settings.drawing.precisionOf(fitting.precisions) !== request.precision)
    draft.addNotice(notOffered("precision", request.precision, request.model));
  if (request.task === "outpaint" && session !== undefined) session.extension.setSides(sidesOf(request, session));
  return draft;
}

function notOffered(setting: "style" | "precision", value: string, model: ModelId): string {
  return `The ${setting} that this was drawn in, ${value}, is not offered for ${model} any more.`;
}

/** The pictures that are chosen beside a tab's own, by their SHA-256; none where the page is not served securely. */
async function chosenByDigest(settings: Settings, tab: DrawingTask): Promise<ReadonlyMap<string, ChosenPicture>> {
  const { subtle } = crypto as { readonly subtle?: SubtleCrypto };
  const ofControls = settings.controls.choices.peek().flatMap(({ picture }) => picture ?? []);
  const byDigest = new Map<string, ChosenPicture>();
  for (const picture of [...settings.referencesOf(tab).peek(), ...ofControls].filter(isKept)) {
    const digest = await subtle?.digest("SHA-256", picture.bytes);
    if (digest) byDigest.set(Array.from(new Uint8Array(digest), hex).join(""), picture);
  }
  return byDigest;
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

/** Chooses what a recipe was drawn with beside its source, whatever was chosen since. Answers how many of these pictures are lost. */
function restorePictures(
  settings: Settings,
  { request, inputs }: Recipe,
  chosen: ReadonlyMap<string, ChosenPicture>,
): number {
  const pictureOf = (digest: string) => chosen.get(digest) ?? LOST;
  const references = referenceParts.flatMap((part) => inputs[part] ?? []).map(pictureOf);
  settings.referencesOf(tabOf(request.task)).value = references;
  const ofControls = controlParts.map((part) => inputs[part] && pictureOf(inputs[part]));
  for (const [k, picture] of ofControls.entries()) if (picture) settings.controls.change(k, { picture });
  return [...references, ...ofControls].filter((picture) => picture === LOST).length;
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
