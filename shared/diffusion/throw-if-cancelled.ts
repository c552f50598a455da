import { OverpaintError } from "../protocol/overpaint-error.ts";

/** Throws OverpaintError `cancelled`. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new OverpaintError("cancelled", "The edit was cancelled.");
}
