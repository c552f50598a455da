import type { Penpot, Shape } from "@penpot/plugin-types";
import type { PixelSize } from "../../../shared/protocol/geometry.ts";
import { MAX_IMAGE_PIXELS, MAX_IMAGE_SIDE } from "../../../shared/protocol/limits.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import { multiply } from "../../../shared/protocol/plugin/matrix.ts";
import type { SelectedImage } from "../../../shared/protocol/plugin/selection.ts";
import { boardInImage, enclosingBoard } from "../geometry/enclosing-board.ts";
import { visiblePart } from "../geometry/image-mapping.ts";
import { isPlainBox, outlineOf } from "../geometry/outline-of.ts";
import { pageToPixels } from "../geometry/picture-matrix.ts";
import { uprightSize } from "../geometry/shape-frame.ts";
import { isMade, keptSource } from "../keeping/origin.ts";
import { fingerprint } from "./fingerprint.ts";
import { findVisibleImage, isCroppedByHand, type VisibleImageFill } from "./image-fill.ts";
import { named, unreadLayers } from "./source-layers.ts";
import { indexOf } from "./tree.ts";

/** Rounding of positions on their way through Penpot: a share of the longer side, and the least in page units. */
const NOISE_SHARE = 1e-3;
const NOISE = 0.05;

/** The shape's picture as the panel edits it. Throws `no-image-in-selection`, `image-too-large`, `unsupported-shape`. */
export function describeImage(penpot: Penpot, shape: Shape): SelectedImage {
  const fill = findVisibleImage(shape);
  if (!fill)
    throw new OverpaintError(
      "no-image-in-selection",
      `“${shape.name}” (${shape.type}) has no image fill.`,
      shape.type === "group"
        ? "Select the image inside the group (double-click it)."
        : "Select an image, or give this layer an image fill.",
    );
  const { width, height } = fill.image;
  requireEditable(shape, fill);
  const fileId = penpot.currentFile?.id;
  const image = { width, height };
  const keepsAspectRatio = fill.image.keepAspectRatio === true;
  const toPixels = pageToPixels(penpot, shape, { image, keepsAspectRatio });
  const outline = isPlainBox(shape) ? undefined : outlineOf(penpot, shape);
  const layers = unreadLayers(penpot, shape, toPixels);
  const board = describeBoard(penpot, shape, image, keepsAspectRatio);
  return {
    shapeId: shape.id,
    pageId: penpot.currentPage?.id ?? "",
    ...(fileId !== undefined && { fileId }),
    name: shape.name,
    width: shape.width,
    height: shape.height,
    rotation: shape.rotation,
    image,
    visible: visiblePart(image, shape, keepsAspectRatio),
    mediaId: fill.image.id,
    ...(outline && {
      outline: { d: outline.d, fillRule: outline.fillRule, matrix: multiply(toPixels, outline.toPage) },
    }),
    rim: Math.ceil(rimOf(shape) * pixelsPerUnit(image, shape, keepsAspectRatio)),
    layers: layers.map((layer) => ({ shapeId: layer.shapeId, name: layer.name })),
    version: fingerprint([
      fill.image.id,
      ...layers.map((layer) => [
        layer.shapeId,
        layer.media.id,
        layer.matrix,
        layer.outline,
        layer.opacity,
        layer.blendMode,
      ]),
    ]),
    ...(isMade(shape) && { made: describeOrigin(penpot, shape) }),
    insertion: insertionOver(shape, fill),
    ...(board !== undefined && { board }),
  };
}

function requireEditable(shape: Shape, { image }: VisibleImageFill): void {
  const { width, height } = image;
  if (width > MAX_IMAGE_SIDE || height > MAX_IMAGE_SIDE || width * height > MAX_IMAGE_PIXELS)
    throw new OverpaintError(
      "image-too-large",
      `The image has ${width} × ${height} pixels; the limit is ${MAX_IMAGE_SIDE} a side and ${MAX_IMAGE_PIXELS / 1e6} megapixels.`,
      "Use a smaller version of the image.",
    );
  if (isSheared(shape))
    throw new OverpaintError(
      "unsupported-shape",
      `“${shape.name}” is sheared, and a layer over it would not fit.`,
      "Export it as a picture and edit that, or undo the scaling that sheared it.",
    );
  if (shape.parent?.type === "group" && shape.parent.isMask() && indexOf(shape) === 0)
    throw new OverpaintError(
      "unsupported-shape",
      `“${shape.name}” masks its group and does not show itself.`,
      "Select a picture inside the group, or release the mask.",
    );
  if (isCroppedByHand(image))
    throw new OverpaintError(
      "unsupported-shape",
      `“${shape.name}” shows a part of its picture that was cropped by hand; Penpot does not tell plugins which.`,
      "Reset the crop, or export the layer as a picture and edit that.",
    );
}

/** Image pixels per page unit. */
function pixelsPerUnit(image: PixelSize, shape: Shape, keepsAspectRatio: boolean): number {
  const [x, y] = [image.width / shape.width, image.height / shape.height];
  return keepsAspectRatio ? Math.min(x, y) : Math.max(x, y);
}

/** How far strokes reach over the picture from its outline, in page units. */
function rimOf({ strokes }: Shape): number {
  const widths = strokes.map(({ strokeAlignment, strokeWidth = 0, strokeStyle, strokeOpacity = 1 }) => {
    if (strokeStyle === "none" || strokeOpacity === 0) return 0;
    if (strokeAlignment === "outer") return 0;
    return strokeAlignment === "inner" ? strokeWidth : strokeWidth / 2;
  });
  return Math.max(0, ...widths);
}

/**
 * Over a translucent source the old picture would show through a layer; in a group that takes over opacity and blend mode, the
 * two are one picture first. Fills over or under the picture, and effects on it, belong to the shape alone.
 */
export function insertionOver(shape: Shape, { index, opacity }: VisibleImageFill): SelectedImage["insertion"] {
  const hasInnerShadow = shape.shadows.some(({ style, hidden }) => style === "inner-shadow" && !hidden);
  const isBlurred = shape.blur !== undefined && shape.blur !== null && !shape.blur.hidden;
  if (index > 0 || opacity < 1 || hasInnerShadow || isBlurred) return "picture";
  // What lies in a board is drawn with its opacity as it is.
  if (shape.type === "board" || isPlainlyDrawn(shape)) return "layer";
  const parent = shape.parent;
  const isItem = parent?.type === "board" && Boolean(parent.flex || parent.grid);
  return isItem || parent?.type === "boolean" || shape.isComponentCopyInstance() ? "picture" : "group";
}

function isPlainlyDrawn({ opacity, blendMode }: Shape): boolean {
  return (opacity ?? 1) === 1 && (blendMode ?? "normal") === "normal";
}

function describeOrigin(penpot: Penpot, shape: Shape): NonNullable<SelectedImage["made"]> {
  const source = sourceOf(penpot, shape);
  return source === undefined ? {} : { source: named(source) };
}

/** The shape that a layer was made from, while it is on the open page. */
export function sourceOf(penpot: Penpot, layer: Shape): Shape | undefined {
  const id = keptSource(layer);
  return (id !== undefined && penpot.currentPage?.getShapeById(id)) || undefined;
}

function describeBoard(
  penpot: Penpot,
  shape: Shape,
  image: PixelSize,
  keepsAspectRatio: boolean,
): SelectedImage["board"] {
  const board = enclosingBoard(shape);
  const area = board && boardInImage(penpot, { shape, board }, image, keepsAspectRatio);
  return area && { ...named(board), area, clips: board.clipContent };
}

/**
 * Whether the shape is a parallelogram: what becomes of a turned shape when its group is squeezed. Then rotation and size do
 * not say where its corners are, which shows in its bounds.
 */
function isSheared({ rotation, flipX, flipY, center, width, height, bounds }: Shape): boolean {
  const upright = uprightSize({ center, rotation, flipX, flipY }, { width, height });
  const noise = Math.max(NOISE, NOISE_SHARE * Math.max(width, height));
  return Math.abs(upright.width - bounds.width) > noise || Math.abs(upright.height - bounds.height) > noise;
}
