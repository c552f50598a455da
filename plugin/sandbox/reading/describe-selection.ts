import type { Penpot, Shape } from "@penpot/plugin-types";
import type { ErrorCode } from "../../../shared/protocol/error-data.ts";
import type { PixelSize } from "../../../shared/protocol/geometry.ts";
import { MAX_IMAGE_PIXELS, MAX_IMAGE_SIDE } from "../../../shared/protocol/limits.ts";
import { OverpaintError, toErrorData } from "../../../shared/protocol/overpaint-error.ts";
import type { SelectedImage, Selection } from "../../../shared/protocol/plugin-messages.ts";
import { boardInImage, enclosingBoard } from "../geometry/enclosing-board.ts";
import { visiblePart } from "../geometry/image-mapping.ts";
import { visibleImageFill } from "./image-fill.ts";
import { describeTarget } from "./picture-target.ts";

/** What the panel is told about the selection: the one image in it, a pair, or why there is neither and what to do. */
export function describeSelection(penpot: Penpot): Selection {
  const none = (code: ErrorCode, message: string, remedy: string): Selection => ({
    type: "none",
    error: { code, message, remedy },
  });
  const [shape, ...others] = penpot.selection;
  if (!shape) return none("no-selection", "Nothing is selected.", "Select an image in the canvas.");
  if (others.length > 0)
    return (
      describePair(penpot, shape, others) ??
      none(
        "several-selected",
        `${others.length + 1} layers are selected.`,
        "Select only the image to edit, or it and a second one as its style.",
      )
    );
  const target = describeTarget(penpot, shape);
  const where = target && { target };
  try {
    return { type: "image", image: describeImage(penpot, shape), ...where };
  } catch (error) {
    return { type: "none", error: toErrorData(error), ...where };
  }
}

/** Two shapes that both show a picture the panel can take. */
function describePair(penpot: Penpot, first: Shape, [second, ...more]: readonly Shape[]): Selection | undefined {
  if (second === undefined || more.length > 0) return undefined;
  try {
    return { type: "pair", images: [describeImage(penpot, first), describeImage(penpot, second)] };
  } catch {
    return undefined;
  }
}

/** Throws `no-image-in-selection`, `image-too-large`. */
export function describeImage(penpot: Penpot, shape: Shape): SelectedImage {
  const fill = visibleImageFill(shape);
  if (!fill)
    throw new OverpaintError(
      "no-image-in-selection",
      `“${shape.name}” (${shape.type}) has no image fill.`,
      shape.type === "group"
        ? "Select the image inside the group (double-click it)."
        : "Select an image, or give this layer an image fill.",
    );
  const { width, height } = fill;
  if (width > MAX_IMAGE_SIDE || height > MAX_IMAGE_SIDE || width * height > MAX_IMAGE_PIXELS)
    throw new OverpaintError(
      "image-too-large",
      `The image has ${width} × ${height} pixels; the limit is ${MAX_IMAGE_SIDE} a side and ${MAX_IMAGE_PIXELS / 1e6} megapixels.`,
      "Use a smaller version of the image.",
    );
  const fileId = penpot.currentFile?.id;
  const keepsAspectRatio = fill.keepAspectRatio === true;
  const board = describeBoard(penpot, shape, { width, height }, keepsAspectRatio);
  return {
    shapeId: shape.id,
    pageId: penpot.currentPage?.id ?? "",
    ...(fileId !== undefined && { fileId }),
    name: shape.name,
    width: shape.width,
    height: shape.height,
    rotation: shape.rotation,
    image: { width, height },
    visible: visiblePart({ width, height }, shape, keepsAspectRatio),
    mediaId: fill.id,
    ...(board !== undefined && { board }),
  };
}

function describeBoard(
  penpot: Penpot,
  shape: Shape,
  image: PixelSize,
  keepsAspectRatio: boolean,
): SelectedImage["board"] {
  const board = enclosingBoard(shape);
  const area = board && boardInImage(penpot, { shape, board }, image, keepsAspectRatio);
  return area && { name: board.name, area };
}
