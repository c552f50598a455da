import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { PictureTensor } from "../picture-tensor.ts";
import type { GenerationOptions } from "./generation-options.ts";

export interface InpaintOptions extends GenerationOptions {
  /** Sides are multiples of the pack's `sizeMultiple`. */
  readonly image: PictureTensor;
  /** Of a batch, one for each, all of the size of `image`. Default: `image` for every one. */
  readonly images?: readonly PictureTensor[] | undefined;
  /** [height, width] of the image: 0 keeps, 1 repaints; the model sees it black and white at 0.5. */
  readonly mask: Float32Array;
  /** Above 0 to 1. Exactly 1 starts from pure noise, less from the noised image. */
  readonly strength: number;
}

/** Throws OverpaintError `mask-size-mismatch`. */
export function requireMaskSize(mask: Float32Array, image: PictureTensor): void {
  if (mask.length === image.width * image.height) return;
  throw new OverpaintError(
    "mask-size-mismatch",
    `The mask has ${mask.length} values, the image ${image.width}×${image.height} pixels.`,
    "Give a mask of exactly the image's size.",
  );
}
