import { totalmem } from "node:os";
import type { Device } from "../../../shared/protocol/api.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";

const GIGABYTE = 1024 ** 3;
/** Share of this machine's memory that a run may take on the CPU: the rest is for pictures and everybody else. */
const CPU_SHARE = 0.5;
/** What a run may take of a graphics card, whose memory no runtime tells us: half of a card of 8 GB. */
const CARD_BYTES = 4 * GIGABYTE;

/**
 * Bytes that graphs and drawing may take together: what `OVERPAINT_MEMORY` says in GB, else a share of what there is.
 *
 * Throws OverpaintError `invalid-request` when the setting is no number of gigabytes.
 */
export function memoryBudget(
  device: Device,
  { machineBytes = totalmem(), wanted = process.env.OVERPAINT_MEMORY } = {},
): number {
  if (wanted === undefined || wanted === "") return device === "cpu" ? machineBytes * CPU_SHARE : CARD_BYTES;
  const gigabytes = Number(wanted);
  if (gigabytes > 0 && Number.isFinite(gigabytes)) return gigabytes * GIGABYTE;
  throw new OverpaintError(
    "invalid-request",
    `OVERPAINT_MEMORY is "${wanted}", which is no number of gigabytes.`,
    "Set it to a number such as 6 or 0.5, or leave it out.",
  );
}
