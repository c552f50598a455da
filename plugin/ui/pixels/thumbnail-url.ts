import { MAX_THUMBNAIL_CHARACTERS } from "../../../shared/protocol/plugin/history.ts";
import type { Picture } from "../pictures/picture.ts";

/** Longest side of a kept thumbnail, and how well it is encoded: small enough for a file that holds a hundred. */
const THUMBNAIL_SIDE = 72;
const THUMBNAIL_QUALITY = 0.6;

/** A small picture as a data URL; undefined where it would be too long for a file's history. */
export async function thumbnailUrl({ width, height, data }: Picture["thumbnail"]): Promise<string | undefined> {
  const scale = Math.min(1, THUMBNAIL_SIDE / Math.max(width, height));
  const bitmap = await createImageBitmap(new ImageData(new Uint8ClampedArray(data), width, height));
  const canvas = new OffscreenCanvas(Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)));
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const file = await canvas.convertToBlob({ type: "image/webp", quality: THUMBNAIL_QUALITY });
  const letters = String.fromCharCode(...new Uint8Array(await file.arrayBuffer()));
  const url = `data:${file.type};base64,${btoa(letters)}`;
  return url.length <= MAX_THUMBNAIL_CHARACTERS ? url : undefined;
}
