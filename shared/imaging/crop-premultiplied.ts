import type { PixelRect } from "../protocol/geometry.ts";
import type { FloatImage } from "./float-image.ts";
import type { RgbaImage } from "./rgba-image.ts";

/**
 * Cuts `area` out of a picture, colours multiplied by alpha, so that resampling mixes in no colour that cannot be seen.
 * Pixels beyond the picture's border repeat the nearest border pixel.
 *
 * @param reduce averages blocks of this many pixels along each side on the way, so that a large area never exists as
 *   floats at full size. The last block of a row or column holds what is left.
 * @returns four channels, ceil(area.width / reduce) by ceil(area.height / reduce)
 */
export function cropPremultiplied(image: RgbaImage, area: PixelRect, reduce = 1): FloatImage {
  const width = Math.ceil(area.width / reduce);
  const height = Math.ceil(area.height / reduce);
  const data = new Float32Array(width * height * 4);
  for (let row = 0; row < area.height; row += 1) {
    const y = Math.min(Math.max(area.y + row, 0), image.height - 1);
    const rows = Math.min(reduce, area.height - Math.floor(row / reduce) * reduce);
    const outRow = Math.floor(row / reduce) * width;
    for (let column = 0; column < area.width; column += 1) {
      const x = Math.min(Math.max(area.x + column, 0), image.width - 1);
      const block = Math.floor(column / reduce);
      const columns = Math.min(reduce, area.width - block * reduce);
      const from = (y * image.width + x) * 4;
      const to = (outRow + block) * 4;
      const share = 1 / (rows * columns);
      const alpha = image.data[from + 3] as number;
      const opacity = (alpha / 255) * share;
      data[to] = (data[to] as number) + (image.data[from] as number) * opacity;
      data[to + 1] = (data[to + 1] as number) + (image.data[from + 1] as number) * opacity;
      data[to + 2] = (data[to + 2] as number) + (image.data[from + 2] as number) * opacity;
      data[to + 3] = (data[to + 3] as number) + alpha * share;
    }
  }
  return { width, height, channels: 4, data };
}
