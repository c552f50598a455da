import type { Fill, ImageData, Penpot, Shape } from "@penpot/plugin-types";
import type { LayerStacking, PanelMessage } from "../../../shared/protocol/plugin/messages.ts";
import { enclosingBoard } from "../geometry/enclosing-board.ts";
import { fitLayer, layerBox } from "../geometry/fit-layer.ts";
import type { BoxRect } from "../geometry/image-mapping.ts";
import { readShapeFrame } from "../geometry/shape-frame.ts";
import { keepOrigin, keptJob, keptSource, rememberOrigin } from "../keeping/origin.ts";
import { findSource } from "../reading/find-shape.ts";
import { copyFills, imageFill, visibleImageFill } from "../reading/image-fill.ts";
import { resultsOver } from "../reading/source-layers.ts";
import { childrenOf, indexOf, insertAt, parentOf } from "../reading/tree.ts";
import { growBoard } from "./grow-board.ts";
import { lookAsOne } from "./look-group.ts";
import { placementFailed } from "./placement-failed.ts";
import type { Apply, Change, WithFile, WithoutFile } from "./placements.ts";
import { placeAbove, placeBehind, type StackPlace } from "./stack-place.ts";
import { boundsOfBox, type FramedBox, moveToBox, standInFrame } from "./stand-in-frame.ts";
import { distinctName, uploadPicture } from "./upload-picture.ts";

type PlaceLayerRequest = WithoutFile<Extract<PanelMessage, { type: "place-layer" }>>;

/**
 * Lays the result to its source as a new shape, in one undo step, and selects it; or puts it into the shape of an earlier
 * variant of the same job.
 *
 * The source's geometry is that of the moment of placing, so a source that was moved, turned or scaled meanwhile gets its
 * layer where it is now. Throws `source-changed`, `upload-rejected`, `placement-failed`; then the page is as before.
 */
export async function prepareLayer(penpot: Penpot, { bytes, ...request }: WithFile<PlaceLayerRequest>): Promise<Apply> {
  boxOf(request, findSource(penpot, request.from, request.anyway));
  const media = await uploadPicture(penpot, { ...request, bytes });
  return () => {
    // The upload takes time, in which anything can have happened to the source.
    const source = findSource(penpot, request.from, request.anyway);
    const framed = { box: boxOf(request, source), frame: readShapeFrame(penpot, source), shape: sizeOf(source) };
    const insertion = { request, media, source, framed };
    const variant = request.stacks ? undefined : earlierVariant(insertion);
    return variant === undefined ? insertLayer(penpot, insertion) : replaceVariant(penpot, insertion, variant);
  };
}

interface Insertion {
  readonly request: PlaceLayerRequest;
  readonly media: ImageData;
  readonly source: Shape;
  readonly framed: FramedBox;
}

/** Where the layer lies in the source's box. */
function boxOf({ place, layer, from }: PlaceLayerRequest, source: Shape): BoxRect {
  const keepsAspectRatio = coversBox(source);
  switch (place) {
    case "part":
      return fitLayer(layer, from.image, source, keepsAspectRatio);
    case "whole":
      return { x: 0, y: 0, ...sizeOf(source) };
    case "around":
      return layerBox(layer, from.image, source, keepsAspectRatio);
    default:
      return place satisfies never;
  }
}

function insertLayer(penpot: Penpot, insertion: Insertion): Change {
  const { request, source, framed } = insertion;
  const bounds = boundsOfBox(framed);
  const board = request.growsBoard ? enclosingBoard(source) : undefined;
  const stack = request.place === "around" ? placeBehind(source, bounds) : placeAbove(source, request.drawnOn);
  const ways: (() => void)[] = [];
  const undo = () => {
    for (const way of ways.toReversed()) way();
  };
  try {
    const layer = createLayer(penpot, insertion);
    ways.push(() => penpot.currentPage?.getShapeById(layer.id)?.remove());
    layer.name = distinctName(request.name, stack.parent.children);
    layer.fills = [fillOf(insertion)];
    insertInto(stack, layer);
    if (layer.layoutChild) leaveLayout(layer, source);
    if (request.place === "whole" && isCopied(source)) takeLookOff(layer);
    else standInFrame(layer, framed);
    if (request.place === "whole") takeCorners(layer, source);
    keepOrigin(layer, originOf(insertion));
    requirePicture(layer, insertion);
    ways.push(lookAsOne(penpot, source, layer));
    const shrink = board && growBoard(board, bounds);
    if (shrink) ways.push(shrink);
    penpot.selection = [layer];
    return changeOf(penpot, insertion, layer, undo, stack.stacking);
  } catch (cause) {
    undo();
    throw placementFailed(cause, source.isComponentCopyInstance());
  }
}

/** The newest variant of the same job that lies to the source, in a shape that can take this one. */
function earlierVariant({ request, source }: Insertion): Shape | undefined {
  if (request.job === undefined) return undefined;
  const candidates = request.place === "around" ? extensionsOf(source) : resultsOver(source);
  return candidates.findLast(
    (shape) => keptJob(shape) === request.job && !shape.hidden && shape.type === layerType(request, source),
  );
}

/** Extensions lie in the source's parent or in one around it. */
function extensionsOf(source: Shape): Shape[] {
  const found: Shape[] = [];
  for (let inner: Shape = source; inner.parent; inner = inner.parent) {
    const below = childrenOf(parentOf(inner)).slice(0, indexOf(inner));
    found.push(...below.filter((shape) => keptSource(shape) === source.id));
  }
  return found;
}

function replaceVariant(penpot: Penpot, insertion: Insertion, variant: Shape): Change {
  const { request, source, framed } = insertion;
  const before = { name: variant.name, fills: copyFills(variant), x: variant.x, y: variant.y, ...sizeOf(variant) };
  const restoreOrigin = rememberOrigin(variant);
  const undo = () => {
    variant.name = before.name;
    variant.fills = before.fills;
    variant.resize(before.width, before.height);
    variant.x = before.x;
    variant.y = before.y;
    restoreOrigin();
  };
  try {
    const others = parentOf(variant).children.filter(({ id }) => id !== variant.id);
    variant.name = distinctName(request.name, others);
    variant.fills = [fillOf(insertion)];
    if (!isCopied(variant)) {
      variant.resize(framed.box.width, framed.box.height);
      moveToBox(variant, framed);
    }
    keepOrigin(variant, originOf(insertion));
    requirePicture(variant, insertion);
    penpot.selection = [variant];
    return changeOf(penpot, insertion, variant, undo, undefined);
  } catch (cause) {
    undo();
    throw placementFailed(cause, source.isComponentCopyInstance());
  }
}

function changeOf(
  penpot: Penpot,
  { media }: Insertion,
  { id, name }: Shape,
  undo: () => void,
  stacking: LayerStacking | undefined,
): Change {
  return {
    placed: {
      shapeId: id,
      mediaId: media.id,
      name,
      hasReplaced: stacking === undefined,
      ...(stacking && { stacking }),
    },
    isThere: () => {
      const shape = penpot.currentPage?.getShapeById(id);
      return shape != null && visibleImageFill(shape)?.id === media.id;
    },
    undo,
  };
}

/** A layer over the whole picture has the picture's own outline. */
function createLayer(penpot: Penpot, { request, source }: Insertion): Shape {
  switch (layerType(request, source)) {
    case "ellipse":
      return penpot.createEllipse();
    case "path":
    case "boolean":
      return source.clone();
    default:
      return penpot.createRectangle();
  }
}

function layerType({ place }: PlaceLayerRequest, source: Shape): Shape["type"] {
  return place === "whole" && (source.type === "ellipse" || isCopied(source)) ? source.type : "rectangle";
}

/** Whether an outline can only be had by copying its shape: paths are in page coordinates and stay where they are. */
function isCopied({ type }: Shape): boolean {
  return type === "path" || type === "boolean";
}

/** Of a copy, only the outline counts. */
function takeLookOff(copy: Shape): void {
  copy.strokes = [];
  copy.shadows = [];
  copy.opacity = 1;
  copy.blendMode = "normal";
}

function fillOf({ request, media, source }: Insertion): Fill {
  return imageFill(media, request.place === "whole" && coversBox(source));
}

function insertInto({ parent, index }: StackPlace, layer: Shape): void {
  insertAt(parent, index, layer);
  if (layer.parent?.id !== parent.id) throw new Error(`it could not be put into “${parent.name}”`);
}

/** In a flex or grid layout the layer must lie where the picture is and not become the next item. */
function leaveLayout({ layoutChild }: Shape, source: Shape): void {
  if (!layoutChild) return;
  layoutChild.absolute = true;
  // There an item's own index comes before the order of the layers.
  layoutChild.zIndex = source.layoutChild?.zIndex ?? 0;
}

/** A picture with round corners gets a layer with the same. */
function takeCorners(layer: Shape, source: Shape): void {
  if (layer.type !== "rectangle") return;
  const corners = ["borderRadiusTopLeft", "borderRadiusTopRight", "borderRadiusBottomRight", "borderRadiusBottomLeft"];
  if (source.borderRadius > 0) layer.borderRadius = source.borderRadius;
  for (const corner of corners as ("borderRadiusTopLeft" | "borderRadiusBottomLeft")[])
    if (source[corner] !== undefined && source[corner] !== layer[corner]) layer[corner] = source[corner];
}

function originOf({ request: { recipe, job, placementId, mask, drawnOn }, source }: Insertion) {
  return { recipe, job, placementId, mask, drawnOn, source };
}

/** Without throwing validation errors, Penpot refuses by doing nothing. */
function requirePicture(layer: Shape, { media }: Insertion): void {
  if (visibleImageFill(layer)?.id !== media.id) throw new Error("its picture was not accepted");
}

function coversBox(source: Shape): boolean {
  return visibleImageFill(source)?.keepAspectRatio === true;
}

function sizeOf({ width, height }: Shape) {
  return { width, height };
}
