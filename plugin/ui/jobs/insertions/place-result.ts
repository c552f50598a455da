import type { PixelRect } from "../../../../shared/protocol/geometry.ts";
import { OverpaintError } from "../../../../shared/protocol/overpaint-error.ts";
import type { BoardToFill } from "../../../../shared/protocol/plugin/board.ts";
import type { LayerStacking } from "../../../../shared/protocol/plugin/messages.ts";
import type { PictureFile } from "../../engines/edit-engine.ts";
import type { Draft, Placed } from "../../pictures/draft.ts";
import { type EditSession, takesMask } from "../../pictures/edit-session.ts";
import type { PixelTools } from "../../pixels/pixel-tools.ts";
import { intersect } from "../../pixels/rectangles.ts";
import type { SandboxLink } from "../../sandbox-link/sandbox-link.ts";
import { chooseInsertion, type Insertion } from "../../source/choose-insertion.ts";
import type { EditJob, FinishedVariant } from "../list/edit-job.ts";
import { randomId } from "../list/random-id.ts";
import { textOfMask } from "../recipes/mask-text.ts";
import { sizeWords } from "../run/action-name.ts";
import { inputOf } from "../run/input-of.ts";
import { pictureWith } from "../variants/picture-with.ts";
import { layerName } from "./layer-name.ts";

export type DocumentLink = Pick<
  SandboxLink,
  "placeLayer" | "replacePicture" | "placePicture" | "fillBoard" | "undoPlacement" | "redoPlacement"
>;

export interface Placement {
  readonly draft: Draft;
  readonly variant: FinishedVariant;
  readonly job: EditJob;
  /** Whether an upscaled picture takes the place of its source. */
  readonly replacesFill: boolean;
  /** Whether it stays beside earlier variants of its job, or takes their place. */
  readonly stacks: boolean;
  /** Whether a board that would hide part of an extension grows with it. */
  readonly growsBoard: boolean;
  /** Whether it is inserted although the shape shows another picture by now. */
  readonly anyway: boolean;
}

export interface PlacedResult extends Placed {
  /** Something about the file that the designer should know. */
  readonly notice: string | undefined;
  /** Whether the shape shows another picture now. */
  readonly isNewPicture: boolean;
}

export interface PlaceTools {
  readonly sandbox: DocumentLink;
  readonly pixels: PixelTools;
}

/** Brings a variant into the document where its edit wants it. Throws what cutting, encoding and the sandbox throw. */
export async function placeResult(placement: Placement, tools: PlaceTools): Promise<PlacedResult> {
  const { draft, variant, job } = placement;
  const { session, task } = draft;
  if (session === undefined || task === "create") return await placeCreation(placement, tools);
  const { sandbox, pixels } = tools;
  const { board, frame: boardFrame } = job.target ?? {};
  if (board !== undefined && boardFrame !== undefined) return await placeOnBoard(placement, board, boardFrame, tools);
  const insertion = insertionOf(draft, variant);
  const source = sourceOf(job, session, placement.anyway);
  const laid = { ...source, stacks: placement.stacks, growsBoard: task === "outpaint" && placement.growsBoard };
  if ((task === "upscale" && placement.replacesFill) || insertion.type === "picture") {
    const { png, size, frame } = await newPicture(placement, session, pixels);
    const { notice, content } = await fileOf(png, placement, pixels);
    const { shapeId, mediaId } = await sandbox.replacePicture({ ...content, ...source, ...(frame && { frame }) });
    const why = insertion.type === "picture" ? ` ${reasons[insertion.because]}` : "";
    const words = `Replaced: the picture has ${sizeWords(size)} pixels now.${why}`;
    return { shapeId, mediaId, placementId: content.placementId, notice, words, isNewPicture: true };
  }
  const { png, layer, place } = await layerOf(placement, session, insertion, pixels);
  const { notice, content } = await fileOf(png, placement, pixels);
  const { shapeId, mediaId, stacking, hasReplaced } = await sandbox.placeLayer({ ...content, ...laid, place, layer });
  const words = hasReplaced
    ? "Replaced the earlier one."
    : stackingWords(stacking ?? (task === "outpaint" ? "behind-source" : "above-source"));
  return { shapeId, mediaId, placementId: content.placementId, notice, words, isNewPicture: false };
}

/** How a variant has to come into the document to look like the picture around it. */
export function insertionOf({ task, session }: Draft, { result, takesAway }: FinishedVariant): Insertion {
  if (session === undefined) return { type: "part" };
  const visible = session.visible.value;
  if (!takesMask(task)) {
    if (takesAway && task === "restyle") return { type: "picture", because: "transparency" };
    return session.shape.value.insertion === "picture" ? { type: "picture", because: "look" } : { type: "part" };
  }
  return chooseInsertion(
    { ...session.shape.value, visible },
    intersect(result.layer, visible) ?? result.layer,
    takesAway,
  );
}

/** Why only a new picture can show a result. */
export const reasons: Readonly<Record<Extract<Insertion, { type: "picture" }>["because"], string>> = {
  transparency: "A layer on top could not take anything away where nothing lies beneath.",
  look: "A layer on top would not look like this picture: its opacity or blend mode would count twice.",
  stroke: "A layer on top would cover the picture’s stroke.",
};

async function placeCreation(placement: Placement, { sandbox, pixels }: PlaceTools): Promise<PlacedResult> {
  const { notice, content } = await fileOf(placement.variant.png, placement, pixels);
  const targetId = placement.job.target?.shapeId;
  const into = targetId === undefined ? {} : { shapeId: targetId };
  const { shapeId, mediaId } = await sandbox.placePicture({
    ...content,
    ...into,
    size: placement.variant.result.pixels,
  });
  const words = targetId === undefined ? "Inserted on the page." : "The shape is filled.";
  return { shapeId, mediaId, placementId: content.placementId, notice, words, isNewPicture: false };
}

/** The picture with its extension, as one, beneath all that stands on a board. */
async function placeOnBoard(
  placement: Placement,
  board: BoardToFill,
  frame: PixelRect,
  { sandbox, pixels }: PlaceTools,
): Promise<PlacedResult> {
  const { variant, job } = placement;
  const png = await pixels.extendPicture(await imageOf(job), variant.png, variant.result.layer, frame);
  const { notice, content } = await fileOf(png, placement, pixels);
  const { shapeId, mediaId } = await sandbox.fillBoard({ ...content, board });
  const words = board.type === "new" ? `The board “${board.name}” is made.` : "The board is filled.";
  return { shapeId, mediaId, placementId: content.placementId, notice, words, isNewPicture: false };
}

/** The picture that a job was made from, which is not always the one that shows by now. */
function sourceOf({ target, sourceSize }: EditJob, session: EditSession, anyway: boolean) {
  const { fileId, pageId, shapeId, mediaId } = session.shape.peek();
  const from = {
    ...(fileId !== undefined && { fileId }),
    pageId,
    shapeId,
    mediaId: target?.mediaId ?? mediaId,
    image: sourceSize ?? session.mask.size,
  };
  return { from, anyway, drawnOn: [...(target?.drawnOn ?? [])] };
}

async function fileOf(png: Uint8Array<ArrayBuffer>, { variant, job }: Placement, pixels: PixelTools) {
  const { recipe } = variant.result;
  const { notice, ...upload } = await pixels.fitUpload(png);
  // A history without pictures is better than no insertion.
  const thumbnail = await pixels.thumbnailUrl(variant.thumbnail).catch(() => undefined);
  const name = layerName(recipe.request.prompt, recipe.request.task);
  const mask = await maskTextOf(job);
  const kept = { recipe, job: job.documentId, ...(thumbnail && { thumbnail }), ...(mask !== undefined && { mask }) };
  return { notice, content: { ...upload, ...kept, name, placementId: randomId() } };
}

/** What was painted for an inpainting. A layer without it can still be inserted; only its recipe asks for it. */
async function maskTextOf(job: EditJob): Promise<string | undefined> {
  if (!takesMask(job.request.task)) return undefined;
  const { mask } = await inputOf(job).catch(() => ({ mask: undefined }));
  return mask && textOfMask(mask);
}

/** The picture that takes the old one's place; with a frame where it reaches beyond it, in pixels of the old one. */
async function newPicture(placement: Placement, session: EditSession, pixels: PixelTools) {
  const { draft, variant, job } = placement;
  const { layer, pixels: size } = variant.result;
  if (takesMask(draft.task)) return { png: (await pictureWith(job, variant, pixels)).bytes, size: session.mask.size };
  if (draft.task !== "outpaint") return { png: variant.png, size };
  const frame = extendedPart(session, layer, job);
  return { png: await pixels.extendPicture(await imageOf(job), variant.png, layer, frame), size: frame, frame };
}

/** The picture that an edit was made from. Throws as `inputOf` does. */
async function imageOf(job: EditJob): Promise<PictureFile> {
  const { image } = await inputOf(job);
  if (image !== undefined) return image;
  throw new OverpaintError("internal", "An extension was drawn without a picture.");
}

async function layerOf(
  { draft: { task }, variant: { png, result }, job }: Placement,
  session: EditSession,
  insertion: Insertion,
  pixels: PixelTools,
) {
  const { layer } = result;
  if (task === "restyle" || task === "upscale") return { png, layer, place: "whole" as const };
  const image = session.mask.size;
  const visible = session.visible.peek();
  const isAround = task === "outpaint";
  const isCropped = isAround && (visible.width < image.width || visible.height < image.height);
  const whole = isCropped ? await pixels.fillCrop(png, layer, { ...(await imageOf(job)), visible }) : png;
  const cut = await pixels.cutLayer(whole, layer, isAround ? extendedPart(session, layer, job) : visible);
  if (insertion.type !== "outlined") return { ...cut, place: isAround ? ("around" as const) : ("part" as const) };
  const padded = await pixels.padLayer(cut.png, cut.layer, image);
  return { png: padded, layer: { x: 0, y: 0, ...image }, place: "whole" as const };
}

function stackingWords(stacking: LayerStacking): string {
  switch (stacking) {
    case "above-source":
      return "Inserted above the picture.";
    case "above-results":
      return "Inserted on top.";
    case "behind-source":
      return "Inserted around the picture.";
    case "behind-others":
      return "Inserted around the picture, behind all it would cover.";
    default:
      return stacking satisfies never;
  }
}

/** What of an extended picture is to show: on sides that were not extended it ends with the shape's crop. */
function extendedPart({ mask, visible }: EditSession, layer: PixelRect, { target }: EditJob): PixelRect {
  const shown = visible.peek();
  const wished = target?.frame ?? shown;
  const edge = (isExtended: boolean, all: number, part: number) => (isExtended ? all : part);
  const right = layer.x + layer.width;
  const bottom = layer.y + layer.height;
  const x = edge(layer.x < 0, layer.x, Math.min(shown.x, wished.x));
  const y = edge(layer.y < 0, layer.y, Math.min(shown.y, wished.y));
  const part = {
    x,
    y,
    width: edge(right > mask.size.width, right, Math.max(shown.x + shown.width, wished.x + wished.width)) - x,
    height: edge(bottom > mask.size.height, bottom, Math.max(shown.y + shown.height, wished.y + wished.height)) - y,
  };
  return intersect(part, layer) ?? layer;
}
