import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";

const GIGABYTE = 1024 ** 3;

/**
 * Bytes that `OVERPAINT_MEMORY` allows, from its text in GB; undefined where it is not set.
 *
 * Throws OverpaintError `invalid-request` when it is no number of gigabytes.
 */
export function memorySetting(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  const gigabytes = Number(text);
  if (gigabytes > 0 && Number.isFinite(gigabytes)) return gigabytes * GIGABYTE;
  throw new OverpaintError(
    "invalid-request",
    `OVERPAINT_MEMORY is "${text}", which is no number of gigabytes.`,
    "Set it to a number such as 6 or 0.5, or leave it out.",
  );
}
