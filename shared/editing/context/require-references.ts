import type { RgbaImage } from "../../imaging/rgba-image.ts";
import { OverpaintError } from "../../protocol/overpaint-error.ts";

/** Throws OverpaintError `invalid-request` where a plan wants more reference pictures than came with it. */
export function requireReferences(references: readonly RgbaImage[], least: number): readonly RgbaImage[] {
  if (references.length >= least) return references;
  throw new OverpaintError(
    "invalid-request",
    least === 1
      ? "The plan draws after a reference picture, and there is none."
      : `The plan draws after ${least} reference pictures, and there are ${references.length}.`,
    "Send the references with the request.",
  );
}
