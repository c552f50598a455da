import type { ImageData, Penpot, Shape } from "@penpot/plugin-types";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import type { PanelMessage } from "../../../shared/protocol/plugin/messages.ts";
import { layerBox } from "../geometry/fit-layer.ts";
import { readShapeFrame } from "../geometry/shape-frame.ts";
import { keepOrigin, rememberOrigin } from "../keeping/origin.ts";
import { findSource } from "../reading/find-shape.ts";
import { copyFills, findVisibleImage, imageFill } from "../reading/image-fill.ts";
import { resultsOver } from "../reading/source-layers.ts";
import { placementFailed } from "./placement-failed.ts";
import type { Apply, Change, WithFile, WithoutFile } from "./placements.ts";
import { moveToBox } from "./stand-in-frame.ts";
import { uploadPicture } from "./upload-picture.ts";

type ReplacePictureRequest = WithoutFile<Extract<PanelMessage, { type: "replace-picture" }>>;

/** Shapes that can grow with their picture without changing what else they show. */
const growing: ReadonlySet<string> = new Set(["rectangle", "ellipse", "image"]);

/**
 * Puts the result in the place of the picture it was made from, in one undo step: same shape, same crop, same opacity. Layers
 * that are part of it now are hidden. Throws `source-changed`, `upload-rejected`, `placement-failed`; then all is as before.
 */
export async function prepareReplacement(
  penpot: Penpot,
  { bytes, ...request }: WithFile<ReplacePictureRequest>,
): Promise<Apply> {
  requireGrowing(findSource(penpot, request.from, request.anyway), request);
  const media = await uploadPicture(penpot, { ...request, bytes });
  // The upload takes time, in which anything can have happened to the source.
  return () => replace(penpot, request, media, findSource(penpot, request.from, request.anyway));
}

function replace(penpot: Penpot, request: ReplacePictureRequest, media: ImageData, shape: Shape): Change {
  requireGrowing(shape, request);
  const before = { fills: copyFills(shape), x: shape.x, y: shape.y, width: shape.width, height: shape.height };
  const restoreOrigin = rememberOrigin(shape);
  const merged = resultsOver(shape).filter(({ id, hidden }) => !hidden && request.drawnOn.includes(id));
  const undo = () => {
    for (const layer of merged) layer.hidden = false;
    shape.fills = before.fills;
    if (request.frame !== undefined) {
      shape.resize(before.width, before.height);
      shape.x = before.x;
      shape.y = before.y;
    }
    restoreOrigin();
  };
  try {
    const visible = findVisibleImage(shape);
    if (visible === undefined) throw new Error("it shows no picture any more");
    growWith(penpot, shape, request);
    const fill = imageFill(media, visible.image.keepAspectRatio === true, visible.opacity);
    shape.fills = before.fills.map((each, index) => (index === visible.index ? fill : each));
    // Without throwing validation errors, Penpot refuses by doing nothing.
    if (findVisibleImage(shape)?.image.id !== media.id) throw new Error("its picture was not accepted");
    for (const layer of merged) layer.hidden = true;
    keepOrigin(shape, { ...request, job: request.job, source: undefined });
    return {
      placed: { shapeId: shape.id, mediaId: media.id, name: shape.name, hasReplaced: false },
      isThere: () => {
        const found = penpot.currentPage?.getShapeById(shape.id);
        return found != null && findVisibleImage(found)?.image.id === media.id;
      },
      undo,
    };
  } catch (cause) {
    undo();
    throw placementFailed(cause, shape.isComponentCopyInstance());
  }
}

/** Gives the shape the form of the new picture, whose known part stays where it is. */
function growWith(penpot: Penpot, shape: Shape, { frame, from }: ReplacePictureRequest): void {
  if (frame === undefined) return;
  const keepsAspectRatio = findVisibleImage(shape)?.image.keepAspectRatio === true;
  const box = layerBox(frame, from.image, shape, keepsAspectRatio);
  const framed = {
    box,
    frame: readShapeFrame(penpot, shape),
    shape: { width: shape.width, height: shape.height },
  };
  shape.resize(box.width, box.height);
  moveToBox(shape, framed);
}

function requireGrowing({ type, name }: Shape, { frame }: ReplacePictureRequest): void {
  if (frame === undefined || growing.has(type)) return;
  throw new OverpaintError(
    "placement-failed",
    `“${name}” is a ${type}, which cannot grow with its picture.`,
    "Insert the extension behind it instead.",
  );
}
