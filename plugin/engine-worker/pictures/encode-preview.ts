import type { RgbaImage } from "../../../shared/imaging/rgba-image.ts";

/** Longest side of a preview, in pixels: the panel's canvas shows hardly more. */
const PREVIEW_SIDE = 384;
const PREVIEW_QUALITY = 0.75;

/** A small picture as a data URL: WebP, or PNG in browsers that cannot write WebP. */
export async function encodePreview({ width, height, data }: RgbaImage): Promise<string> {
  const full = new OffscreenCanvas(width, height);
  contextOf(full).putImageData(new ImageData(Uint8ClampedArray.from(data), width, height), 0, 0);
  const scale = Math.min(1, PREVIEW_SIDE / Math.max(width, height));
  const small = new OffscreenCanvas(Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)));
  contextOf(small).drawImage(full, 0, 0, small.width, small.height);
  return toDataUrl(await small.convertToBlob({ type: "image/webp", quality: PREVIEW_QUALITY }));
}

function contextOf(canvas: OffscreenCanvas): OffscreenCanvasRenderingContext2D {
  const context = canvas.getContext("2d");
  if (context === null) throw new Error(`no canvas of ${canvas.width} × ${canvas.height}`);
  return context;
}

function toDataUrl(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as string);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
