import type { Board, Ellipse, Group, ImageData, Penpot, Rectangle, Shape } from "@penpot/plugin-types";
import type { PanelMessage } from "../../shared/protocol/plugin-messages.ts";
import { findSource } from "./find-shape.ts";
import { fitLayer, layerBox, tidy } from "./fit-layer.ts";
import { imageFill, visibleImageFill } from "./image-fill.ts";
import type { BoxRect } from "./image-mapping.ts";
import { inUndoBlock } from "./in-undo-block.ts";
import { keepRecipe } from "./keep-recipe.ts";
import { placementFailed } from "./placement-failed.ts";
import { readShapeFrame, type ShapeFrame, toPage, uprightSize } from "./shape-frame.ts";
import { pictureName, uploadPicture } from "./upload-picture.ts";

export type PlaceLayerRequest = Extract<PanelMessage, { type: "place-layer" }>;

/**
 * Lays the result to its source as a new shape, in one undo step, and selects it. Answers the new shape's id.
 *
 * The source's geometry is that of the moment of placing, so a source that was moved, turned or scaled meanwhile gets its
 * layer where it is now. Throws `source-changed`, `upload-rejected`, `placement-failed`; then the page is as before.
 */
export async function placeLayer(penpot: Penpot, request: PlaceLayerRequest): Promise<string> {
  findSource(penpot, request);
  const media = await uploadPicture(penpot, request);
  // The upload takes time, in which anything can have happened to the source.
  const source = findSource(penpot, request);
  const keepsAspectRatio = visibleImageFill(source)?.keepAspectRatio === true;
  const box = boxOf(request, source, keepsAspectRatio);
  const frame = readShapeFrame(penpot, source);
  return inUndoBlock(penpot, () => insertLayer(penpot, { request, media, source, box, frame, keepsAspectRatio })).id;
}

/** Where the layer lies in the source's box. */
function boxOf({ place, layer, image }: PlaceLayerRequest, source: Shape, keepsAspectRatio: boolean): BoxRect {
  switch (place) {
    case "part":
      return fitLayer(layer, image, source, keepsAspectRatio);
    case "whole":
      return { x: 0, y: 0, width: source.width, height: source.height };
    case "around":
      return layerBox(layer, image, source, keepsAspectRatio);
    default:
      return place satisfies never;
  }
}

interface Insertion {
  readonly request: PlaceLayerRequest;
  readonly media: ImageData;
  readonly source: Shape;
  readonly box: BoxRect;
  readonly frame: ShapeFrame;
  readonly keepsAspectRatio: boolean;
}

function insertLayer(penpot: Penpot, insertion: Insertion): Shape {
  const { request, media, source, keepsAspectRatio } = insertion;
  const isWhole = request.place === "whole";
  const layer = isWhole && source.type === "ellipse" ? penpot.createEllipse() : penpot.createRectangle();
  try {
    layer.name = pictureName(request.name);
    layer.fills = [imageFill(media, isWhole && keepsAspectRatio)];
    if (request.place === "around") insertBeneath(layer, source);
    else insertAbove(layer, source);
    placeInFrame(layer, insertion);
    if (isWhole) takeCorners(layer, source);
    keepRecipe(layer, request.recipe);
    // Without throwing validation errors, Penpot refuses by doing nothing.
    if (layer.fills[0]?.fillImage?.id !== media.id) throw new Error("its picture was not accepted");
    penpot.selection = [layer];
    return layer;
  } catch (cause) {
    layer.remove();
    throw placementFailed(cause, source.isComponentCopyInstance());
  }
}

/** Directly above the source in its parent, so that nothing that lay over the source is covered. */
function insertAbove(layer: Shape, source: Shape): void {
  if (source.type === "board") {
    // A board's picture lies under its children.
    source.insertChild(0, layer);
    return;
  }
  const sibling = outsideBooleans(source);
  insertInto(parentOf(sibling), sibling.parentIndex + 1, layer);
}

/** Directly beneath the source: what it shows stays as it is, and so does all that lies under both. */
function insertBeneath(layer: Shape, source: Shape): void {
  const sibling = outsideBooleans(source);
  insertInto(parentOf(sibling), sibling.parentIndex, layer);
}

function insertInto(parent: Board | Group, index: number, layer: Shape): void {
  parent.insertChild(index, layer);
  if (layer.parent?.id !== parent.id) throw new Error(`it could not be put into “${parent.name}”`);
}

/** Whatever joins a boolean takes part in its outline. */
function outsideBooleans(shape: Shape): Shape {
  let outside = shape;
  while (outside.parent?.type === "boolean") outside = outside.parent;
  return outside;
}

function parentOf(shape: Shape): Board | Group {
  const parent = shape.parent as Board | Group | null;
  if (!parent) throw new Error("the source has no parent");
  return parent;
}

function placeInFrame(layer: Rectangle | Ellipse, { source, box, frame }: Insertion): void {
  // In a flex or grid layout the layer must lie where the picture is and not become the next item.
  if (layer.layoutChild) layer.layoutChild.absolute = true;
  layer.resize(box.width, box.height);
  // Mirroring first, while the shape is upright, keeps Penpot's flags and matrix in step; assigning always toggles.
  if (frame.flipX) layer.flipX = true;
  if (frame.flipY) layer.flipY = true;
  if (frame.rotation !== 0) layer.rotation = frame.rotation;
  const center = toPage(frame, {
    x: box.x + box.width / 2 - source.width / 2,
    y: box.y + box.height / 2 - source.height / 2,
  });
  const upright = uprightSize(frame, box);
  layer.x = tidy(center.x - upright.width / 2);
  layer.y = tidy(center.y - upright.height / 2);
}

/** A picture with round corners gets a layer with the same. */
function takeCorners(layer: Shape, source: Shape): void {
  if (layer.type !== "rectangle" || !(source.borderRadius > 0)) return;
  layer.borderRadius = source.borderRadius;
}
