import { totalmem } from "node:os";
import type { Device } from "../../../shared/protocol/api.ts";
import { memorySetting } from "../memory-setting.ts";

/** Share of this machine's memory that a run may take on the CPU: the rest is for pictures and everybody else. */
const CPU_SHARE = 0.5;
/** What a run may take of a graphics card, whose memory no runtime tells us: half of a card of 8 GB. */
const CARD_BYTES = 4 * 1024 ** 3;

/**
 * Bytes that graphs and drawing may take together: what `OVERPAINT_MEMORY` says, else a share of what there is.
 * Throws as `memorySetting` does.
 */
export function memoryBudget(
  device: Device,
  { machineBytes = totalmem(), wanted = process.env.OVERPAINT_MEMORY } = {},
): number {
  return memorySetting(wanted) ?? (device === "cpu" ? machineBytes * CPU_SHARE : CARD_BYTES);
}
