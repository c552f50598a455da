import type { Fill, ImageData, Penpot, Shape } from "@penpot/plugin-types";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import type { PanelMessage } from "../../../shared/protocol/plugin-messages.ts";
import type { Recipe } from "../../../shared/protocol/recipe.ts";
import { keepRecipe } from "../keeping/keep-recipe.ts";
import { findSource } from "../reading/find-shape.ts";
import { findVisibleImage, imageFill } from "../reading/image-fill.ts";
import { inUndoBlock } from "./in-undo-block.ts";
import { placementFailed } from "./placement-failed.ts";
import { uploadPicture } from "./upload-picture.ts";

export type ReplaceFillRequest = Extract<PanelMessage, { type: "replace-fill" }>;

/**
 * Puts the result in the place of the picture it was made from, in one undo step: same shape, same crop, same opacity.
 * Answers the shape's id. Throws `source-changed`, `upload-rejected`, `placement-failed`; then the shape is as before.
 */
export async function replaceFill(penpot: Penpot, request: ReplaceFillRequest): Promise<string> {
  findFill(findSource(penpot, request), request.mediaId);
  const media = await uploadPicture(penpot, request);
  // The upload takes time, in which anything can have happened to the source.
  const shape = findSource(penpot, request);
  const { index, image } = findFill(shape, request.mediaId);
  const keepsAspectRatio = image.keepAspectRatio === true;
  const fills = (shape.fills as Fill[]).map((fill, i) =>
    i === index ? imageFill(media, keepsAspectRatio, fill.fillOpacity ?? 1) : fill,
  );
  inUndoBlock(penpot, () => setFills(shape, fills, media, request.recipe));
  return shape.id;
}

function setFills(shape: Shape, fills: Fill[], media: ImageData, recipe: Recipe): void {
  const before = shape.fills as Fill[];
  try {
    shape.fills = fills;
    // Without throwing validation errors, Penpot refuses by doing nothing.
    if (!(shape.fills as Fill[]).some((fill) => fill.fillImage?.id === media.id))
      throw new Error("its picture was not accepted");
    keepRecipe(shape, recipe);
  } catch (cause) {
    shape.fills = before;
    throw placementFailed(cause, shape.isComponentCopyInstance());
  }
}

function findFill(shape: Shape, mediaId: string) {
  const fill = findVisibleImage(shape);
  if (fill?.image.id === mediaId) return fill;
  throw new OverpaintError(
    "source-changed",
    `“${shape.name}” shows another picture now than the one this was made from.`,
    "Insert the result as a new layer, or load the picture again.",
  );
}
