import type { PixelRect } from "../protocol/geometry.ts";
import type { RgbaImage } from "./rgba-image.ts";

/** Interleaved samples as floats in 0..255: the form in which pixels are resampled and mixed. */
export interface FloatImage {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  /** length = width * height * channels */
  readonly data: Float32Array;
}

/** Cuts `area` out of a picture. Pixels beyond its border repeat the nearest border pixel. */
export function cropToFloat(image: RgbaImage, area: PixelRect): FloatImage {
  const data = new Float32Array(area.width * area.height * 4);
  let out = 0;
  for (let row = 0; row < area.height; row += 1) {
    const y = Math.min(Math.max(area.y + row, 0), image.height - 1);
    for (let column = 0; column < area.width; column += 1) {
      const x = Math.min(Math.max(area.x + column, 0), image.width - 1);
      const from = (y * image.width + x) * 4;
      data[out] = image.data[from] ?? 0;
      data[out + 1] = image.data[from + 1] ?? 0;
      data[out + 2] = image.data[from + 2] ?? 0;
      data[out + 3] = image.data[from + 3] ?? 0;
      out += 4;
    }
  }
  return { width: area.width, height: area.height, channels: 4, data };
}
