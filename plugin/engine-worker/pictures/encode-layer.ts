import { encode } from "fast-png";
import { provenanceText } from "../../../shared/editing/layer/provenance.ts";
import { withPngText } from "../../../shared/imaging/metadata/png-metadata.ts";
import type { GrayImage, RgbaImage } from "../../../shared/imaging/rgba-image.ts";
import type { Recipe } from "../../../shared/protocol/recipe.ts";

/** A PNG without loss (a canvas would multiply colour with alpha), with the recipe and its provenance inside. */
export function encodeLayer({ width, height, data }: RgbaImage, recipe: Recipe): Uint8Array {
  const png = encode({ width, height, data, depth: 8, channels: 4 });
  return withPngText(png, provenanceText(recipe));
}

/** A mask as 8-bit greyscale PNG. */
export function encodeMask({ width, height, data }: GrayImage): Uint8Array {
  return encode({ width, height, data, depth: 8, channels: 1 });
}
