import type { PixelSize } from "../../shared/protocol/geometry.ts";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";

/** Throws `mask-size-mismatch` unless the mask fits the image, both upright. */
export function requireSameSize(mask: PixelSize, image: PixelSize): void {
  if (mask.width === image.width && mask.height === image.height) return;
  throw new OverpaintError(
    "mask-size-mismatch",
    `The mask is ${mask.width}×${mask.height}, the image ${image.width}×${image.height}.`,
    "Give a mask of exactly the image's size.",
  );
}
