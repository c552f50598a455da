import type { FloatImage } from "../../imaging/float-image.ts";
import type { RgbaImage } from "../../imaging/rgba-image.ts";

/** A working picture, visible where the model repaints: `repaint` is its opacity, 0 to 1. */
export function throughMask(picture: FloatImage, repaint: Float32Array): RgbaImage {
  const data = new Uint8ClampedArray(picture.width * picture.height * 4);
  for (let pixel = 0; pixel < repaint.length; pixel += 1) {
    for (let c = 0; c < 3; c += 1) data[pixel * 4 + c] = picture.data[pixel * 3 + c]!;
    data[pixel * 4 + 3] = repaint[pixel]! * 255;
  }
  return { width: picture.width, height: picture.height, data };
}
