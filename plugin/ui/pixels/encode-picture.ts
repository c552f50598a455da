import type { EncodePicture } from "./fit-upload.ts";

/** With the browser's own encoders, off screen. */
export const encodePicture: EncodePicture = async (png, mime, quality) => {
  const bitmap = await createImageBitmap(new Blob([png], { type: "image/png" }));
  try {
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
    const file = await canvas.convertToBlob({ type: mime, quality });
    // A browser that cannot write the kind writes PNG instead.
    return file.type === mime ? new Uint8Array(await file.arrayBuffer()) : undefined;
  } finally {
    bitmap.close();
  }
};
