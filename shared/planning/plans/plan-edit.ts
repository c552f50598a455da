import type { EditRequest } from "../../protocol/edit-request.ts";
import type { PixelSize } from "../../protocol/geometry.ts";
import type { MaskShape } from "../../protocol/mask-shape.ts";
import { isGuidedAt, type ModelFacts } from "../../protocol/models/model-facts.ts";
import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { Pass } from "../../protocol/plans/pass.ts";
import type { Plan } from "../../protocol/plans/plan.ts";
import {
  type DeviceMemory,
  estimateMemory,
  factsOn,
  fits,
  fittingExecution,
  leastExecution,
  passDemand,
} from "./memory-ladder.ts";
import { planCreate } from "./plan-create.ts";
import { planCutout } from "./plan-cutout.ts";
import { planInpaint } from "./plan-inpaint.ts";
import { planInstruction } from "./plan-instruction.ts";
import { planOutpaint } from "./plan-outpaint.ts";
import { planRestyle } from "./plan-restyle.ts";
import { planUpscale } from "./plan-upscale.ts";

/** What planning knows of an edit's pictures. */
export interface EditSizes {
  /** Of the source. Absent only for pictures from nothing. */
  readonly image?: PixelSize | undefined;
  readonly mask?: MaskShape | undefined;
  /** In the order in which the prompt may speak of them. Default: none. */
  readonly references?: readonly PixelSize[] | undefined;
}

/** Sizes that a model is planned with: its own, or smaller ones that memory allows. */
interface Room {
  readonly facts: ModelFacts;
  /** Side of the tiles of pictures larger than the model, in pixels. Default: as the task draws them. */
  readonly tileSide?: number;
}

/** Shares of the native side at which a picture is drawn where its full size does not fit into memory. */
const SMALLER_SIDES = [7 / 8, 3 / 4, 5 / 8, 1 / 2];
/** Tiles become no smaller than this share of the model's native side: below it, denoisers lose what a picture is of. */
const LEAST_TILE_SHARE = 0.5;
/** A network's tile becomes no smaller than this many times what it throws away at each side. */
const LEAST_TILE_MARGINS = 4;

/**
 * Works out a run from its request, the sizes of its pictures, what the model can and what the device has room for. What
 * shows least is given up first: variants drawn together, then both halves of guidance at once, then the autoencoder in one
 * piece, then what is drawn beyond the model's native size, then the size of tiles, and last the size at which the model works.
 * Where even that does not fit, it is planned all the same.
 *
 * Throws OverpaintError `unsupported-model` when the model cannot do the task, `invalid-request`, `image-too-large`.
 *
 * @param memory default: room for anything, one variant after the other
 */
export function planEdit(request: EditRequest, sizes: EditSizes, facts: ModelFacts, memory?: DeviceMemory): Plan {
  const [own, ...smaller] = rooms(facts);
  let plan = planTask(request, sizes, own);
  // A plain run is the reference's own: nothing about it is decided here.
  if (memory === undefined || facts.memory === undefined || request.plain) return plan;
  const counted = factsOn(facts, memory);
  for (const room of smaller) {
    const fitted = fitPlan(plan, counted, memory);
    if (fitted) return fitted;
    plan = planTask(request, sizes, room);
  }
  return fitPlan(plan, counted, memory) ?? withLeast(plan, counted);
}

function planTask(request: EditRequest, { image, mask, references = [] }: EditSizes, { facts, tileSide }: Room): Plan {
  if (request.task === "create") return planCreate(request, facts);
  if (image === undefined)
    throw new OverpaintError("invalid-request", "The edit needs an image.", "Send the image with the request.");
  switch (request.task) {
    case "inpaint": {
      if (mask === undefined)
        throw new OverpaintError("invalid-request", "Inpainting needs a mask.", "Send the mask with the request.");
      return planInpaint(request, image, mask, facts);
    }
    case "outpaint":
      return planOutpaint(request, image, facts);
    case "restyle":
      return planRestyle(request, image, references, facts, tileSide);
    case "upscale":
      return planUpscale(request, image, facts, tileSide);
    case "edit":
      return planInstruction(request, { image, mask, references }, facts);
    case "cutout":
      return planCutout(request, facts);
  }
}

/**
 * The model's own sizes first, then nothing beyond its native one, then smaller tiles, then smaller pictures in the
 * smallest tiles. Fixed graphs have one size.
 */
function rooms(facts: ModelFacts): readonly [own: Room, ...smaller: Room[]] {
  const { nativeSize, sizeMultiple, enlarging, fixedSize } = facts;
  const own = { facts };
  if (fixedSize !== undefined) return [own];
  const least =
    enlarging?.method === "network" ? LEAST_TILE_MARGINS * enlarging.receptiveRadius : nativeSize * LEAST_TILE_SHARE;
  const native = { ...facts, largestSize: nativeSize };
  const inTiles: Room[] = [{ facts: native, tileSide: nativeSize }];
  let smallest = nativeSize;
  for (let side = nativeSize / 2; side >= least && side % sizeMultiple === 0; side /= 2) {
    inTiles.push({ facts: native, tileSide: side });
    smallest = side;
  }
  const smallerSides = SMALLER_SIDES.map((share) => Math.floor((nativeSize * share) / sizeMultiple) * sizeMultiple);
  const drawnSmaller = smallerSides
    .filter((side) => side >= sizeMultiple)
    .map((side) => ({
      facts: { ...facts, nativeSize: side, largestSize: side },
      tileSide: Math.min(smallest, side),
    }));
  return [own, ...inTiles, ...drawnSmaller];
}

/** The plan with what each pass is given at once, or undefined when one of them does not fit. */
function fitPlan(plan: Plan, facts: ModelFacts, memory: DeviceMemory): Plan | undefined {
  const isGuided = isGuidedAt(plan.guidanceScale, facts);
  const passes: Pass[] = [];
  for (const pass of plan.passes) {
    const execution = fittingExecution(passDemand(pass, isGuided, facts), facts, memory);
    if (execution === undefined) return undefined;
    passes.push({ ...pass, execution });
  }
  const fitsTogether = (batch: number): boolean =>
    passes.every((pass) => fits(passDemand(pass, isGuided, facts), facts, pass.execution, batch, memory));
  let batch = memory.gainsFromBatches && drawsTogether(plan) ? plan.count : 1;
  while (batch > 1 && !fitsTogether(batch)) batch -= 1;
  return { ...plan, passes, batch } as Plan; // each pass is the one it was, with another execution
}

/** Bytes that a plan takes at its peak beside the model's weights, as estimated; 0 of a model that says nothing of itself. */
export function planBytes(plan: Plan, facts: ModelFacts): number {
  const isGuided = isGuidedAt(plan.guidanceScale, facts);
  const bytes = plan.passes.map((pass) =>
    estimateMemory(passDemand(pass, isGuided, facts), facts, pass.execution, plan.batch),
  );
  return Math.max(...bytes);
}

function withLeast(plan: Plan, facts: ModelFacts): Plan {
  const isGuided = isGuidedAt(plan.guidanceScale, facts);
  const passes = plan.passes.map((pass) => ({
    ...pass,
    execution: leastExecution(passDemand(pass, isGuided, facts), facts),
  }));
  return { ...plan, passes } as Plan; // each pass is the one it was, with another execution
}

/** Pictures in tiles are drawn one after the other: a batch would need a denoiser in tiles for each. */
function drawsTogether({ task }: Plan): boolean {
  return task === "inpaint" || task === "outpaint" || task === "create";
}
