import type { MemoryCost, MemoryFacts } from "../protocol/memory-facts.ts";
import type { Execution } from "../protocol/plans/execution.ts";

/** What one pass asks of a device, whatever it is given at once. */
export interface PassDemand {
  /** Latent cells of the largest picture or tile that is denoised in one piece. */
  readonly denoisedCells: number;
  /** Latent cells of the largest picture or tile that is encoded or decoded for the result. */
  readonly codedCells: number;
  /** Latent cells of the picture that previews decode: whole, also where the pass draws it in tiles. 0: nobody looks at any. */
  readonly previewedCells: number;
  /** Whether previews are decoded in the autoencoder's own tiles in any case, as those of pictures in tiles are. */
  readonly isPreviewTiled: boolean;
  readonly isGuided: boolean;
}

/** What a run of several passes asks of a device. */
export interface RunDemand {
  readonly passes: readonly PassDemand[];
  /** Latent cells of the autoencoder's own size: its tiles have that many. */
  readonly nativeCells: number;
}

/**
 * Bytes that a run takes at its peak beside the weights: the most that any pass's denoiser takes and the most that the
 * autoencoder does, together, because runtimes keep what one evaluation took for the next.
 */
export function estimateMemory(
  { passes, nativeCells }: RunDemand,
  costs: MemoryFacts,
  { batch, guidance, isVaeTiled }: Pick<Execution, "batch" | "guidance" | "isVaeTiled">,
): number {
  const inTiles = (cells: number, isTiled: boolean): number => (isTiled ? Math.min(cells, nativeCells) : cells);
  const denoised = passes.map(({ denoisedCells, isGuided }) => {
    const rows = costs.fixedRows ?? batch * (isGuided && guidance === "together" ? 2 : 1);
    return rows * bytesFor(costs.denoiser, denoisedCells);
  });
  const coded = passes.map(({ codedCells, previewedCells, isPreviewTiled }) =>
    Math.max(inTiles(codedCells, isVaeTiled), inTiles(previewedCells, isVaeTiled || isPreviewTiled)),
  );
  return Math.max(0, ...denoised) + bytesFor(costs.autoencoder, Math.max(0, ...coded));
}

/** Bytes of one evaluation for a picture of so many cells. */
export function bytesFor({ perCell, perCellPair }: MemoryCost, cells: number): number {
  return perCell * cells + perCellPair * cells * cells;
}
