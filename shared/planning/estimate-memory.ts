import type { MemoryCost, MemoryFacts } from "../protocol/memory-facts.ts";
import type { Execution } from "../protocol/plans/execution.ts";

/** What a run asks of a device, whatever it is given at once. */
export interface ExecutionDemand {
  /** Latent cells of the largest picture or tile that is denoised in one piece. */
  readonly denoisedCells: number;
  /** Latent cells of the largest picture that is encoded or decoded. */
  readonly codedCells: number;
  /** Latent cells of the autoencoder's own size: its tiles have that many. */
  readonly nativeCells: number;
  /** Variants that may be drawn together; 1 where they are drawn one after the other. */
  readonly variants: number;
  readonly isGuided: boolean;
}

/**
 * Bytes that a run takes at its peak beside the weights: denoiser and autoencoder together, because runtimes keep what
 * one evaluation took for the next.
 */
export function estimateMemory(
  demand: ExecutionDemand,
  costs: MemoryFacts,
  execution: Pick<Execution, "batch" | "guidance" | "isVaeTiled">,
): number {
  const { denoisedCells, codedCells, nativeCells, isGuided } = demand;
  const { batch, guidance, isVaeTiled } = execution;
  const rows = costs.fixedRows ?? batch * (isGuided && guidance === "together" ? 2 : 1);
  const coded = isVaeTiled ? Math.min(codedCells, nativeCells) : codedCells;
  return rows * bytesFor(costs.denoiser, denoisedCells) + bytesFor(costs.autoencoder, coded);
}

/** Bytes of one evaluation for a picture of so many cells. */
export function bytesFor({ perCell, perCellPair }: MemoryCost, cells: number): number {
  return perCell * cells + perCellPair * cells * cells;
}
