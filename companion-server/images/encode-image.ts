import sharp from "sharp";
import type { GrayImage, RgbaImage } from "../../shared/imaging/rgba-image.ts";

/** Longest side of a preview, in pixels: the panel's canvas shows hardly more. */
const PREVIEW_SIDE = 384;
const PREVIEW_QUALITY = 75;

function fromPixels({ width, height, data }: RgbaImage) {
  return sharp(data, { raw: { width, height, channels: 4 } });
}

/** Encodes without loss; equal pixels give equal bytes. */
export function encodePng(image: RgbaImage): Promise<Uint8Array> {
  return fromPixels(image).png({ compressionLevel: 6, palette: false }).toBuffer();
}

/** Encodes one channel without loss. */
export function encodeGreyPng({ width, height, data }: GrayImage): Promise<Uint8Array> {
  return sharp(data, { raw: { width, height, channels: 1 } })
    .toColourspace("b-w")
    .png()
    .toBuffer();
}

/** A small WebP picture as a data URL. */
export async function encodePreview(image: RgbaImage): Promise<string> {
  const webp = await fromPixels(image)
    .resize(PREVIEW_SIDE, PREVIEW_SIDE, { fit: "inside", withoutEnlargement: true })
    .webp({ quality: PREVIEW_QUALITY, effort: 0 })
    .toBuffer();
  return `data:image/webp;base64,${webp.toString("base64")}`;
}
