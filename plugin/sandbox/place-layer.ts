import type { Board, Group, ImageData, Penpot, Rectangle, Shape } from "@penpot/plugin-types";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import type { PanelMessage } from "../../shared/protocol/plugin-messages.ts";
import { RECIPE_KEY, RECIPE_NAMESPACE } from "../../shared/protocol/recipe.ts";
import { findShape } from "./find-shape.ts";
import { fitLayer, tidy } from "./fit-layer.ts";
import { visibleImageFill } from "./image-fill.ts";
import type { BoxRect } from "./image-mapping.ts";
import { inUndoBlock } from "./in-undo-block.ts";
import { readShapeFrame, type ShapeFrame, toPage, uprightSize } from "./shape-frame.ts";
import { uploadLayer } from "./upload-layer.ts";

export type PlaceLayerRequest = Extract<PanelMessage, { type: "place-layer" }>;

/**
 * Lays the PNG over its source as a new rectangle, in one undo step, and selects it. Answers the new shape's id.
 *
 * The source's geometry is that of the moment of placing, so a source that was moved, turned or scaled meanwhile gets its
 * layer where it is now. Throws `source-changed`, `upload-rejected`, `placement-failed`; then the page is as before.
 */
export async function placeLayer(penpot: Penpot, request: PlaceLayerRequest): Promise<string> {
  findSource(penpot, request);
  const media = await uploadLayer(penpot, request.name, request.png);
  // The upload takes time, in which anything can have happened to the source.
  const source = findSource(penpot, request);
  const box = fitLayer(request.layer, request.image, source, visibleImageFill(source)?.keepAspectRatio === true);
  const frame = readShapeFrame(penpot, source);
  return inUndoBlock(penpot, () => insertLayer(penpot, { request, media, source, box, frame })).id;
}

function findSource(penpot: Penpot, { pageId, shapeId }: PlaceLayerRequest): Shape {
  if (penpot.currentPage?.id !== pageId)
    throw new OverpaintError(
      "source-changed",
      "Another page is open than the one with the picture.",
      "Go back to the picture's page, then insert again.",
    );
  return findShape(penpot, shapeId);
}

interface Insertion {
  readonly request: PlaceLayerRequest;
  readonly media: ImageData;
  readonly source: Shape;
  /** Where the layer lies in the source's box. */
  readonly box: BoxRect;
  readonly frame: ShapeFrame;
}

function insertLayer(penpot: Penpot, insertion: Insertion): Rectangle {
  const layer = penpot.createRectangle();
  try {
    const { request, media, source } = insertion;
    layer.name = layerName(request.name);
    layer.fills = [{ fillOpacity: 1, fillImage: media }];
    insertAbove(layer, source);
    placeInFrame(layer, insertion);
    layer.setSharedPluginData(RECIPE_NAMESPACE, RECIPE_KEY, JSON.stringify(request.recipe));
    // Without throwing validation errors, Penpot refuses by doing nothing.
    if (layer.fills[0]?.fillImage?.id !== media.id) throw new Error("its picture was not accepted");
    penpot.selection = [layer];
    return layer;
  } catch (cause) {
    layer.remove();
    throw new OverpaintError(
      "placement-failed",
      `Penpot did not let the layer be placed: ${cause instanceof Error ? cause.message : String(cause)}.`,
      insertion.source.isComponentCopyInstance()
        ? "The picture belongs to a component's copy. Detach the copy, or edit the main component."
        : "Check that you may edit this page, then insert again.",
      { cause },
    );
  }
}

/** Directly above the source in its parent, so that nothing that lay over the source is covered. */
function insertAbove(layer: Rectangle, source: Shape): void {
  if (source.type === "board") {
    // A board's picture lies under its children.
    source.insertChild(0, layer);
    return;
  }
  let below = source;
  // Whatever joins a boolean takes part in its outline.
  while (below.parent?.type === "boolean") below = below.parent;
  const parent = below.parent as Board | Group | null;
  if (!parent) throw new Error("the source has no parent");
  parent.insertChild(below.parentIndex + 1, layer);
  if (layer.parent?.id !== parent.id) throw new Error(`it could not be put into “${parent.name}”`);
}

function placeInFrame(layer: Rectangle, { source, box, frame }: Insertion): void {
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

/** Penpot reads "/" in a name as a path, refuses blank ones, and names of more than 250 characters. */
function layerName(name: string): string {
  return name.replaceAll("/", "-").trim().slice(0, 250) || "Overpaint layer";
}
