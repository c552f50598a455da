import sharp, { type Sharp } from "sharp";
import type { GrayImage, RgbaImage } from "../../shared/imaging/rgba-image.ts";
import { MAX_IMAGE_PIXELS } from "../../shared/protocol/limits.ts";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";

/**
 * Decodes an encoded picture upright, as 8-bit sRGB with straight alpha. Values of an 8-bit sRGB picture come through
 * untouched, colour under full transparency included. `name` is how the message calls the file.
 * The size is expected to have been checked with `inspectImage`. Throws `unreadable-image`.
 */
export async function decodeImage(bytes: Uint8Array, name: string): Promise<RgbaImage> {
  return decode(await reader(bytes), name, (picture) => picture.toColourspace("srgb").ensureAlpha());
}

/** Decodes a mask: brightness only, alpha ignored. Throws `unreadable-image`. */
export async function decodeMask(bytes: Uint8Array, name: string): Promise<GrayImage> {
  return decode(await reader(bytes), name, (picture) => picture.removeAlpha().toColourspace("b-w"));
}

async function reader(bytes: Uint8Array): Promise<Sharp> {
  const options = { autoOrient: true, failOn: "truncated", limitInputPixels: MAX_IMAGE_PIXELS } as const;
  // Converting sRGB to sRGB through its own profile would round some values away.
  const { icc } = await sharp(bytes, options)
    .metadata()
    .catch(() => ({ icc: undefined }));
  return sharp(bytes, { ...options, ignoreIcc: icc?.includes("sRGB") === true });
}

async function decode(picture: Sharp, name: string, convert: (picture: Sharp) => Sharp): Promise<RgbaImage> {
  try {
    const { data, info } = await convert(picture).raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, data };
  } catch (cause) {
    throw new OverpaintError("unreadable-image", `${name} is damaged or incomplete.`, "Export or download it again.", {
      cause,
    });
  }
}
