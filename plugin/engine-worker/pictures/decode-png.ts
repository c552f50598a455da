import { type DecodedPng, decode } from "fast-png";
import { isSrgbProfile } from "../../../shared/imaging/metadata/icc-description.ts";
import { gammaTable, readPngGamma } from "../../../shared/imaging/metadata/png-gamma.ts";
import type { GrayImage, RgbaImage } from "../../../shared/imaging/rgba-image.ts";

/** Whether colours are brought to sRGB or left as the file stores them, whatever profile or gamma it states. */
export type StoredAs = "sRGB" | "stored";

type Samples = DecodedPng["data"];

/** Offsets into the IHDR chunk, which always comes first. */
const DEPTH_AT = 24;
const COLOUR_TYPE_AT = 25;
const INTERLACE_AT = 28;

/** Colour type 0: one channel, no alpha. */
const GREYSCALE = 0;

/**
 * Decodes a PNG to 8-bit straight RGBA with every value as stored, colour under full transparency included, which a
 * canvas cannot give back. 16-bit values keep their upper byte, as libvips does; where the file states a gamma, colours are
 * brought to sRGB's. Answers undefined for what only the
 * browser reads: interlaced rows of packed pixels, and colour profiles other than sRGB. Throws what the decoder throws.
 */
export function decodePng(bytes: Uint8Array, values: StoredAs = "sRGB"): RgbaImage | undefined {
  if (bytes[INTERLACE_AT] !== 0 && bytes[DEPTH_AT]! < 8) return undefined;
  const png = decode(bytes);
  const isStored = values === "stored";
  if (!isStored && png.iccEmbeddedProfile !== undefined && !isSrgbProfile(png.iccEmbeddedProfile.profile))
    return undefined;
  const { width, height } = png;
  const data = new Uint8ClampedArray(width * height * 4);
  const gamma = isStored ? undefined : readPngGamma(bytes);
  const toColour = gamma === undefined ? undefined : tableOf(gammaTable(gamma, png.depth === 16 ? 16 : 8));
  // Truecolour pictures may carry a palette too, as a suggestion; only a one-channel picture is made of its entries.
  if (png.palette !== undefined && png.channels === 1) fillFromPalette(data, png, png.palette, toColour);
  else fillFromSamples(data, png, toColour);
  return { width, height, data };
}

/**
 * The greys of an opaque 8-bit greyscale PNG, which most masks are, as they are stored: a quarter of the memory that their
 * colours would take. Answers undefined for any other PNG. Throws what the decoder throws.
 */
export function decodeGreyPng(bytes: Uint8Array): GrayImage | undefined {
  if (bytes[DEPTH_AT] !== 8 || bytes[COLOUR_TYPE_AT] !== GREYSCALE) return undefined;
  const { width, height, data, transparency } = decode(bytes);
  if (transparency !== undefined || !(data instanceof Uint8Array)) return undefined;
  return { width, height, data };
}

/** One value for each channel of each pixel: those of less than 8 bits are packed, each row from a new byte. */
function unpackRows({ data, width, height, depth, channels }: DecodedPng): Samples {
  if (depth >= 8) return data;
  const rowBytes = Math.ceil((width * channels * depth) / 8);
  const perByte = 8 / depth;
  const values = new Uint8Array(width * height * channels);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width * channels; x += 1) {
      const byte = data[y * rowBytes + Math.floor(x / perByte)]!;
      values[y * width * channels + x] = (byte >> (8 - depth * ((x % perByte) + 1))) & ((1 << depth) - 1);
    }
  return values;
}

function fillFromPalette(
  out: Uint8ClampedArray,
  png: DecodedPng,
  palette: readonly (readonly number[])[],
  toColour: Scale = (value) => value,
): void {
  const indices = unpackRows(png);
  const colours = new Uint32Array(palette.length);
  const bytes = new Uint8Array(colours.buffer);
  palette.forEach(([red = 0, green = 0, blue = 0, alpha = 255], index) => {
    bytes.set([toColour(red), toColour(green), toColour(blue), alpha], index * 4);
  });
  const pixels = new Uint32Array(out.buffer);
  for (let pixel = 0; pixel < pixels.length; pixel += 1) {
    const colour = colours[indices[pixel]!];
    if (colour === undefined) throw new RangeError("a pixel names a colour that the palette lacks");
    pixels[pixel] = colour;
  }
}

/** @param correct from samples of 8 or 16 bits to 8-bit sRGB, where they are not that already */
function fillFromSamples(out: Uint8ClampedArray, png: DecodedPng, correct?: Scale): void {
  const { channels, depth } = png;
  const samples = unpackRows(png);
  const colours = channels >= 3 ? 3 : 1;
  const hasAlpha = channels > colours;
  /** The one colour that stands for "transparent" in a picture without alpha (chunk tRNS), at the stored depth. */
  const transparent = hasAlpha ? undefined : png.transparency;
  const toByte: Scale = depth === 16 ? (value) => value >> 8 : scale(depth);
  const toColour: Scale = !correct ? toByte : depth === 16 ? correct : (value) => correct(toByte(value));
  for (let pixel = 0, at = 0; pixel < out.length; pixel += 4, at += channels) {
    for (let c = 0; c < 3; c += 1) out[pixel + c] = toColour(samples[at + (colours === 3 ? c : 0)]!);
    out[pixel + 3] = hasAlpha ? toByte(samples[at + colours]!) : isColour(samples, at, transparent) ? 0 : 255;
  }
}

function isColour(samples: Samples, at: number, colour: Uint16Array | undefined): boolean {
  return colour?.every((value, c) => samples[at + c] === value) ?? false;
}

/** From one value of a sample to another. */
type Scale = (value: number) => number;

function tableOf(table: Uint8Array): Scale {
  return (value) => table[value]!;
}

function scale(depth: 1 | 2 | 4 | 8): Scale {
  const factor = 255 / (2 ** depth - 1);
  return (value) => value * factor;
}
