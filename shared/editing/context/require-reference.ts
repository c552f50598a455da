import type { RgbaImage } from "../../imaging/rgba-image.ts";
import { OverpaintError } from "../../protocol/overpaint-error.ts";

/** Throws OverpaintError `invalid-request` where a plan wants a reference picture and none came with it. */
export function requireReference(reference: RgbaImage | undefined): RgbaImage {
  if (reference !== undefined) return reference;
  throw new OverpaintError(
    "invalid-request",
    "The plan draws after a reference picture, and there is none.",
    "Send the reference with the request.",
  );
}
