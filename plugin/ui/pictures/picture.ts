import type { PixelSize } from "../../../shared/protocol/geometry.ts";

/** A decoded picture, upright. */
export interface Picture {
  readonly size: PixelSize;
  /** The same picture at several sizes, largest first: drawing a small view from 24 MP would take too long a frame. */
  readonly bitmaps: readonly ImageBitmap[];
  /** RGBA bytes of a small copy, for looking at what is under the mask. */
  readonly thumbnail: PixelSize & { readonly data: Uint8ClampedArray };
  close(): void;
}

/** Decodes an image file. Throws OverpaintError `unreadable-image`. */
export type DecodePicture = (bytes: Uint8Array<ArrayBuffer>, mime: string) => Promise<Picture>;
