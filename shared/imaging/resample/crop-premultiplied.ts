import type { PixelRect } from "../../protocol/geometry.ts";
import type { FloatImage } from "../float-image.ts";
import type { RgbaImage } from "../rgba-image.ts";

/**
 * Cuts `area` out of a picture, colours multiplied by alpha, so that resampling mixes in no colour that cannot be seen.
 * Pixels beyond the picture's border repeat the nearest border pixel.
 *
 * @param reduce averages blocks of this many pixels along each side on the way, so that a large area never exists as
 *   floats at full size. The last block of a row or column holds what is left.
 * @returns ceil(area.width / reduce) by ceil(area.height / reduce); three channels where the whole area is opaque, else
 *   four
 */
export function cropPremultiplied(image: RgbaImage, area: PixelRect, reduce = 1): FloatImage {
  const channels = isOpaque(image, area) ? 3 : 4;
  const width = Math.ceil(area.width / reduce);
  const height = Math.ceil(area.height / reduce);
  const data = new Float32Array(width * height * channels);
  const shares = new Float64Array(width); // of one pixel in its block's row
  const columns = new Int32Array(area.width); // in the picture
  for (let column = 0; column < area.width; column += 1) {
    columns[column] = Math.min(Math.max(area.x + column, 0), image.width - 1);
    shares[Math.floor(column / reduce)] = 1 / Math.min(reduce, area.width - Math.floor(column / reduce) * reduce);
  }
  for (let row = 0; row < area.height; row += 1) {
    const y = Math.min(Math.max(area.y + row, 0), image.height - 1);
    const block = Math.floor(row / reduce);
    const rowShare = 1 / Math.min(reduce, area.height - block * reduce);
    for (let column = 0; column < area.width; column += 1) {
      const from = (y * image.width + columns[column]!) * 4;
      const inRow = Math.floor(column / reduce);
      const to = (block * width + inRow) * channels;
      const share = rowShare * shares[inRow]!;
      const alpha = image.data[from + 3]!;
      const opacity = (alpha / 255) * share;
      data[to] = data[to]! + image.data[from]! * opacity;
      data[to + 1] = data[to + 1]! + image.data[from + 1]! * opacity;
      data[to + 2] = data[to + 2]! + image.data[from + 2]! * opacity;
      if (channels === 4) data[to + 3] = data[to + 3]! + alpha * share;
    }
  }
  return { width, height, channels, data };
}

function isOpaque({ width, height, data }: RgbaImage, area: PixelRect): boolean {
  const left = Math.min(Math.max(area.x, 0), width - 1);
  const right = Math.min(Math.max(area.x + area.width - 1, 0), width - 1);
  const top = Math.min(Math.max(area.y, 0), height - 1);
  const bottom = Math.min(Math.max(area.y + area.height - 1, 0), height - 1);
  for (let y = top; y <= bottom; y += 1)
    for (let i = (y * width + left) * 4 + 3; i <= (y * width + right) * 4 + 3; i += 4)
      if (data[i] !== 255) return false;
  return true;
}
