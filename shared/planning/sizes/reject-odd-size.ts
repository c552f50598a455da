import type { PixelSize } from "../../protocol/geometry.ts";
import type { ModelFacts } from "../../protocol/models/model-facts.ts";
import { OverpaintError } from "../../protocol/overpaint-error.ts";

/** Throws OverpaintError `invalid-request` when the model cannot work at exactly this size, as a plain run has to. */
export function rejectOddSize({ width, height }: PixelSize, { fixedSize, sizeMultiple }: ModelFacts): void {
  if (fixedSize !== undefined && (fixedSize.width !== width || fixedSize.height !== height)) {
    throw new OverpaintError(
      "invalid-request",
      `A plain run needs the model's own size, ${fixedSize.width}×${fixedSize.height}, not ${width}×${height}.`,
      "Change the size, or leave out --plain.",
    );
  }
  if (width % sizeMultiple !== 0 || height % sizeMultiple !== 0) {
    throw new OverpaintError(
      "invalid-request",
      `A plain run needs sides that are multiples of ${sizeMultiple}, not ${width}×${height}.`,
      "Change the size, or leave out --plain.",
    );
  }
}
