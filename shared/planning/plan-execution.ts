import type { MemoryFacts } from "../protocol/memory-facts.ts";
import type { Execution } from "../protocol/plans/execution.ts";
import type { ExecutionDemand } from "./execution-demand.ts";
import { firstRung } from "./memory-ladder.ts";

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

/** Decides what a device is given at once for a plan whose tiles are laid already: the ladder's rungs on one cut. */
export function planExecution(
  { variants, nativeCells, ...pass }: ExecutionDemand,
  costs: MemoryFacts | undefined,
  { budget, gainsFromBatches }: DeviceMemory,
): Together {
  if (costs === undefined) return unbounded;
  const { batch, guidance, isVaeTiled } = firstRung({
    demandFor: () => [pass],
    costs,
    nativeCells,
    variants: gainsFromBatches ? variants : 1,
    tileSides: [0], // of no effect on passes that are given
    resolutions: [1],
    budget,
  });
  return { batch, guidance, isVaeTiled };
}
