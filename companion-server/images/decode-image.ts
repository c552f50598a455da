import sharp, { type Metadata, type Sharp } from "sharp";
import { brightness } from "../../shared/imaging/colour/brightness.ts";
import { isSrgbProfile } from "../../shared/imaging/metadata/icc-description.ts";
import { gammaTable, readPngGamma } from "../../shared/imaging/metadata/png-gamma.ts";
import type { GrayImage, RgbaImage } from "../../shared/imaging/rgba-image.ts";
import { MAX_IMAGE_PIXELS } from "../../shared/protocol/limits.ts";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import { isTurnedByExif } from "./is-turned-by-exif.ts";

/**
 * Decodes an encoded picture upright, as 8-bit sRGB with straight alpha, to the colours a browser shows. Values of an
 * 8-bit sRGB picture come through untouched, colour under full transparency included. Colours differ from a browser's for
 * CMYK with a profile (another rendering of it) and for PNGs that name primaries other than sRGB's by cHRM or cICP.
 * `name` is how the message calls the file. The size is expected to have been checked with `inspectImage`.
 * Throws `unreadable-image`.
 */
export async function decodeImage(bytes: Uint8Array, name: string): Promise<RgbaImage> {
  return decodeOpened(await open(bytes), bytes, name);
}

async function decodeOpened({ picture, metadata }: Opened, bytes: Uint8Array, name: string): Promise<RgbaImage> {
  if (metadata?.space === "cmyk" && metadata.channels === 4 && metadata.icc === undefined)
    return fromInks(await decodeBytes(picture.pipelineColourspace("cmyk").toColourspace("cmyk"), name));
  const gamma = metadata?.format === "png" ? readPngGamma(bytes) : undefined;
  if (gamma === undefined) return decodeBytes(picture.toColourspace("srgb").ensureAlpha(), name);
  return metadata?.depth === "ushort"
    ? withoutGamma(await decodeWords(picture.toColourspace("rgb16").ensureAlpha(), name), gammaTable(gamma, 16))
    : withoutGamma(await decodeBytes(picture.toColourspace("srgb").ensureAlpha(), name), gammaTable(gamma, 8));
}

/**
 * Decodes a mask: luma times alpha, so that what does not show is not painted. Its values count as they are stored, without
 * profile and gamma: a mask is no picture. Of 16 bits, the upper eight. Throws `unreadable-image`.
 */
export async function decodeMask(bytes: Uint8Array, name: string): Promise<GrayImage> {
  const { picture, metadata } = await open(bytes, "stored");
  if (metadata?.space === "cmyk") return brightness(await decodeOpened({ picture, metadata }, bytes, name));
  if (!isPlainGrey(metadata)) return brightness(await decodeBytes(picture.toColourspace("srgb").ensureAlpha(), name));
  const { data, info } = await read(picture.toColourspace("b-w").raw({ depth: "uchar" }), name);
  return { width: info.width, height: info.height, data };
}

/** Opaque greys of 8 bits are their own brightness. Most masks are such, and take a quarter of the memory as they are. */
function isPlainGrey({ space, channels, depth, hasAlpha }: Partial<Metadata> = {}): boolean {
  return space === "b-w" && channels === 1 && depth === "uchar" && hasAlpha === false;
}

interface Opened {
  readonly picture: Sharp;
  readonly metadata: Metadata | undefined;
}

/** @param values "sRGB": colours are converted from the file's profile; "stored": they are left as they are */
async function open(bytes: Uint8Array, values: "sRGB" | "stored" = "sRGB"): Promise<Opened> {
  const options = { failOn: "truncated", limitInputPixels: MAX_IMAGE_PIXELS } as const;
  // What cannot be read here fails with its reason when it is decoded.
  const metadata = await sharp(bytes, options)
    .metadata()
    .catch(() => undefined);
  const picture = sharp(bytes, {
    ...options,
    autoOrient: metadata?.format !== undefined && isTurnedByExif(metadata.format),
    // Converting sRGB to sRGB through its own profile would round some values away.
    ignoreIcc: values === "stored" || (metadata?.icc !== undefined && isSrgbProfile(metadata.icc)),
  });
  return { picture, metadata };
}

/** Red is what the cyan and the black ink leave of white, and so on; how browsers show CMYK without a profile. */
function fromInks({ width, height, data: inks }: RgbaImage): RgbaImage {
  const data = new Uint8Array(inks.length);
  for (let at = 0; at < inks.length; at += 4) {
    const paper = 255 - inks[at + 3]!;
    for (let c = 0; c < 3; c += 1) data[at + c] = Math.round(((255 - inks[at + c]!) * paper) / 255);
    data[at + 3] = 255;
  }
  return { width, height, data };
}

/** @param samples RGBA of the depth that the table is for */
function withoutGamma({ width, height, data: samples }: Decoded | RgbaImage, table: Uint8Array): RgbaImage {
  const alphaShift = table.length > 256 ? 8 : 0;
  const data = new Uint8Array(samples.length);
  for (let at = 0; at < data.length; at += 1)
    data[at] = at % 4 === 3 ? samples[at]! >> alphaShift : table[samples[at]!]!;
  return { width, height, data };
}

interface Decoded {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint16Array;
}

async function decodeBytes(picture: Sharp, name: string): Promise<RgbaImage> {
  const { data, info } = await read(picture.raw({ depth: "uchar" }), name);
  return { width: info.width, height: info.height, data };
}

async function decodeWords(picture: Sharp, name: string): Promise<Decoded> {
  const { data, info } = await read(picture.raw({ depth: "ushort" }), name);
  // A buffer of its own begins where words may begin.
  const { buffer } = new Uint8Array(data);
  return { width: info.width, height: info.height, data: new Uint16Array(buffer) };
}

async function read(picture: Sharp, name: string) {
  try {
    return await picture.toBuffer({ resolveWithObject: true });
  } catch (cause) {
    throw new OverpaintError("unreadable-image", `${name} is damaged or incomplete.`, "Export or download it again.", {
      cause,
    });
  }
}
