import type { PixelSize } from "../../protocol/geometry.ts";
import type { MemoryCost } from "../../protocol/memory-facts.ts";
import type { ModelFacts } from "../../protocol/model-facts.ts";
import type { Pass, PassExecution } from "../../protocol/plans/pass.ts";

/** The memory of the device that a run is planned for. */
export interface DeviceMemory {
  /** Bytes that a run may take beside the pack's weights. */
  readonly budget: number;
  /** Whether the device draws several variants faster together than one after the other. */
  readonly gainsFromBatches: boolean;
}

/** What a pass asks of a device, however much it is given at once. */
export interface PassDemand {
  /** Latent cells of the largest picture or tile that is denoised in one piece. */
  readonly denoisedCells: number;
  /** Latent cells of the largest picture that is encoded or decoded, for a result or for a preview. */
  readonly codedCells: number;
  readonly isGuided: boolean;
}

/** Ways to run a pass, from what costs nothing to what shows: guidance apart changes rounding, a tiled autoencoder more. */
const executions: readonly PassExecution[] = [
  { guidance: "together", isVaeTiled: false },
  { guidance: "apart", isVaeTiled: false },
  { guidance: "together", isVaeTiled: true },
  { guidance: "apart", isVaeTiled: true },
];

/** Bytes of one evaluation for a picture of so many cells. */
export function bytesFor({ perCell, perCellPair }: MemoryCost, cells: number): number {
  return perCell * cells + perCellPair * cells * cells;
}

/** The pictures of a pass that decide its memory. */
export function passDemand(pass: Pass, isGuided: boolean, { cell }: ModelFacts): PassDemand {
  const pictures = largestPictures(pass).map(({ width, height }) => (width * height) / cell ** 2);
  const largest = Math.max(...pictures);
  return { denoisedCells: largest, codedCells: largest, isGuided };
}

/** In one piece. A picture in tiles is denoised, encoded, decoded and previewed in tiles. */
function largestPictures(pass: Pass): readonly PixelSize[] {
  switch (pass.method) {
    case "prompt":
    case "inpaint":
    case "extend":
    case "redraw":
      return [pass.working];
    case "restyle": {
      const { working, tiling, overview, reference } = pass;
      const piece = tiling ? { width: tiling.tileWidth, height: tiling.tileHeight } : working;
      return [piece, overview, reference?.working].filter((size) => size !== undefined);
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

/**
 * Bytes that a pass takes at its peak beside the weights: denoiser and autoencoder together, because runtimes keep what one
 * evaluation took for the next, and previews are decoded between steps.
 */
export function estimateMemory(
  { denoisedCells, codedCells, isGuided }: PassDemand,
  { memory, nativeSize, cell }: ModelFacts,
  { guidance, isVaeTiled }: PassExecution,
  batch: number,
): number {
  if (memory === undefined) return 0;
  const rows = memory.fixedRows ?? batch * (isGuided && guidance === "together" ? 2 : 1);
  const nativeCells = (nativeSize / cell) ** 2;
  const coded = isVaeTiled ? Math.min(codedCells, nativeCells) : codedCells;
  return rows * bytesFor(memory.denoiser, denoisedCells) + bytesFor(memory.autoencoder, coded);
}

/**
 * The first way to run a pass that fits into the budget, one variant at a time, or undefined where none does. Tiling the
 * autoencoder is no way for pictures that are no larger than its tiles.
 */
export function fittingExecution(demand: PassDemand, facts: ModelFacts, budget: number): PassExecution | undefined {
  const isTileable = demand.codedCells > (facts.nativeSize / facts.cell) ** 2;
  return executions
    .filter(({ isVaeTiled }) => isTileable || !isVaeTiled)
    .find((execution) => estimateMemory(demand, facts, execution, 1) <= budget);
}

/** What a pass is given where nothing fits: an estimate is no reason to refuse. */
export function leastExecution(demand: PassDemand, facts: ModelFacts): PassExecution {
  const isTileable = demand.codedCells > (facts.nativeSize / facts.cell) ** 2;
  return { guidance: demand.isGuided ? "apart" : "together", isVaeTiled: isTileable };
}
