import type { PixelSize } from "../../protocol/geometry.ts";
import type { Anchor } from "./anchor.ts";

/** Whole source pixels to add at each side: the extension fields of an outpaint request. */
export interface Extension {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/**
 * What to add at each side so that the picture grows to `bounds` and stays at `anchor` in them. A side of the bounds that
 * is smaller than the picture's adds nothing there: pictures are extended, never cut.
 */
export function extensionForBounds(image: PixelSize, bounds: PixelSize, anchor: Anchor = "center"): Extension {
  const across = Math.max(0, Math.round(bounds.width) - image.width);
  const down = Math.max(0, Math.round(bounds.height) - image.height);
  const left = share(across, anchor.includes("left"), anchor.includes("right"));
  const top = share(down, anchor.includes("top"), anchor.includes("bottom"));
  return { left, right: across - left, top, bottom: down - top };
}

/** The part of `total` that goes before the picture; an odd pixel goes behind it. */
function share(total: number, isAtStart: boolean, isAtEnd: boolean): number {
  if (isAtStart) return 0;
  return isAtEnd ? total : Math.floor(total / 2);
}
