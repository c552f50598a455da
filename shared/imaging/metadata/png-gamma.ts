import { fromLight } from "../colour/srgb-curve.ts";

/** Values in the file per 1, in chunk gAMA. */
const GAMMA_UNIT = 100_000;
/** What writers of sRGB pictures name, for want of an exponent that is exact. */
const SRGB_GAMMA = 45_455;
/** Chunks that say more about colours than gAMA, which then counts for nothing. */
const BETTER_CHUNKS = ["sRGB", "iCCP", "cICP"];

/**
 * The exponent by which a PNG's samples were made from light, or undefined where they are to be taken for sRGB's.
 * Follows Chromium: gAMA counts without a better chunk beside it, and sRGB's own approximation only beside cHRM.
 * https://www.w3.org/TR/png-3/#11gAMA
 */
export function readPngGamma(png: Uint8Array): number | undefined {
  const file = new DataView(png.buffer, png.byteOffset, png.byteLength);
  let gamma: number | undefined;
  let hasPrimaries = false;
  for (let at = 8; at + 12 <= png.length; at += 12 + file.getUint32(at)) {
    const type = String.fromCharCode(...png.subarray(at + 4, at + 8));
    if (BETTER_CHUNKS.includes(type)) return undefined;
    if (type === "cHRM") hasPrimaries = true;
    if (type === "gAMA") gamma = file.getUint32(at + 8);
    if (type === "IDAT") break;
  }
  if (gamma === undefined || gamma === 0 || (gamma === SRGB_GAMMA && !hasPrimaries)) return undefined;
  return gamma / GAMMA_UNIT;
}

/** For each sample value of 8 or 16 bits its 8-bit sRGB value (IEC 61966-2-1). */
export function gammaTable(gamma: number, depth: 8 | 16): Uint8Array {
  const largest = 2 ** depth - 1;
  return Uint8Array.from({ length: largest + 1 }, (_, sample) => {
    const light = (sample / largest) ** (1 / gamma);
    return Math.round(255 * fromLight(light));
  });
}
