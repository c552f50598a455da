import type { Fill, ImageData, Penpot, Shape } from "@penpot/plugin-types";
import type { PanelMessage } from "../../../shared/protocol/plugin/messages.ts";
import { keepOrigin, rememberOrigin } from "../keeping/origin.ts";
import { findShape } from "../reading/find-shape.ts";
import { copyFills, imageFill } from "../reading/image-fill.ts";
import { placementFailed } from "./placement-failed.ts";
import type { Apply, Change, WithFile, WithoutFile } from "./placements.ts";
import { distinctName, uploadPicture } from "./upload-picture.ts";

type PlacePictureRequest = WithoutFile<Extract<PanelMessage, { type: "place-picture" }>>;

/**
 * Puts a picture from nothing into the shape, over its other fills, or onto the page, one unit a pixel, in the middle of
 * what shows. One undo step.
 * Throws `source-changed`, `upload-rejected`, `placement-failed`; then the page is as before.
 */
export async function preparePicture(
  penpot: Penpot,
  { bytes, ...request }: WithFile<PlacePictureRequest>,
): Promise<Apply> {
  const { shapeId } = request;
  if (shapeId !== undefined) findShape(penpot, shapeId);
  const media = await uploadPicture(penpot, { ...request, bytes });
  return () =>
    shapeId === undefined
      ? addToPage(penpot, request, media)
      : fillShape(penpot, findShape(penpot, shapeId), request, media);
}

function addToPage(penpot: Penpot, request: PlacePictureRequest, media: ImageData): Change {
  const { name, size } = request;
  const others = penpot.currentPage?.findShapes() ?? [];
  const shape = penpot.createRectangle();
  try {
    shape.name = distinctName(name, others);
    shape.fills = [imageFill(media, false)];
    shape.resize(size.width, size.height);
    const { x, y } = penpot.viewport.center;
    shape.x = Math.round(x - size.width / 2);
    shape.y = Math.round(y - size.height / 2);
    keepOrigin(shape, { ...request, job: request.job, source: undefined });
    requirePicture(shape, media);
    penpot.selection = [shape];
    return changeOf(penpot, shape, media, () => shape.remove());
  } catch (cause) {
    shape.remove();
    throw placementFailed(cause, false);
  }
}

function fillShape(penpot: Penpot, shape: Shape, request: PlacePictureRequest, media: ImageData): Change {
  const before = copyFills(shape);
  const restoreOrigin = rememberOrigin(shape);
  const undo = () => {
    shape.fills = before;
    restoreOrigin();
  };
  try {
    // Covers the shape without being stretched; the fills it had stay beneath it.
    shape.fills = [imageFill(media, true), ...before];
    requirePicture(shape, media);
    keepOrigin(shape, { ...request, job: request.job, source: undefined });
    return changeOf(penpot, shape, media, undo);
  } catch (cause) {
    undo();
    throw placementFailed(cause, shape.isComponentCopyInstance());
  }
}

function changeOf(penpot: Penpot, { id, name }: Shape, media: ImageData, undo: () => void): Change {
  return {
    placed: { shapeId: id, mediaId: media.id, name, hasReplaced: false },
    isThere: () => {
      const shape = penpot.currentPage?.getShapeById(id);
      return shape != null && topPicture(shape) === media.id;
    },
    undo,
  };
}

/** Without throwing validation errors, Penpot refuses by doing nothing. */
function requirePicture(shape: Shape, media: ImageData): void {
  if (topPicture(shape) !== media.id) throw new Error("its picture was not accepted");
}

function topPicture(shape: Shape): string | undefined {
  return (shape.fills as Fill[])[0]?.fillImage?.id;
}
