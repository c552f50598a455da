import type { RestyleRequest } from "../../protocol/edit-request.ts";
import type { PixelSize } from "../../protocol/geometry.ts";
import type { ModelFacts } from "../../protocol/models/model-facts.ts";
import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { PassOf, RestylePass } from "../../protocol/plans/pass.ts";
import type { RestylePlan } from "../../protocol/plans/plan.ts";
import { layTiles } from "../sizes/lay-tiles.ts";
import { plainSize } from "../sizes/plain-size.ts";
import { completePrompt } from "../words/complete-prompt.ts";
import { atPlace, type DraftPass, planSettings } from "./plan-settings.ts";
import { partOfRun } from "./real-steps.ts";
import { requireTask } from "./require-task.ts";
import { chosenRun, plainPipeline } from "./run-defaults.ts";

/** Models still draw well in one piece when its sides are this much beyond the size they draw at; beyond it they repeat things. */
const ONE_PIECE = 1.25;
/**
 * Up to this strength enough of the picture shows through the noise to hold its shapes together: what a model would not
 * compose at its largest size it draws anew there. Beyond it pictures are drawn at the native size. The starter learns
 * restyling at its largest size up to t = 720 of 1000.
 */
const SHAPES_HOLD = 0.7;
/** Neighbouring tiles share this much of their side. */
const OVERLAP_SHARE = 0.25;
/** Most tiles a step may take: beyond it the picture is drawn smaller and enlarged. */
const MAX_TILES = 64;
/** No side is drawn shorter than this share of the native size: denoisers fall apart on thin strips. */
const MIN_SIDE_SHARE = 1 / 3;

/**
 * Works out how a picture is drawn anew: at its own size where the model can, in tiles where it is larger than the model.
 *
 * @param image size of the source, in pixels
 * @param tileSide longest side of the tiles of a picture larger than the model, in pixels; default: as the model draws it
 * @param references sizes of the pictures whose style is taken over
 * Throws OverpaintError `unsupported-model` when the pack cannot restyle, `invalid-request` for an unknown style or when a
 * plain run is asked for an image whose sides the model cannot take.
 */
export function planRestyle(
  request: RestyleRequest,
  image: PixelSize,
  references: readonly PixelSize[],
  facts: ModelFacts,
  tileSide = Number.POSITIVE_INFINITY,
): RestylePlan {
  requireTask(facts, request);
  const { plain, strength, referenceStrength } = request;
  const run = chosenRun(request, facts);
  const settings = {
    task: "restyle",
    ...planSettings(request, facts),
    ...completePrompt(request.prompt, request.negativePrompt, request.style, facts.styleWords),
  } as const;
  if (plain) {
    if (references.length > 0 && facts.plain)
      throw new OverpaintError(
        "invalid-request",
        "The pipeline that a plain run is reads no reference.",
        "Leave out --reference.",
      );
    const pass: DraftPass<PassOf<"redraw">> = {
      method: "redraw",
      ...plainSize(image, plainPipeline(request, facts), facts),
      schedule: { ...run, strength },
      masking: facts.seesMask ? "shown" : "image-to-image",
    };
    return { ...settings, passes: [atPlace(pass, 0)] };
  }
  const schedule = partOfRun(run, strength, facts);
  const drawn = schedule.strength <= SHAPES_HOLD ? (facts.largestSize ?? facts.nativeSize) : facts.nativeSize;
  const working = restyleSize(image, drawn, facts);
  const pass: DraftPass<RestylePass> = {
    method: "restyle",
    working,
    ...tilingOf(working, drawn, Math.min(drawn, tileSide), facts),
    tilePrompt: completePrompt("", null, request.style, facts.styleWords).prompt,
    noise: keepsOwnNoise(request) && facts.canInvert ? "inversion" : "seed",
    schedule,
    ...(referenceStrength > 0 && request.referenceModel === null && styleOf(references, referenceStrength, facts)),
  };
  return { ...settings, passes: [atPlace(pass, 0)] };
}

function styleOf(
  references: readonly PixelSize[],
  strength: number,
  facts: ModelFacts,
): Pick<RestylePass, "reference"> | undefined {
  const [working, ...further] = references.map((reference) => onePiece(reference, facts.nativeSize, facts));
  return working && { reference: { working, strength, further } };
}

/** Where ControlNets hold the picture, they keep its layout. */
function keepsOwnNoise({ keepLayout, controls }: RestyleRequest): boolean {
  return keepLayout && controls.length === 0;
}

/**
 * The image's own size as the model can take it, not below the native area nor above what the tiles may cover.
 *
 * @param drawn side of the square that the model draws at, in pixels
 */
function restyleSize(image: PixelSize, drawn: number, facts: ModelFacts): PixelSize {
  const step = drawn * (1 - OVERLAP_SHARE);
  const side = Math.sqrt(image.width * image.height);
  const longest = Math.max(image.width, image.height, drawn * ONE_PIECE);
  const covered = Math.min(Math.max(side, facts.nativeSize), Math.sqrt(MAX_TILES) * step);
  return scaledTo(image, covered, Math.min(longest, MAX_TILES * step), facts);
}

/** About the area of a square of the side `drawn`, in the picture's shape. */
function onePiece(picture: PixelSize, drawn: number, facts: ModelFacts): PixelSize {
  return scaledTo(picture, drawn, drawn / MIN_SIDE_SHARE, facts);
}

/**
 * The picture's size scaled to the area `side`², both sides rounded to what the graphs take and kept between what denoisers
 * can draw and `longest`, at the price of stretching extreme shapes.
 */
function scaledTo({ width, height }: PixelSize, side: number, longest: number, facts: ModelFacts): PixelSize {
  const { nativeSize, sizeMultiple, fixedSize } = facts;
  if (fixedSize) return fixedSize;
  const scale = side / Math.sqrt(width * height);
  const least = Math.ceil((nativeSize * MIN_SIDE_SHARE) / sizeMultiple) * sizeMultiple;
  const most = Math.max(least, Math.floor(longest / sizeMultiple) * sizeMultiple);
  const toSide = (length: number): number =>
    Math.min(most, Math.max(least, Math.round((length * scale) / sizeMultiple) * sizeMultiple));
  return { width: toSide(width), height: toSide(height) };
}

/** Tiles, or none where the picture fits the model in one piece. */
function tilingOf(
  working: PixelSize,
  drawn: number,
  tileSide: number,
  facts: ModelFacts,
): Pick<RestylePass, "tiling" | "overview"> {
  const { sizeMultiple, cell, fixedSize } = facts;
  const largest = drawn * ONE_PIECE;
  if (fixedSize || (working.width <= largest && working.height <= largest)) return {};
  const overview = onePiece(working, drawn, facts);
  // Long, but of no more than the model's own area: an overview would be all of it.
  if (overview.width >= working.width && overview.height >= working.height) return {};
  const side = Math.floor(tileSide / sizeMultiple) * sizeMultiple;
  const tile = { width: Math.min(side, working.width), height: Math.min(side, working.height) };
  const overlap = (length: number): number => Math.ceil((length * OVERLAP_SHARE) / cell) * cell;
  const overlaps = { width: overlap(tile.width), height: overlap(tile.height) };
  return { tiling: layTiles(working, tile, overlaps, cell), overview };
}
