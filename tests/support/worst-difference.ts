import type { RgbaImage } from "../../shared/imaging/rgba-image.ts";

/** The largest difference of any channel of any pixel, in levels of 255. Throws for pictures of different sizes. */
export function worstDifference(one: RgbaImage, other: RgbaImage): number {
  if (one.width !== other.width || one.height !== other.height)
    throw new Error(`${one.width} × ${one.height} pixels, but ${other.width} × ${other.height}`);
  let worst = 0;
  for (let at = 0; at < one.data.length; at += 1) worst = Math.max(worst, Math.abs(one.data[at]! - other.data[at]!));
  return worst;
}
