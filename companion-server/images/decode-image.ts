import sharp, { type Metadata, type Sharp } from "sharp";
import { brightness } from "../../shared/imaging/colour/brightness.ts";
import { isSrgbProfile } from "../../shared/imaging/metadata/icc-description.ts";
import { pngChunks } from "../../shared/imaging/metadata/png-chunks.ts";
import { gammaTable, readPngGamma } from "../../shared/imaging/metadata/png-gamma.ts";
import type { GrayImage, RgbaImage } from "../../shared/imaging/rgba-image.ts";
import { MAX_IMAGE_PIXELS } from "../../shared/protocol/limits.ts";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import { isTurnedByExif } from "./is-turned-by-exif.ts";
import { cutShort, hasRunOut, mendEnd } from "./mend-end.ts";

const JPEG_FIRST_BYTE = 0xff;

/** Whether colours are brought to sRGB or left as the file stores them, whatever profile or gamma it states. */
type StoredAs = "sRGB" | "stored";

/**
 * Decodes an encoded picture upright, as 8-bit sRGB with straight alpha, to the colours a browser shows. Values of an
 * 8-bit sRGB picture come through untouched, colour under full transparency included. Colours differ from a browser's for
 * CMYK with a profile (another rendering of it) and for PNGs that name primaries other than sRGB's by cHRM or cICP.
 * `name` is how the message calls the file. The size is expected to have been checked with `inspectImage`.
 * Throws `unreadable-image`.
 */
export function decodeImage(bytes: Uint8Array, name: string): Promise<DecodedImage> {
  return decodeWhole(bytes, name, decodeColours);
}

/** A picture whose every row was decoded, perhaps of a file without its end. */
export interface DecodedImage extends RgbaImage {
  readonly lacksEnd?: true;
}

async function decodeColours({ bytes, picture, metadata }: OpenedFile, name: string): Promise<RgbaImage> {
  if (metadata?.depth === "float") return decodeFloats(picture, metadata, name);
  if (metadata?.space === "cmyk" && metadata.channels === 4 && metadata.icc === undefined)
    return fromInks(await decodeBytes(picture.pipelineColourspace("cmyk").toColourspace("cmyk")));
  const gamma = metadata?.format === "png" ? readPngGamma(bytes) : undefined;
  if (gamma === undefined) return decodeBytes(picture.toColourspace("srgb").ensureAlpha());
  return metadata?.depth === "ushort"
    ? withoutGamma(await decodeWords(picture.toColourspace("rgb16").ensureAlpha()), gammaTable(gamma, 16))
    : withoutGamma(await decodeBytes(picture.toColourspace("srgb").ensureAlpha()), gammaTable(gamma, 8));
}

/**
 * Decodes a mask: luma times alpha, so that what does not show is not painted. Its values count as they are stored, without
 * profile and gamma: a mask is no picture. Of 16 bits, the upper eight. Throws `unreadable-image`.
 */
export function decodeMask(bytes: Uint8Array, name: string): Promise<GrayImage & Pick<DecodedImage, "lacksEnd">> {
  return decodeWhole(bytes, name, decodeStored, "stored");
}

async function decodeStored(file: OpenedFile, name: string): Promise<GrayImage> {
  const { picture, metadata } = file;
  if (metadata?.space === "cmyk" || metadata?.depth === "float") return brightness(await decodeColours(file, name));
  if (!isPlainGrey(metadata)) return brightness(await decodeBytes(picture.toColourspace("srgb").ensureAlpha()));
  const { data, info } = await read(picture.toColourspace("b-w").raw({ depth: "uchar" }));
  return { width: info.width, height: info.height, data };
}

/**
 * Decodes a file, one without its end too if its picture is complete. Throws `unreadable-image`: what is damaged, and how
 * many rows are missing where that can be known.
 */
async function decodeWhole<Picture extends object>(
  bytes: Uint8Array,
  name: string,
  decode: (file: OpenedFile, name: string) => Promise<Picture>,
  values: StoredAs = "sRGB",
): Promise<Picture & Pick<DecodedImage, "lacksEnd">> {
  const file = await open(bytes, bytes[0] === JPEG_FIRST_BYTE ? "warning" : "truncated", values);
  const cut = cutShort(bytes, bytes.length, name);
  try {
    // libtiff takes strips that are not there for black.
    if (cut && file.metadata?.format === "tiff") throw cut;
    const picture = await decode(file, name);
    return lacksPngEnd(file) ? { ...picture, lacksEnd: true } : picture;
  } catch (cause) {
    if (cause instanceof OverpaintError) throw cause;
    try {
      const { metadata } = file;
      // libjpeg warns of much that no viewer minds.
      if (metadata?.format === "jpeg" && !hasRunOut(cause))
        return await decode(await open(bytes, "truncated", values), name);
      const mended = metadata && (await mendEnd(bytes, metadata, name));
      if (mended) return { ...(await decode(await open(mended, "truncated", values), name)), lacksEnd: true };
    } catch (again) {
      throw again instanceof OverpaintError ? again : damaged(name, again);
    }
    throw cut ?? damaged(name, cause);
  }
}

/** libpng does not ask for the last chunk. */
function lacksPngEnd({ bytes, metadata }: OpenedFile): boolean {
  if (metadata?.format !== "png") return false;
  for (const { type } of pngChunks(bytes)) if (type === "IEND") return false;
  return true;
}

function damaged(name: string, cause: unknown): OverpaintError {
  return new OverpaintError("unreadable-image", `${name} is damaged or incomplete.`, "Export or download it again.", {
    cause,
  });
}

/** Opaque greys of 8 bits are their own brightness. Most masks are such, and take a quarter of the memory as they are. */
function isPlainGrey({ space, channels, depth, hasAlpha }: Partial<Metadata> = {}): boolean {
  return space === "b-w" && channels === 1 && depth === "uchar" && hasAlpha === false;
}

interface OpenedFile {
  readonly bytes: Uint8Array;
  readonly picture: Sharp;
  readonly metadata: Metadata | undefined;
}

async function open(bytes: Uint8Array, failOn: "truncated" | "warning", values: StoredAs): Promise<OpenedFile> {
  const options = { failOn, limitInputPixels: MAX_IMAGE_PIXELS } as const;
  // What cannot be read here fails with its reason when it is decoded.
  const metadata = await sharp(bytes, { ...options, failOn: "none" })
    .metadata()
    .catch(() => undefined);
  const picture = sharp(bytes, {
    ...options,
    autoOrient: metadata?.format !== undefined && isTurnedByExif(metadata.format),
    // Converting sRGB to sRGB through its own profile would round some values away.
    ignoreIcc: values === "stored" || (metadata?.icc !== undefined && isSrgbProfile(metadata.icc)),
  });
  return { bytes, picture, metadata };
}

/**
 * Pictures of floating-point numbers, 0 to 1, which stand for the same colours as 0 to 255 would. Throws
 * `unreadable-image` for others: where 1 is not white, nothing in the file says what is.
 */
async function decodeFloats(picture: Sharp, { space, hasAlpha }: Metadata, name: string): Promise<RgbaImage> {
  // libvips takes colours in floats for light; asked for light, it gives back what is stored. Greys it leaves alone.
  const stored = space === "scrgb" ? picture.pipelineColourspace("scrgb").toColourspace("scrgb") : picture;
  const { data: bytes, info } = await read(stored.raw({ depth: "float" }));
  const { buffer } = new Uint8Array(bytes); // floats begin at multiples of four only
  const samples = new Float32Array(buffer);
  const { width, height, channels } = info;
  const data = new Uint8Array(width * height * 4);
  for (let pixel = 0; pixel < width * height; pixel += 1)
    for (let c = 0; c < 4; c += 1) {
      const value = c === 3 && !hasAlpha ? 1 : samples[pixel * channels + c]!;
      if (!(value >= 0 && value <= 1)) throw notFromZeroToOne(name, value);
      data[pixel * 4 + c] = Math.round(value * 255);
    }
  return { width, height, data };
}

function notFromZeroToOne(name: string, value: number): OverpaintError {
  return new OverpaintError(
    "unreadable-image",
    `${name} stores colours as floating-point numbers, and one of them is ${value}; only 0 to 1 can be shown.`,
    "Bring its values to 0 to 1, or export it with 8 or 16 bits a channel.",
  );
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

async function decodeBytes(picture: Sharp): Promise<RgbaImage> {
  const { data, info } = await read(picture.raw({ depth: "uchar" }));
  return { width: info.width, height: info.height, data };
}

async function decodeWords(picture: Sharp): Promise<Decoded> {
  const { data, info } = await read(picture.raw({ depth: "ushort" }));
  // A buffer of its own begins where words may begin.
  const { buffer } = new Uint8Array(data);
  return { width: info.width, height: info.height, data: new Uint16Array(buffer) };
}

function read(picture: Sharp) {
  return picture.toBuffer({ resolveWithObject: true });
}
