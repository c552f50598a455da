import { type FileHandle, open, stat } from "node:fs/promises";
import sharp, { type Metadata } from "sharp";
import { isSrgbProfile } from "../../shared/imaging/metadata/icc-description.ts";
import type { PixelSize } from "../../shared/protocol/geometry.ts";
import { MAX_IMAGE_PIXELS, MAX_IMAGE_SIDE } from "../../shared/protocol/limits.ts";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import { isTurnedByExif } from "./is-turned-by-exif.ts";
import { cutShort } from "./mend-end.ts";

/** Containers that are pictures made of pixels. Drawings (SVG, PDF) would make the size of a file say nothing. */
const ACCEPTED_FORMATS = ["png", "jpeg", "webp", "gif", "tiff", "heif"];

/**
 * How files of the accepted formats begin, in hexadecimal: PNG, JPEG, WebP, GIF, TIFF (large ones too), AVIF. What begins
 * otherwise reaches no decoder: an SVG of 60 MB would take seconds and gigabytes before its format is known.
 */
const ACCEPTED_BEGINNINGS =
  /^(89504e470d0a1a0a|ffd8ff|52494646.{8}57454250|474946383[79]61|49492[ab]00|4d4d002[ab]|.{8}66747970)/;
const PNG_BEGINNING = /^89504e470d0a1a0a/;
/** Formats that people try, to be named in the refusal. */
const REFUSED_BEGINNINGS = {
  bmp: /^424d/,
  pdf: /^25504446/,
  psd: /^38425053/,
  jxl: /^(ff0a|0000000c4a584c20)/,
} as const;
const SVG_BEGINNING = /^(\ufeff)?\s*<(\?xml|!--|!doctype\s+svg|svg)/i;
const HEADER_BYTES = 256;
/** Signature, chunk length, "IHDR", width, height. */
const PNG_HEADER_BYTES = 24;

/**
 * Reads a picture's header, never its pixels, and answers its upright size.
 * Throws `unreadable-image` for what is no picture and `image-too-large` beyond Penpot's own limits.
 * `name` is how the message calls the file.
 */
export async function inspectImage(path: string, name: string): Promise<PixelSize> {
  const header = await readHeader(path, name);
  const beginning = header.toString("hex");
  if (SVG_BEGINNING.test(header.toString("utf8"))) refuseFormat("svg", name);
  const refused = Object.entries(REFUSED_BEGINNINGS).find(([, pattern]) => pattern.test(beginning));
  if (refused) refuseFormat(refused[0], name);
  if (!ACCEPTED_BEGINNINGS.test(beginning)) throw noPicture(name);
  // libpng refuses absurd sizes with a message that does not name them, so PNG's header is read here first.
  if (PNG_BEGINNING.test(beginning) && header.length >= PNG_HEADER_BYTES)
    requireAllowedSize({ width: header.readUInt32BE(16), height: header.readUInt32BE(20) }, name);
  const metadata = await readMetadata(path, header, name);
  const { format, autoOrient, ...stored } = metadata;
  if (!ACCEPTED_FORMATS.includes(format)) refuseFormat(format, name);
  refuseDepth(metadata, name);
  const { width, height } = isTurnedByExif(format) ? autoOrient : stored;
  const size = { width, height };
  requireAllowedSize(size, name);
  return size;
}

function refuseFormat(format: string, name: string): never {
  throw new OverpaintError(
    "unreadable-image",
    `${name} is in the format ${format.toUpperCase()}, which is not supported.`,
    "Use a PNG, JPEG, WebP, GIF, TIFF or AVIF picture.",
  );
}

/** Numbers that have no agreed white, or that libvips converts to something else. */
function refuseDepth({ depth, space, icc }: Metadata, name: string): void {
  const isFloat = depth === "float";
  const isReadable = depth === "uchar" || depth === "ushort" || isFloat;
  const isHalfGrey = isFloat && space === "grey16";
  const isProfiled = isFloat && icc !== undefined && !isSrgbProfile(icc);
  if (isReadable && !isHalfGrey && !isProfiled) return;
  const how = isProfiled
    ? "floating-point numbers with a colour profile"
    : isHalfGrey
      ? "greys in 16-bit floating-point numbers"
      : `numbers of the type ${depth}`;
  throw new OverpaintError(
    "unreadable-image",
    `${name} stores ${how}, which is not supported.`,
    "Export it with 8 or 16 bits a channel.",
  );
}

async function readHeader(path: string, name: string): Promise<Buffer> {
  let file: FileHandle | undefined;
  try {
    file = await open(path);
    const header = Buffer.alloc(HEADER_BYTES);
    const { bytesRead } = await file.read(header, 0, HEADER_BYTES, 0);
    return header.subarray(0, bytesRead);
  } catch (cause) {
    throw new OverpaintError("unreadable-image", `${name} cannot be opened.`, "Check the file's name.", { cause });
  } finally {
    await file?.close();
  }
}

async function readMetadata(path: string, header: Uint8Array, name: string) {
  try {
    return await sharp(path, { limitInputPixels: false }).metadata();
  } catch (cause) {
    const { size } = await stat(path);
    const cut = cutShort(header, size, name);
    if (cut) throw cut;
    throw noPicture(name, cause);
  }
}

function noPicture(name: string, cause?: unknown): OverpaintError {
  return new OverpaintError(
    "unreadable-image",
    `${name} cannot be read as a picture.`,
    "Use a PNG, JPEG, WebP, GIF, TIFF or AVIF picture.",
    { cause },
  );
}

function requireAllowedSize({ width, height }: PixelSize, name: string): void {
  if (width > MAX_IMAGE_SIDE || height > MAX_IMAGE_SIDE)
    throw new OverpaintError(
      "image-too-large",
      `${name} is ${width} × ${height} pixels; the longest side may have ${MAX_IMAGE_SIDE}.`,
      "Use a smaller picture.",
    );
  if (width * height > MAX_IMAGE_PIXELS)
    throw new OverpaintError(
      "image-too-large",
      `${name} is ${width} × ${height} = ${width * height} pixels; ${MAX_IMAGE_PIXELS} are allowed.`,
      "Use a smaller picture.",
    );
}
