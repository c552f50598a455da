import { decode } from "fast-png";
import { pngChunks } from "../../../shared/imaging/metadata/png-chunks.ts";
import type { RgbaImage } from "../../../shared/imaging/rgba-image.ts";

/** Chunks that say that a PNG's values are not upright sRGB as they stand. */
const converted: ReadonlySet<string> = new Set(["iCCP", "gAMA", "cICP", "eXIf", "tRNS", "PLTE"]);

/**
 * Decodes upright, in sRGB. PNGs of plain 8-bit colours, as Overpaint writes them, come out as they are stored; a canvas, which
 * reads all others, loses colours that are nearly transparent.
 */
export async function decodePixels(bytes: Uint8Array<ArrayBuffer>, mime: string): Promise<RgbaImage> {
  return (mime === "image/png" && decodePlainPng(bytes)) || (await decodeOnCanvas(bytes, mime));
}

/** Undefined for a PNG that needs more than to be unpacked. Throws what the decoder throws. */
export function decodePlainPng(bytes: Uint8Array): RgbaImage | undefined {
  for (const { type } of pngChunks(bytes)) {
    if (converted.has(type)) return undefined;
    if (type === "IDAT") break;
  }
  const { width, height, data, channels, depth } = decode(bytes);
  if (depth !== 8 || channels < 3 || !(data instanceof Uint8Array)) return undefined;
  if (channels === 4) return { width, height, data };
  const colours = new Uint8Array(width * height * 4).fill(255);
  for (let pixel = 0; pixel < width * height; pixel += 1)
    colours.set(data.subarray(pixel * 3, pixel * 3 + 3), pixel * 4);
  return { width, height, data: colours };
}

async function decodeOnCanvas(bytes: Uint8Array<ArrayBuffer>, mime: string): Promise<RgbaImage> {
  const bitmap = await createImageBitmap(new Blob([bytes], { type: mime }));
  try {
    const { width, height } = bitmap;
    const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
    if (!context) throw new Error(`This browser draws no canvas of ${width} × ${height} pixels.`);
    context.drawImage(bitmap, 0, 0);
    return context.getImageData(0, 0, width, height);
  } finally {
    bitmap.close();
  }
}
