import type { FloatImage } from "../../imaging/float-image.ts";
import { resample, type SampleRect } from "../../imaging/resample/resample.ts";
import type { RgbaImage } from "../../imaging/rgba-image.ts";
import type { PixelSize } from "../../protocol/geometry.ts";

/** Rows resampled at once: what exists as floats beside the result stays small however large the result is. */
const BAND = 256;

/**
 * A drawn picture as a layer of exactly the wanted size.
 *
 * @param from the part of `drawn` that is used
 * @param alpha a picture of the wanted size whose opacity the layer takes, bit for bit; without it the layer is opaque
 */
export function toLayer(
  drawn: FloatImage,
  from: SampleRect,
  { width, height }: PixelSize,
  alpha?: RgbaImage,
): RgbaImage {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let top = 0; top < height; top += BAND) {
    const rows = Math.min(BAND, height - top);
    const band = { ...from, y: from.y + (from.height * top) / height, height: (from.height * rows) / height };
    const colours = resample(drawn, band, width, rows);
    for (let pixel = 0; pixel < width * rows; pixel += 1) {
      const to = (top * width + pixel) * 4;
      const opacity = alpha === undefined ? 255 : (alpha.data[to + 3] as number);
      if (opacity === 0) continue; // nothing hides under full transparency
      for (let c = 0; c < 3; c += 1) data[to + c] = colours.data[pixel * 3 + c] as number;
      data[to + 3] = opacity;
    }
  }
  return { width, height, data };
}
