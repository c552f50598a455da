import type { PixelSize } from "../../protocol/geometry.ts";
import type { ModelFacts } from "../../protocol/models/model-facts.ts";
import type { Pass, PassExecution } from "../../protocol/plans/pass.ts";
import { runBytes, type Turns } from "../memory/model-memory.ts";

/** The memory of the device that a run is planned for. */
export interface DeviceMemory {
  /** Bytes that a run may take beside the weights that are loaded throughout. */
  readonly budget: number;
  /** Weights that are loaded in turn, which count within the budget; absent where all are there throughout. */
  readonly turns?: Turns;
  /** Bytes that a run may take beside all weights, where it ran out of memory with more. Absent: the budget alone decides. */
  readonly drawing?: number;
  /** Whether attention keeps its scores there. Default: false. */
  readonly holdsScores?: boolean;
  /** Whether the device draws several variants faster together than one after the other. */
  readonly gainsFromBatches: boolean;
}

/** What a pass asks of a device, however much it is given at once. */
export interface PassDemand {
  /** Latent cells of the largest picture or tile that is denoised in one piece. */
  readonly denoisedCells: number;
  /** The pictures that are encoded or decoded, for a result or for a preview. */
  readonly coded: readonly CodedPicture[];
  readonly isGuided: boolean;
}

/** Width and height in latent cells. */
interface CodedPicture extends PixelSize {
  /** Whether the autoencoder works on it in tiles, however the pass is run. */
  readonly isInTiles: boolean;
}

/** Ways to run a pass, from what costs nothing to what shows: guidance apart changes rounding, a tiled autoencoder more. */
const executions: readonly PassExecution[] = [
  { guidance: "together", isVaeTiled: false },
  { guidance: "apart", isVaeTiled: false },
  { guidance: "together", isVaeTiled: true },
  { guidance: "apart", isVaeTiled: true },
];

/** The facts of a model for planning on a device: with the scores of its attention where that holds them. */
export function factsOn(facts: ModelFacts, { holdsScores }: DeviceMemory): ModelFacts {
  const { memory } = facts;
  if (!holdsScores || memory?.scores === undefined) return facts;
  const { denoiser, scores } = memory;
  const sum = {
    perCell: denoiser.perCell + scores.perCell,
    perCellPair: denoiser.perCellPair + scores.perCellPair,
  };
  return { ...facts, memory: { ...memory, denoiser: sum } };
}

/** The pictures of a pass that decide its memory. */
export function passDemand(pass: Pass, isGuided: boolean, { cell }: ModelFacts): PassDemand {
  const toCells = ({ width, height }: PixelSize): PixelSize => ({ width: width / cell, height: height / cell });
  const denoised = denoisedPictures(pass).map(toCells);
  const isInTiles = pass.method === "restyle" && pass.tiling !== undefined;
  const coded = [
    ...denoised.map((size) => ({ ...size, isInTiles: false })),
    // The tiles share one picture, which is coded as a whole.
    ...(isInTiles ? [{ ...toCells(pass.working), isInTiles }] : []),
  ];
  return { denoisedCells: Math.max(...denoised.map(({ width, height }) => width * height)), coded, isGuided };
}

/** Those that the model sees in one piece. */
function denoisedPictures(pass: Pass): readonly PixelSize[] {
  switch (pass.method) {
    case "prompt":
    case "inpaint":
    case "extend":
    case "redraw":
    case "erase":
    case "matte":
      return [pass.working];
    case "instruct": {
      // One sequence: what is drawn, the source and the references.
      const { working, references } = pass;
      const shown = [working, ...references.map((reference) => reference.working)];
      const pixels = shown.reduce((sum, { width, height }) => sum + width * height, working.width * working.height);
      return [{ width: working.width, height: Math.ceil(pixels / working.width) }];
    }
    case "restyle": {
      const { working, tiling, overview, reference } = pass;
      const piece = tiling ? { width: tiling.tileWidth, height: tiling.tileHeight } : working;
      return [piece, overview, reference?.working, ...(reference?.further ?? [])].filter((size) => size !== undefined);
    }
    case "super-resolve": {
      const { tiling, margin } = pass;
      return [{ width: tiling.tileWidth + 2 * margin, height: tiling.tileHeight + 2 * margin }];
    }
    case "enlarge":
    case "refine":
      return [{ width: pass.tiling.tileWidth, height: pass.tiling.tileHeight }];
  }
}

/** Latent cells of the largest piece that the autoencoder is given. */
function codedCells({ coded }: PassDemand, side: number | undefined, isVaeTiled: boolean): number {
  const cells = coded.map(({ width, height, isInTiles }) =>
    isInTiles || isVaeTiled ? Math.min(width, side ?? width) * Math.min(height, side ?? height) : width * height,
  );
  return Math.max(...cells);
}

/** Whether tiles would make what the autoencoder is given any smaller. */
function isTileable(demand: PassDemand, { memory }: ModelFacts): boolean {
  const side = memory?.codedSide;
  return codedCells(demand, side, true) < codedCells(demand, side, false);
}

/** Bytes that a pass takes at its peak beside the weights that are loaded throughout. @param turns absent: beside all weights */
export function estimateMemory(
  demand: PassDemand,
  { memory }: ModelFacts,
  { guidance, isVaeTiled }: PassExecution,
  batch: number,
  turns?: Turns,
): number {
  if (memory === undefined) return 0;
  const rows = memory.fixedRows ?? batch * (demand.isGuided && guidance === "together" ? 2 : 1);
  const { denoisedCells } = demand;
  return runBytes(memory, { denoisedCells, codedCells: codedCells(demand, memory.codedSide, isVaeTiled), rows }, turns);
}

/** Whether a pass fits into a device's memory, as estimated. */
export function fits(
  demand: PassDemand,
  facts: ModelFacts,
  execution: PassExecution,
  batch: number,
  { budget, turns, drawing }: DeviceMemory,
): boolean {
  if (estimateMemory(demand, facts, execution, batch, turns) > budget) return false;
  return drawing === undefined || estimateMemory(demand, facts, execution, batch) <= drawing;
}

/** The first way to run a pass that fits into the memory, one variant at a time, or undefined where none does. */
export function fittingExecution(
  demand: PassDemand,
  facts: ModelFacts,
  memory: DeviceMemory,
): PassExecution | undefined {
  return executionsFor(demand, facts).find((execution) => fits(demand, facts, execution, 1, memory));
}

/** What a pass is given where nothing fits: an estimate is no reason to refuse. */
export function leastExecution(demand: PassDemand, facts: ModelFacts): PassExecution {
  return { guidance: demand.isGuided ? "apart" : "together", isVaeTiled: isTileable(demand, facts) };
}

/** The ways that differ for a pass. */
function executionsFor(demand: PassDemand, facts: ModelFacts): readonly PassExecution[] {
  const canTile = isTileable(demand, facts);
  return executions.filter(({ isVaeTiled }) => canTile || !isVaeTiled);
}
