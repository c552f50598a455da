import type { Ellipse, ImageData, Penpot, Rectangle, Shape } from "@penpot/plugin-types";
import type { LayerStacking, PanelMessage } from "../../../shared/protocol/plugin-messages.ts";
import { fitLayer, layerBox, tidy } from "../geometry/fit-layer.ts";
import type { BoxRect } from "../geometry/image-mapping.ts";
import { readShapeFrame, type ShapeFrame, toPage, uprightSize } from "../geometry/shape-frame.ts";
import { keepRecipe, keepSource } from "../keeping/keep-recipe.ts";
import { findSource } from "../reading/find-shape.ts";
import { imageFill, visibleImageFill } from "../reading/image-fill.ts";
import { inUndoBlock } from "./in-undo-block.ts";
import { placementFailed } from "./placement-failed.ts";
import { placeAbove, placeBehind, type StackPlace } from "./stack-place.ts";
import { pictureName, uploadPicture } from "./upload-picture.ts";

export type PlaceLayerRequest = Extract<PanelMessage, { type: "place-layer" }>;

export interface PlacedLayer {
  readonly shapeId: string;
  readonly stacking: LayerStacking;
}

/**
 * Lays the result to its source as a new shape, in one undo step, and selects it.
 *
 * The source's geometry is that of the moment of placing, so a source that was moved, turned or scaled meanwhile gets its
 * layer where it is now. Throws `source-changed`, `upload-rejected`, `placement-failed`; then the page is as before.
 */
export async function placeLayer(penpot: Penpot, request: PlaceLayerRequest): Promise<PlacedLayer> {
  findSource(penpot, request);
  const media = await uploadPicture(penpot, request);
  // The upload takes time, in which anything can have happened to the source.
  const source = findSource(penpot, request);
  const keepsAspectRatio = visibleImageFill(source)?.keepAspectRatio === true;
  const box = boxOf(request, source, keepsAspectRatio);
  const frame = readShapeFrame(penpot, source);
  const bounds = boundsOf(box, source, frame);
  return inUndoBlock(penpot, () => {
    const stack = request.place === "around" ? placeBehind(source, bounds) : placeAbove(source, request.recipe);
    const insertion = { request, media, source, box, bounds, frame, keepsAspectRatio, stack };
    return { shapeId: insertLayer(penpot, insertion).id, stacking: stack.stacking };
  });
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
  /** The upright rectangle around it on the page. */
  readonly bounds: BoxRect;
  readonly frame: ShapeFrame;
  readonly keepsAspectRatio: boolean;
  readonly stack: StackPlace;
}

function insertLayer(penpot: Penpot, insertion: Insertion): Shape {
  const { request, media, source, keepsAspectRatio } = insertion;
  const isWhole = request.place === "whole";
  const layer = isWhole && source.type === "ellipse" ? penpot.createEllipse() : penpot.createRectangle();
  try {
    layer.name = pictureName(request.name);
    layer.fills = [imageFill(media, isWhole && keepsAspectRatio)];
    insertInto(insertion.stack, layer);
    placeInFrame(layer, insertion);
    if (isWhole) takeCorners(layer, source);
    keepRecipe(layer, request.recipe);
    keepSource(layer, source);
    // Without throwing validation errors, Penpot refuses by doing nothing.
    if (layer.fills[0]?.fillImage?.id !== media.id) throw new Error("its picture was not accepted");
    penpot.selection = [layer];
    return layer;
  } catch (cause) {
    layer.remove();
    throw placementFailed(cause, source.isComponentCopyInstance());
  }
}

function insertInto({ parent, index }: StackPlace, layer: Shape): void {
  parent.insertChild(index, layer);
  if (layer.parent?.id !== parent.id) throw new Error(`it could not be put into “${parent.name}”`);
}

/** The upright rectangle around a box of the source, in page units. */
function boundsOf(box: BoxRect, source: Shape, frame: ShapeFrame): BoxRect {
  const center = toPage(frame, {
    x: box.x + box.width / 2 - source.width / 2,
    y: box.y + box.height / 2 - source.height / 2,
  });
  const { width, height } = uprightSize(frame, box);
  return { x: tidy(center.x - width / 2), y: tidy(center.y - height / 2), width, height };
}

function placeInFrame(layer: Rectangle | Ellipse, { source, box, bounds, frame }: Insertion): void {
  if (layer.layoutChild) {
    // In a flex or grid layout the layer must lie where the picture is and not become the next item.
    layer.layoutChild.absolute = true;
    // There an item's own index comes before the order of the layers.
    layer.layoutChild.zIndex = source.layoutChild?.zIndex ?? 0;
  }
  layer.resize(box.width, box.height);
  // Mirroring first, while the shape is upright, keeps Penpot's flags and matrix in step; assigning always toggles.
  if (frame.flipX) layer.flipX = true;
  if (frame.flipY) layer.flipY = true;
  if (frame.rotation !== 0) layer.rotation = frame.rotation;
  layer.x = bounds.x;
  layer.y = bounds.y;
}

/** A picture with round corners gets a layer with the same. */
function takeCorners(layer: Shape, source: Shape): void {
  if (layer.type !== "rectangle" || !(source.borderRadius > 0)) return;
  layer.borderRadius = source.borderRadius;
}
