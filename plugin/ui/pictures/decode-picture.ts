import { readImageHeader } from "../../../shared/imaging/metadata/image-header.ts";
import type { PixelSize } from "../../../shared/protocol/geometry.ts";
import { MAX_IMAGE_PIXELS, MAX_IMAGE_SIDE } from "../../../shared/protocol/limits.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import type { Picture } from "./picture.ts";

/** Longest side of the copy that zoomed-out views are drawn from. */
const PROXY_SIDE = 2_048;
const THUMBNAIL_SIDE = 128;

/**
 * Decodes with the browser's own decoders: upright, in sRGB. Throws `unreadable-image` or `image-too-large`, the latter from
 * the file's header, before a pixel of it is decoded.
 */
export async function decodePicture(bytes: Uint8Array<ArrayBuffer>, mime: string): Promise<Picture> {
  const header = readImageHeader(bytes);
  if (header !== undefined) requireAllowedSize(header.size);
  const full = await createImageBitmap(new Blob([bytes], { type: mime })).catch((error: unknown) => {
    throw new OverpaintError(
      "unreadable-image",
      "This image cannot be opened: the file is damaged or of a kind that browsers do not show.",
      "Export it as PNG or JPEG and put it into the shape again.",
      { cause: error },
    );
  });
  const { width, height } = full;
  try {
    requireAllowedSize({ width, height });
  } catch (error) {
    full.close();
    throw error;
  }
  const bitmaps = [full];
  if (Math.max(width, height) > PROXY_SIDE) bitmaps.push(await scaledTo(full, PROXY_SIDE));
  return {
    size: { width, height },
    bitmaps,
    thumbnail: await readThumbnail(bitmaps.at(-1)!),
    close: () => {
      for (const bitmap of bitmaps) bitmap.close();
    },
  };
}

function requireAllowedSize({ width, height }: PixelSize): void {
  if (width <= MAX_IMAGE_SIDE && height <= MAX_IMAGE_SIDE && width * height <= MAX_IMAGE_PIXELS) return;
  throw new OverpaintError(
    "image-too-large",
    `The image has ${width} × ${height} pixels; the largest that can be edited has ${MAX_IMAGE_SIDE} along a side and ${MAX_IMAGE_PIXELS / 1e6} million in all.`,
    "Put a smaller copy into the shape.",
  );
}

async function scaledTo(bitmap: ImageBitmap, side: number): Promise<ImageBitmap> {
  const scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
  return await createImageBitmap(bitmap, {
    resizeWidth: Math.max(1, Math.round(bitmap.width * scale)),
    resizeHeight: Math.max(1, Math.round(bitmap.height * scale)),
    resizeQuality: "medium",
  });
}

async function readThumbnail(bitmap: ImageBitmap): Promise<Picture["thumbnail"]> {
  const small = await scaledTo(bitmap, THUMBNAIL_SIDE);
  const { width, height } = small;
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (context === null) throw new OverpaintError("internal", "The browser gives the panel no canvas to draw on.");
  context.drawImage(small, 0, 0);
  small.close();
  return { width, height, data: context.getImageData(0, 0, width, height).data };
}
