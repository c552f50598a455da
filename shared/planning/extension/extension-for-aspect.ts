import type { PixelSize } from "../../protocol/geometry.ts";
import type { Anchor } from "./anchor.ts";
import { type Extension, extensionForBounds } from "./extension-for-bounds.ts";

/**
 * What to add at each side to reach an aspect ratio with the fewest new pixels: one direction grows, the other stays.
 *
 * ```ts
 * extensionForAspect({ width: 600, height: 400 }, { width: 16, height: 9 }); // 711 × 400: left 55, right 56
 * ```
 *
 * @param aspect width and height in any unit, above 0
 * @param anchor where the picture stays
 */
export function extensionForAspect(
  image: PixelSize,
  aspect: { readonly width: number; readonly height: number },
  anchor: Anchor = "center",
): Extension {
  const bounds = {
    width: Math.round((image.height * aspect.width) / aspect.height),
    height: Math.round((image.width * aspect.height) / aspect.width),
  };
  const isWider = image.width * aspect.height < image.height * aspect.width;
  return extensionForBounds(
    image,
    isWider ? { width: bounds.width, height: image.height } : { width: image.width, height: bounds.height },
    anchor,
  );
}
