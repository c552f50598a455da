import { OverpaintError } from "../../protocol/overpaint-error.ts";

/**
 * Throws OverpaintError `invalid-output` when a graph answered NaN or infinity, which would otherwise spread into a black
 * picture. `origin` names the component and where it happened, e.g. `unet at step 3 of 20`.
 */
export function requireFinite(values: Float32Array, origin: string): void {
  // Zero for finite numbers, NaN for all others, so that the sum tells with one multiplication per value.
  let probe = 0;
  for (let i = 0; i < values.length; i++) probe += values[i]! * 0;
  if (probe === 0) return;
  const kind = values.some(Number.isNaN) ? "NaN" : "infinite";
  throw new OverpaintError(
    "invalid-output",
    `The model computed ${kind} values (${origin}).`,
    "Verify the model's files. If they are intact, its weights overflow in half precision on this device: try another device or a float32 model.",
  );
}
