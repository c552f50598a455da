import type { RgbaImage } from "../../../shared/imaging/rgba-image.ts";

/** Brightness as perceived, Y' of BT.601, one value in 0..255 a pixel. Opacity is not looked at. */
export function lumaPlane({ data, width, height }: RgbaImage): Float32Array {
  return Float32Array.from(
    { length: width * height },
    (_, i) => 0.299 * data[i * 4]! + 0.587 * data[i * 4 + 1]! + 0.114 * data[i * 4 + 2]!,
  );
}
