import type { Fill, ImageData, Penpot, Shape } from "@penpot/plugin-types";
import type { PanelMessage } from "../../../shared/protocol/plugin-messages.ts";
import { keepRecipe } from "../keeping/keep-recipe.ts";
import { findShape } from "../reading/find-shape.ts";
import { imageFill } from "../reading/image-fill.ts";
import { inUndoBlock } from "./in-undo-block.ts";
import { placementFailed } from "./placement-failed.ts";
import { pictureName, uploadPicture } from "./upload-picture.ts";

export type PlacePictureRequest = Extract<PanelMessage, { type: "place-picture" }>;

/**
 * Puts a picture from nothing into the shape, over its other fills, or onto the page, one unit a pixel, in the middle of
 * what shows. One undo step. Answers the id of the shape that shows it.
 * Throws `source-changed`, `upload-rejected`, `placement-failed`; then the page is as before.
 */
export async function placePicture(penpot: Penpot, request: PlacePictureRequest): Promise<string> {
  const { shapeId } = request;
  if (shapeId !== undefined) findShape(penpot, shapeId);
  const media = await uploadPicture(penpot, request);
  if (shapeId === undefined) return inUndoBlock(penpot, () => addToPage(penpot, request, media)).id;
  const shape = findShape(penpot, shapeId);
  inUndoBlock(penpot, () => fillShape(shape, request, media));
  return shape.id;
}

function addToPage(penpot: Penpot, { name, size, recipe }: PlacePictureRequest, media: ImageData): Shape {
  const shape = penpot.createRectangle();
  try {
    shape.name = pictureName(name);
    shape.fills = [imageFill(media, false)];
    shape.resize(size.width, size.height);
    const { x, y } = penpot.viewport.center;
    shape.x = Math.round(x - size.width / 2);
    shape.y = Math.round(y - size.height / 2);
    keepRecipe(shape, recipe);
    requirePicture(shape, media);
    penpot.selection = [shape];
    return shape;
  } catch (cause) {
    shape.remove();
    throw placementFailed(cause, false);
  }
}

function fillShape(shape: Shape, { recipe }: PlacePictureRequest, media: ImageData): void {
  const before = shape.fills as Fill[];
  try {
    // Covers the shape without being stretched; the fills it had stay beneath it.
    shape.fills = [imageFill(media, true), ...before];
    requirePicture(shape, media);
    keepRecipe(shape, recipe);
  } catch (cause) {
    shape.fills = before;
    throw placementFailed(cause, shape.isComponentCopyInstance());
  }
}

/** Without throwing validation errors, Penpot refuses by doing nothing. */
function requirePicture(shape: Shape, media: ImageData): void {
  if ((shape.fills as Fill[])[0]?.fillImage?.id !== media.id) throw new Error("its picture was not accepted");
}
