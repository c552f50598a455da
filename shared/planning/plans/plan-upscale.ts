import type { UpscaleRequest } from "../../protocol/edit-request.ts";
import type { PixelSize } from "../../protocol/geometry.ts";
import { MAX_IMAGE_PIXELS } from "../../protocol/limits.ts";
import { type Enlarging, type ModelFacts, USUAL_NOISE_LEVEL } from "../../protocol/models/model-facts.ts";
import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { EnlargingPass, PassOf } from "../../protocol/plans/pass.ts";
import type { UpscalePlan } from "../../protocol/plans/plan.ts";
import { layTiles, noOverlap } from "../sizes/lay-tiles.ts";
import { rejectOddSize } from "../sizes/reject-odd-size.ts";
import { atPlace, type DraftPass, planSettings } from "./plan-settings.ts";
import { partOfRun } from "./real-steps.ts";
import { requireTask } from "./require-task.ts";
import { chosenRun, runDefaults } from "./run-defaults.ts";

/** Source pixels that holding the brightness looks at beyond a network's own reach: two cubic kernels, down and up. */
const HOLD_REACH = 5;
/** Neighbouring tiles of diffusion models share at least this part of a side: less shows as lines on plain ground. */
const OVERLAP_SHARE = 0.25;
/** Of a network's tile, at least this many times what is thrown away at each side is kept. */
const KEPT_MARGINS = 2;
/** Of a graph of fixed size at least this share of a side must be kept: below it, one picture takes hundreds of runs. */
const LEAST_KEPT = 1 / 8;
/** Refinement may change details, not shapes. On known pictures 0.15 came 1.5 dB nearer to the truth than 0.3 (×4). */
const DEFAULT_STRENGTH = 0.15;

/**
 * Works out an upscaling run from sizes alone. The model decides the method: a super-resolution network, the x4
 * diffusion pipeline, or, for every other model, refinement of the resampled picture.
 *
 * @param image size of the source, in pixels
 * @param tileSide side of the tiles of a picture larger than the model, in pixels; default: the model's native size
 * Throws OverpaintError `unsupported-model` when the pack cannot upscale, `invalid-request` when the wanted size is smaller
 * than the source or no size that a plain run makes or the noise level more than the model knows, `image-too-large` when it is beyond the limits.
 */
export function planUpscale(
  request: UpscaleRequest,
  image: PixelSize,
  facts: ModelFacts,
  tileSide = facts.nativeSize,
): UpscalePlan {
  requireTask(facts, request);
  if (request.controls.length > 0) throw unguidable("ControlNets");
  if (request.referenceModel !== null) throw unguidable("references");
  const target = { width: request.width, height: request.height };
  rejectOddTarget(target, image);
  const { plain } = request;
  const settings = { task: "upscale", ...planSettings(request, facts), target } as const;
  const enlarging = requireEnlarging(facts);
  switch (enlarging.method) {
    case "network": {
      const tiles = networkTiles(image, facts, enlarging, target, plain, tileSide);
      return {
        ...settings,
        guidanceScale: 1,
        passes: [atPlace({ method: "super-resolve", ...tiles } as const, 0)],
      };
    }
    case "diffusion": {
      const { factor, maxNoiseLevel } = enlarging;
      const tiles = plain ? wholePicture(image, facts, target, factor) : overlappingTiles(image, facts, tileSide);
      const pass: DraftPass<PassOf<"enlarge">> = {
        method: "enlarge",
        ...tiles,
        factor,
        schedule: chosenRun(request, facts),
        noiseLevel: requireNoiseLevel(
          request.noiseLevel ?? runDefaults(facts).noiseLevel ?? USUAL_NOISE_LEVEL,
          maxNoiseLevel,
        ),
      };
      return { ...settings, passes: [atPlace(pass, 0)] };
    }
    case "refine": {
      if (plain) throw noPlainRefinement();
      const pass: DraftPass<PassOf<"refine">> = {
        method: "refine",
        ...overlappingTiles(target, facts, tileSide),
        factor: 1,
        schedule: partOfRun(chosenRun(request, facts), request.strength ?? DEFAULT_STRENGTH, facts),
      };
      return { ...settings, passes: [atPlace(pass, 0)] };
    }
  }
}

/** What the model is fed: the picture, continued to a size it can take, in tiles. */
type Tiles = Pick<EnlargingPass, "working" | "tiling">;

/** Tiles side by side, each seeing as far around itself as its pixels depend on: they equal the untiled result. */
function networkTiles(
  image: PixelSize,
  facts: ModelFacts,
  { factor, receptiveRadius }: Extract<Enlarging, { readonly method: "network" }>,
  target: PixelSize,
  plain: boolean,
  tileSide: number,
): Tiles & Pick<PassOf<"super-resolve">, "factor" | "margin"> {
  if (plain) return { ...wholePicture(image, facts, target, factor), factor, margin: 0 };
  const margin = receptiveRadius + HOLD_REACH;
  const whole = facts.fixedSize ?? { width: tileSide, height: tileSide };
  const seen = (side: number): number => networkTileSide(side, margin, facts.fixedSize !== undefined);
  // A graph of fixed size is fed nothing smaller: beyond the picture, its border repeats.
  const fed = facts.fixedSize
    ? {
        width: Math.max(image.width, seen(facts.fixedSize.width)),
        height: Math.max(image.height, seen(facts.fixedSize.height)),
      }
    : { width: image.width, height: image.height };
  const tile = {
    width: Math.min(fed.width, seen(whole.width)),
    height: Math.min(fed.height, seen(whole.height)),
  };
  return { working: fed, factor, tiling: layTiles(fed, tile, noOverlap, 1), margin };
}

/**
 * Side of what is kept of a network's tile: what is left of `side` once `margin` is thrown away at both ends. A network that
 * looks far around each pixel is fed larger tiles instead of keeping next to nothing of them.
 *
 * @param side of the tile that is fed, in pixels
 * Throws OverpaintError `unsupported-model` where a graph of fixed size leaves too little.
 */
function networkTileSide(side: number, margin: number, isFixed: boolean): number {
  const kept = side - 2 * margin;
  if (!isFixed) return Math.max(kept, KEPT_MARGINS * margin, 1);
  if (kept >= side * LEAST_KEPT) return kept;
  throw new OverpaintError(
    "unsupported-model",
    `The model's graph takes ${side} pixels a side and nothing else, but each pixel it draws depends on ${margin} at every side of it: almost nothing of a tile could be kept.`,
    "Export the model with a free or a larger size, or choose another upscaling model.",
  );
}

/** Tiles over a picture that is continued to a size the model can take. */
function overlappingTiles(picture: PixelSize, facts: ModelFacts, tileSide: number): Tiles {
  const { sizeMultiple, cell, fixedSize } = facts;
  const roundUp = (length: number): number => Math.ceil(length / sizeMultiple) * sizeMultiple;
  const fed = {
    width: Math.max(roundUp(picture.width), fixedSize?.width ?? 0),
    height: Math.max(roundUp(picture.height), fixedSize?.height ?? 0),
  };
  // Two steps of the grid at least, so that neighbours can share one.
  const side = Math.max(roundUp(tileSide), 2 * sizeMultiple);
  const tile = {
    width: fixedSize?.width ?? Math.min(fed.width, side),
    height: fixedSize?.height ?? Math.min(fed.height, side),
  };
  const isOneStep = fixedSize !== undefined && Math.min(tile.width, tile.height) <= sizeMultiple;
  const grid = isOneStep ? cell : sizeMultiple;
  const overlap = (length: number): number =>
    Math.min(Math.ceil((length * OVERLAP_SHARE) / grid) * grid, length - grid);
  return {
    working: fed,
    tiling: layTiles(fed, tile, { width: overlap(tile.width), height: overlap(tile.height) }, grid),
  };
}

/** The bare pipeline: the whole picture in one piece. */
function wholePicture(image: PixelSize, facts: ModelFacts, target: PixelSize, factor: number): Tiles {
  rejectOddSize(image, facts);
  const size = { width: image.width, height: image.height };
  if (target.width === size.width * factor && target.height === size.height * factor)
    return { working: size, tiling: layTiles(size, size, noOverlap, 1) };
  throw new OverpaintError(
    "invalid-request",
    `A plain run makes ${size.width * factor}×${size.height * factor} pixels of this image, not ${target.width}×${target.height}.`,
    "Ask for that size, or leave out --plain.",
  );
}

function requireEnlarging({ enlarging }: ModelFacts): Enlarging {
  if (enlarging !== undefined) return enlarging;
  throw new OverpaintError("damaged-model", "The model does not say how much it enlarges.", "Install the model again.");
}

function requireNoiseLevel(noiseLevel: number, max: number): number {
  if (noiseLevel <= max) return noiseLevel;
  throw new OverpaintError(
    "invalid-request",
    `The noise level ${noiseLevel} is more than the model knows: ${max} at most.`,
    `Ask for 0 to ${max}, or leave it out.`,
  );
}

function rejectOddTarget(target: PixelSize, image: PixelSize): void {
  if (target.width < image.width || target.height < image.height)
    throw new OverpaintError(
      "invalid-request",
      `The image is ${image.width}×${image.height} pixels, more than the ${target.width}×${target.height} asked for.`,
      "Ask for a size that is not smaller than the image's.",
    );
  if (target.width * target.height > MAX_IMAGE_PIXELS)
    throw new OverpaintError(
      "image-too-large",
      `${target.width}×${target.height} pixels are more than the ${MAX_IMAGE_PIXELS / 1e6} million that Penpot takes.`,
      "Ask for a smaller size.",
    );
}

function unguidable(what: string): OverpaintError {
  return new OverpaintError("invalid-request", `Upscaling takes no ${what}.`, "Leave them out.");
}

function noPlainRefinement(): OverpaintError {
  return new OverpaintError(
    "invalid-request",
    "Upscaling with this model is resampling and refinement; there is no plain pipeline for it.",
    "Leave out --plain, or choose an upscaling model.",
  );
}
