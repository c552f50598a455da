import type { MemoryFacts } from "../protocol/memory-facts.ts";
import type { Execution } from "../protocol/plans/execution.ts";
import { type ExecutionDemand, estimateMemory } from "./estimate-memory.ts";

/** The memory of the device that a run is planned for. */
export interface DeviceMemory {
  /** Bytes that a run may take beside the pack's weights. */
  readonly budget: number;
  /** Whether the device draws several variants faster together than one after the other. */
  readonly gainsFromBatches: boolean;
}

/** What does not depend on how a picture is cut up. */
type Together = Omit<Execution, "tileSide">;

/** What a device with memory enough is given. */
export const unbounded: Together = { batch: 1, guidance: "together", isVaeTiled: false };

/**
 * Decides what a device is given at once, so that the estimate stays within the budget. What shows in the picture is given
 * up last: first variants are drawn one after the other, then the halves of guidance, and only then is the autoencoder
 * tiled. Where even that does not fit, it is planned all the same: an estimate is no reason to refuse.
 */
export function planExecution(
  demand: ExecutionDemand,
  costs: MemoryFacts | undefined,
  { budget, gainsFromBatches }: DeviceMemory,
): Together {
  const mostVariants = gainsFromBatches ? demand.variants : 1;
  if (costs === undefined) return unbounded;
  const fits = (execution: Together): boolean => estimateMemory(demand, costs, execution) <= budget;
  const least: Together = { batch: 1, guidance: demand.isGuided ? "apart" : "together", isVaeTiled: false };
  const isVaeTiled = demand.codedCells > demand.nativeCells && !fits(least);
  const together: Together = { batch: 1, guidance: "together", isVaeTiled };
  if (!fits(together)) return { ...least, isVaeTiled };
  for (let batch = mostVariants; batch > 1; batch -= 1) if (fits({ ...together, batch })) return { ...together, batch };
  return together;
}
