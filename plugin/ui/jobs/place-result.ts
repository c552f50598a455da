import type { PixelRect } from "../../../shared/protocol/geometry.ts";
import type { LayerStacking } from "../../../shared/protocol/plugin/messages.ts";
import { takeSnapshot } from "../masks/take-snapshot.ts";
import type { Draft, Placed } from "../pictures/draft.ts";
import type { EditSession } from "../pictures/edit-session.ts";
import type { PixelTools } from "../pixels/pixel-tools.ts";
import { intersect } from "../pixels/rectangles.ts";
import type { SandboxLink } from "../sandbox-link/sandbox-link.ts";
import { chooseInsertion, type Insertion } from "../source/choose-insertion.ts";
import { sizeWords } from "./action-name.ts";
import type { EditJob, FinishedVariant } from "./edit-job.ts";
import { layerName } from "./layer-name.ts";
import { randomId } from "./random-id.ts";

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
  if (job.boardPlan !== undefined) return await placeOnBoard(placement, session, job.boardPlan, tools);
  const insertion = insertionOf(draft, variant);
  const source = sourceOf(job, session, placement.anyway);
  const laid = { ...source, stacks: placement.stacks, growsBoard: task === "outpaint" && placement.growsBoard };
  if ((task === "upscale" && placement.replacesFill) || insertion.type === "picture") {
    const { png, size, frame } = await newPicture(placement, session, pixels);
    const { notice, content } = await fileOf(png, placement, pixels);
    const { shapeId } = await sandbox.replacePicture({ ...content, ...source, ...(frame && { frame }) });
    const why = insertion.type === "picture" ? ` ${reasons[insertion.because]}` : "";
    const words = `Replaced: the picture has ${sizeWords(size)} pixels now.${why}`;
    return { shapeId, placementId: content.placementId, notice, words, isNewPicture: true };
  }
  const { png, layer, place } = await layerOf(placement, session, insertion, pixels);
  const { notice, content } = await fileOf(png, placement, pixels);
  const { shapeId, stacking, hasReplaced } = await sandbox.placeLayer({ ...content, ...laid, place, layer });
  const words = hasReplaced
    ? "Replaced the earlier one."
    : stackingWords(stacking ?? (task === "outpaint" ? "behind-source" : "above-source"));
  return { shapeId, placementId: content.placementId, notice, words, isNewPicture: false };
}

/** How a variant has to come into the document to look like the picture around it. */
export function insertionOf({ task, session }: Draft, { result }: FinishedVariant): Insertion {
  if (session === undefined) return { type: "part" };
  if (result.recipe.request.task === "cutout") return { type: "picture", because: "transparency" };
  const erases = result.erases !== undefined;
  const visible = session.visible.value;
  if (task !== "inpaint") {
    if (erases && task === "restyle") return { type: "picture", because: "transparency" };
    return session.shape.value.insertion === "picture" ? { type: "picture", because: "look" } : { type: "part" };
  }
  return chooseInsertion({ ...session.shape.value, visible }, intersect(result.layer, visible) ?? result.layer, erases);
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
  const { shapeId } = await sandbox.placePicture({ ...content, ...into, size: placement.variant.result.pixels });
  const words = targetId === undefined ? "Inserted on the page." : "The shape is filled.";
  return { shapeId, placementId: content.placementId, notice, words, isNewPicture: false };
}

/** The picture with its extension, as one, beneath all that stands on a board. */
async function placeOnBoard(
  placement: Placement,
  session: EditSession,
  { board, frame }: NonNullable<EditJob["boardPlan"]>,
  { sandbox, pixels }: PlaceTools,
): Promise<PlacedResult> {
  const { variant, job } = placement;
  const { bytes, mime } = job.input?.image ?? session.source;
  const png = await pixels.extendPicture({ bytes, mime }, variant.png, variant.result.layer, frame);
  const { notice, content } = await fileOf(png, placement, pixels);
  const { shapeId } = await sandbox.fillBoard({ ...content, board });
  const words = board.type === "new" ? `The board “${board.name}” is made.` : "The board is filled.";
  return { shapeId, placementId: content.placementId, notice, words, isNewPicture: false };
}

/** The picture that a job was made from, which is not always the one that shows by now. */
function sourceOf({ target, sourceSize, drawnOn }: EditJob, session: EditSession, anyway: boolean) {
  const { fileId, pageId, shapeId, mediaId } = session.shape.peek();
  const from = {
    ...(fileId !== undefined && { fileId }),
    pageId,
    shapeId,
    mediaId: target?.mediaId ?? mediaId,
    image: sourceSize ?? session.mask.size,
  };
  return { from, anyway, drawnOn: [...drawnOn] };
}

async function fileOf(png: Uint8Array<ArrayBuffer>, { variant, draft, job }: Placement, pixels: PixelTools) {
  const { recipe } = variant.result;
  const { notice, ...upload } = await pixels.fitUpload(png);
  // A history without pictures is better than no insertion.
  const thumbnail = await pixels.thumbnailUrl(variant.thumbnail).catch(() => undefined);
  const name = layerName(recipe.request.prompt, draft.task);
  const kept = { recipe, job: job.id, ...(thumbnail && { thumbnail }) };
  return { notice, content: { ...upload, ...kept, name, placementId: randomId() } };
}

/** The picture that takes the old one's place; with a frame where it reaches beyond it, in pixels of the old one. */
async function newPicture(placement: Placement, session: EditSession, pixels: PixelTools) {
  const { draft, variant, job } = placement;
  const { layer, pixels: size } = variant.result;
  if (variant.result.recipe.request.task === "cutout") return { png: variant.png, size };
  if (draft.task === "inpaint") return { png: await merged(placement, session, pixels), size: session.mask.size };
  if (draft.task !== "outpaint") return { png: variant.png, size };
  const frame = extendedPart(session, layer);
  const { bytes, mime } = job.input?.image ?? session.source;
  return { png: await pixels.extendPicture({ bytes, mime }, variant.png, layer, frame), size: frame, frame };
}

async function merged({ variant, job }: Placement, session: EditSession, pixels: PixelTools) {
  const { bytes, mime } = job.input?.image ?? session.source;
  const mask = job.input?.mask ? await pixels.decodeMask(job.input.mask) : takeSnapshot(session.mask);
  return await pixels.mergeResult({ bytes, mime }, variant.png, variant.result.layer, mask);
}

async function layerOf(
  { draft: { task }, variant: { png, result } }: Placement,
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
  const { bytes, mime } = session.source;
  const whole = isCropped ? await pixels.fillCrop(png, layer, { bytes, mime, visible }) : png;
  const cut = await pixels.cutLayer(whole, layer, isAround ? extendedPart(session, layer) : visible);
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
function extendedPart({ mask, visible, frame }: EditSession, layer: PixelRect): PixelRect {
  const shown = visible.peek();
  const wished = frame.peek();
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
