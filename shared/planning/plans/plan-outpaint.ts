import type { OutpaintRequest } from "../../protocol/edit-request.ts";
import { type PixelRect, type PixelSize, wholeOf } from "../../protocol/geometry.ts";
import { MAX_IMAGE_PIXELS, MAX_IMAGE_SIDE } from "../../protocol/limits.ts";
import type { ModelFacts } from "../../protocol/models/model-facts.ts";
import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { ExtendPass, PassSchedule } from "../../protocol/plans/pass.ts";
import type { OutpaintPlan } from "../../protocol/plans/plan.ts";
import {
  cuts,
  mirrored,
  mirrorOf,
  type OutpaintPiece,
  outpaintPieces,
  pieceOverlap,
  stripsAround,
} from "../extension/outpaint-pieces.ts";
import { fitContext, MIN_CONTEXT_SHARE } from "../sizes/fit-context.ts";
import { detail, REFINE_STRENGTH, refinedSize } from "../sizes/refined-size.ts";
import { rejectOddSize } from "../sizes/reject-odd-size.ts";
import { workingSize } from "../sizes/working-size.ts";
import { hasWords } from "../words/has-words.ts";
import { atPlace, type DraftPass, planSettings } from "./plan-settings.ts";
import { partOfRun } from "./real-steps.ts";
import { requireTask } from "./require-task.ts";
import { chosenRun, continuingGuidance } from "./run-defaults.ts";

/** The border's colours lead over to the drawn ones within this many latent cells ... */
const BLEND_CELLS = 2;
/** ... but never over more pixels than this: farther out they would be streaks. */
const MAX_BLEND = 24;
/** Refining takes many tiles: it must show this many times more detail along each side to be worth its time. */
const WORTHWHILE_TILES_GAIN = 2;
/** An extension is refined in about this many tiles at most, however large it is: detail has its price. */
const MAX_TILES = 8;
/**
 * Without a prompt what is there is to go on: the border's colours, carried outwards, are where the drawing starts. Enough
 * noise lies on them that only their broad arrangement stays.
 */
const CONTINUING_STRENGTH = 0.85;
/** Side of a refined tile as a share of the model's native size: with its surroundings it fills the enlarged working size. */
const TILE_SHARE = 0.85;

/**
 * Works out an extension from sizes alone: which pieces are drawn in which order, what the model sees of the picture for
 * each, and which of them a second pass refines.
 *
 * Throws OverpaintError `unsupported-model` when the pack cannot extend pictures, `invalid-request` when a
 * plain run is asked for a canvas whose sides the model cannot take, `image-too-large`.
 */
export function planOutpaint(request: OutpaintRequest, image: PixelSize, facts: ModelFacts): OutpaintPlan {
  requireTask(facts, request);
  const canvas = requireCanvas(request, image);
  const run = chosenRun(request, facts);
  const source = wholeOf(image);
  const settings = { task: "outpaint", ...planSettings(request, facts), canvas } as const;

  if (request.plain) {
    rejectOddSize(canvas, facts);
    const pass: DraftPass<ExtendPass> = {
      method: "extend",
      kind: "compose",
      fills: stripsAround(source, canvas),
      context: canvas,
      working: { width: canvas.width, height: canvas.height },
      schedule: { ...run, strength: 1 },
      known: source,
      blend: 0,
      overlap: 0,
      masking: facts.seesMask ? "shown" : "blended",
    };
    return { ...settings, passes: [atPlace(pass, 0)] };
  }
  const begun = partOfRun(run, hasWords(request.prompt) ? 1 : CONTINUING_STRENGTH, facts);
  const mirror = mirrorOf(image, canvas);
  const place = mirrored(canvas, image, mirror);
  const composed = outpaintPieces(source, place, facts.nativeSize).map((piece) => composePass(piece, begun, facts));
  const cell = composed.reduce((most, pass) => Math.max(most, facts.cell / detail(pass.context, pass.working)), 0);
  const blend = Math.min(MAX_BLEND, Math.ceil(cell * BLEND_CELLS));
  const touched = partOfRun(run, REFINE_STRENGTH, facts);
  const refined = refinePasses(composed, place, blend, touched, facts);
  return {
    ...settings,
    guidanceScale: request.guidanceScale ?? continuingGuidance(request, facts),
    passes: [...composed, ...refined].map((pass, index) =>
      atPlace(
        {
          ...pass,
          fills: pass.fills.map((fill) => mirrored(fill, image, mirror)),
          context: mirrored(pass.context, image, mirror),
          ...(pass.known && { known: mirrored(pass.known, image, mirror) }),
          blend,
        },
        index,
      ),
    ),
  };
}

function composePass(piece: OutpaintPiece, schedule: PassSchedule, facts: ModelFacts): DraftPass<ExtendPass> {
  const { fills, around, known, bounds } = piece;
  const context = contextIn(bounds, around, facts);
  const working = workingSize(context, facts);
  return {
    method: "extend",
    kind: "compose",
    fills: [...fills],
    context,
    working,
    schedule,
    known,
    blend: 0,
    overlap: pieceOverlap(piece, context, facts.cell / detail(context, working)),
    masking: facts.seesMask ? "shown" : "differential",
  };
}

/** Draws coarsely composed pieces again in tiles, from left to right and top to bottom. */
function refinePasses(
  composed: readonly DraftPass<ExtendPass>[],
  canvas: PixelRect,
  overlap: number,
  schedule: PassSchedule,
  facts: ModelFacts,
): DraftPass<ExtendPass>[] {
  const fills = composed.flatMap((pass) => pass.fills);
  const area = fills.reduce((sum, { width, height }) => sum + width * height, 0);
  const side = Math.max(facts.nativeSize * TILE_SHARE, Math.sqrt(area / MAX_TILES));
  return composed.flatMap((pass) => {
    const tiles = pass.fills.flatMap((fill) => tilesOf(fill, side));
    const passes = tiles.map((tile): DraftPass<ExtendPass> => {
      const context = contextIn(canvas, tile, facts);
      return {
        method: "extend",
        kind: "refine",
        fills: [tile],
        context,
        working: refinedSize(context, facts),
        schedule,
        blend: 0,
        overlap,
        masking: pass.masking,
      };
    });
    const finest = Math.min(...passes.map(({ context, working }) => detail(context, working)));
    return finest / detail(pass.context, pass.working) >= WORTHWHILE_TILES_GAIN ? passes : [];
  });
}

function tilesOf(fill: PixelRect, side: number): PixelRect[] {
  return cuts(fill.height, side).flatMap(([y, height]) =>
    cuts(fill.width, side).map(([x, width]) => ({ x: fill.x + x, y: fill.y + y, width, height })),
  );
}

/** The context around `fill`, inside `bounds` where those are large enough. */
function contextIn(bounds: PixelRect, fill: PixelRect, facts: ModelFacts): PixelRect {
  const aspect = facts.fixedSize && facts.fixedSize.width / facts.fixedSize.height;
  const relative = { ...fill, x: fill.x - bounds.x, y: fill.y - bounds.y };
  const context = fitContext(bounds, relative, Math.round(facts.nativeSize * MIN_CONTEXT_SHARE), aspect);
  return { ...context, x: context.x + bounds.x, y: context.y + bounds.y };
}

function requireCanvas({ left, right, top, bottom }: OutpaintRequest, image: PixelSize): PixelRect {
  const canvas = { x: 0 - left, y: 0 - top, width: left + image.width + right, height: top + image.height + bottom };
  if (Math.max(canvas.width, canvas.height) > MAX_IMAGE_SIDE || canvas.width * canvas.height > MAX_IMAGE_PIXELS) {
    throw new OverpaintError(
      "image-too-large",
      `The extended picture would have ${canvas.width}×${canvas.height} pixels; at most ${MAX_IMAGE_SIDE} a side and ${MAX_IMAGE_PIXELS / 1e6} million in all can be handled.`,
      "Extend it by less.",
    );
  }
  return canvas;
}
