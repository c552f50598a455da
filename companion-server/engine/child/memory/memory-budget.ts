import { totalmem } from "node:os";
import type { Device } from "../../../../shared/protocol/api.ts";
import { memorySetting } from "../../memory-setting.ts";

/** Share of this machine's memory that a run may take on the CPU: the rest is for pictures and everybody else. */
const CPU_SHARE = 0.5;
/** Share of a card's memory: the rest is for the screen, the driver, and what fragments. */
const CARD_SHARE = 0.75;
/** What a run may take of a card that nobody knows the memory of: half of one of 8 GB. */
const UNKNOWN_CARD_BYTES = 4 * 1024 ** 3;

export interface MemorySurroundings {
  readonly machineBytes?: number | undefined;
  /** As the system tells; absent where it does not. */
  readonly cardBytes?: number | undefined;
  /** The owner's word, in GB. */
  readonly wanted?: string | undefined;
  /** Engines that draw on the same memory at once, this one among them. Default: 1. */
  readonly sharers?: number | undefined;
}

/**
 * Bytes that graphs and drawing may take together: what `OVERPAINT_MEMORY` says, else a share of what there is; of either an equal
 * part for each engine on the same memory.
 * Throws as `memorySetting` does.
 */
export function memoryBudget(
  device: Device,
  { machineBytes = totalmem(), cardBytes, wanted = process.env.OVERPAINT_MEMORY, sharers = 1 }: MemorySurroundings = {},
): number {
  const found = cardBytes === undefined ? UNKNOWN_CARD_BYTES : cardBytes * CARD_SHARE;
  return (memorySetting(wanted) ?? (device === "cpu" ? machineBytes * CPU_SHARE : found)) / sharers;
}
