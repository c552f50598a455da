/** An 8-bit sRGB picture with straight (not premultiplied) alpha, 4 bytes a pixel, rows top to bottom. */
export interface RgbaImage {
  readonly width: number;
  readonly height: number;
  /** length = width * height * 4 */
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** An 8-bit single-channel picture: a mask, where 255 means repaint and 0 means keep. */
export interface GrayImage {
  readonly width: number;
  readonly height: number;
  /** length = width * height */
  readonly data: Uint8Array | Uint8ClampedArray;
}
