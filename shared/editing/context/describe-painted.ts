import { describeMask } from "../../imaging/mask/describe-mask.ts";
import { FAINT_FROM } from "../../imaging/mask/mask-values.ts";
import type { GrayImage } from "../../imaging/rgba-image.ts";
import type { MaskShape } from "../../protocol/mask-shape.ts";
import { OverpaintError } from "../../protocol/overpaint-error.ts";

/** The shape of a mask in which something is painted. Throws OverpaintError `empty-mask`, which says how bright it is. */
export function describePainted(mask: GrayImage): MaskShape {
  const shape = describeMask(mask);
  if (shape !== undefined) return shape;
  let brightest = 0;
  for (const value of mask.data) brightest = Math.max(brightest, value);
  throw new OverpaintError(
    "empty-mask",
    brightest === 0
      ? "Nothing is painted in the mask: all of it is black or transparent."
      : `Nothing is painted in the mask: its brightest value is ${brightest} of 255, and less than ${FAINT_FROM} counts as black.`,
    "Paint over what should change (white).",
  );
}
