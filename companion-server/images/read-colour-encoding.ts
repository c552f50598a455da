import sharp from "sharp";
import type { ColourEncoding } from "../../shared/imaging/metadata/conversion-notes.ts";
import { readPngGamma } from "../../shared/imaging/metadata/png-gamma.ts";

/** How an encoded picture stores its colours. Reads its header only. */
export async function readColourEncoding(bytes: Uint8Array): Promise<ColourEncoding> {
  const { icc, space, depth, format } = await sharp(bytes, { limitInputPixels: false }).metadata();
  return {
    profile: icc,
    isCmyk: space === "cmyk",
    isDeep: depth !== "uchar",
    gamma: format === "png" ? readPngGamma(bytes) : undefined,
  };
}
