import type { Board, ImageData, Penpot, Shape } from "@penpot/plugin-types";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import type { PanelMessage } from "../../../shared/protocol/plugin/messages.ts";
import { overlaps } from "../geometry/boxes.ts";
import type { BoxRect } from "../geometry/image-mapping.ts";
import { readShapeFrame } from "../geometry/shape-frame.ts";
import { keepOrigin } from "../keeping/origin.ts";
import { findShape } from "../reading/find-shape.ts";
import { imageFill, visibleImageFill } from "../reading/image-fill.ts";
import { insertAt } from "../reading/tree.ts";
import { placementFailed } from "./placement-failed.ts";
import type { Apply, Change, WithFile, WithoutFile } from "./placements.ts";
import { placeOnGround } from "./stack-place.ts";
import { standInFrame } from "./stand-in-frame.ts";
import { distinctName, pictureName, uploadPicture } from "./upload-picture.ts";

type FillBoardRequest = WithoutFile<Extract<PanelMessage, { type: "fill-board" }>>;

/** Between a new board and what is left of it, in page units: about what designers leave. */
const BOARD_GAP = 80;

/**
 * Lays the picture over a board, beneath what stands on it, or makes a new board of it. One undo step.
 * Throws `source-changed`, `upload-rejected`, `placement-failed`; then the page is as before.
 */
export async function prepareBoard(penpot: Penpot, { bytes, ...request }: WithFile<FillBoardRequest>): Promise<Apply> {
  const find = () => {
    const { board } = request;
    const shape = findShape(penpot, board.type === "existing" ? board.shapeId : board.beside);
    if (board.type === "existing" && shape.type !== "board")
      throw new OverpaintError("source-changed", `“${shape.name}” is no board.`, "Choose a board.");
    return shape;
  };
  find();
  const media = await uploadPicture(penpot, { ...request, bytes });
  return () => fill(penpot, request, media, find());
}

function fill(penpot: Penpot, request: FillBoardRequest, media: ImageData, found: Shape): Change {
  const { board: wanted } = request;
  const made = wanted.type === "new" ? createBoard(penpot, wanted, found) : undefined;
  const board = made ?? (found as Board); // `find` has seen to it
  const layer = penpot.createRectangle();
  const undo = () => {
    for (const { id } of [layer, ...(made ? [made] : [])]) penpot.currentPage?.getShapeById(id)?.remove();
  };
  try {
    layer.name = distinctName(request.name, board.children);
    // Covers the board without being stretched.
    layer.fills = [imageFill(media, true)];
    const { parent, index } = placeOnGround(board);
    insertAt(parent, index, layer);
    if (layer.parent?.id !== board.id) throw new Error(`it could not be put into “${board.name}”`);
    if (layer.layoutChild) layer.layoutChild.absolute = true;
    const size = { width: board.width, height: board.height };
    standInFrame(layer, { box: { x: 0, y: 0, ...size }, frame: readShapeFrame(penpot, board), shape: size });
    keepOrigin(layer, { ...request, job: request.job, source: undefined });
    if (visibleImageFill(layer)?.id !== media.id) throw new Error("its picture was not accepted");
    penpot.selection = [made ?? layer];
    return {
      placed: { shapeId: layer.id, mediaId: media.id, name: layer.name, hasReplaced: false },
      isThere: () => penpot.currentPage?.getShapeById(layer.id) != null,
      undo,
    };
  } catch (cause) {
    undo();
    throw placementFailed(cause, board.isComponentCopyInstance());
  }
}

type NewBoard = Extract<FillBoardRequest["board"], { type: "new" }>;

/** To the right of the other, beyond everything that is in the way. */
function createBoard(penpot: Penpot, { name, width, height }: NewBoard, beside: Shape): Board {
  let anchor = beside;
  while (anchor.parent?.parent) anchor = anchor.parent;
  const board = penpot.createBoard();
  board.name = pictureName(name);
  board.resize(width, height);
  const others = (penpot.currentPage?.root as Board | undefined)?.children ?? [];
  let place: BoxRect = { x: anchor.bounds.x + anchor.bounds.width + BOARD_GAP, y: anchor.bounds.y, width, height };
  for (;;) {
    const inTheWay = others.find(({ id, bounds }) => id !== board.id && overlaps(bounds, place));
    if (inTheWay === undefined) break;
    place = { ...place, x: inTheWay.bounds.x + inTheWay.bounds.width + BOARD_GAP };
  }
  board.x = place.x;
  board.y = place.y;
  return board;
}
