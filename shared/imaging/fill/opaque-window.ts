import type { PixelRect } from "../../protocol/geometry.ts";
import { cutMargin, type FloatImage } from "../float-image.ts";
import type { RgbaImage } from "../rgba-image.ts";

/** What lies farther from any visible pixel than the bleed reaches. */
const NEUTRAL = 127.5;

/**
 * Cuts a window out of a picture as opaque colours, three channels. Pixels beyond the picture's border repeat the nearest
 * border pixel; visible colours bleed up to `reach` pixels under transparent ones, where any colour may lie.
 *
 * Every pixel depends on the picture within `reach` of it alone, never on where the window lies: overlapping windows agree.
 */
export function opaqueWindow(image: RgbaImage, area: PixelRect, reach: number): FloatImage {
  if (!hasTransparent(image, area)) return cutColours(image, area).colours;
  const wide = {
    x: area.x - reach,
    y: area.y - reach,
    width: area.width + 2 * reach,
    height: area.height + 2 * reach,
  };
  const { colours, opacity } = cutColours(image, wide);
  bleed(colours, opacity, reach);
  return cutMargin(colours, reach);
}

function hasTransparent(image: RgbaImage, area: PixelRect): boolean {
  const left = Math.min(Math.max(area.x, 0), image.width - 1);
  const right = Math.min(Math.max(area.x + area.width - 1, 0), image.width - 1);
  const top = Math.min(Math.max(area.y, 0), image.height - 1);
  const bottom = Math.min(Math.max(area.y + area.height - 1, 0), image.height - 1);
  for (let y = top; y <= bottom; y += 1)
    for (let x = left; x <= right; x += 1) if (image.data[(y * image.width + x) * 4 + 3] === 0) return true;
  return false;
}

function cutColours(
  image: RgbaImage,
  { x: left, y: top, width, height }: PixelRect,
): { readonly colours: FloatImage; readonly opacity: Float32Array } {
  const data = new Float32Array(width * height * 3);
  const opacity = new Float32Array(width * height);
  for (let row = 0; row < height; row += 1) {
    const y = Math.min(Math.max(top + row, 0), image.height - 1);
    for (let column = 0; column < width; column += 1) {
      const x = Math.min(Math.max(left + column, 0), image.width - 1);
      const from = (y * image.width + x) * 4;
      const pixel = row * width + column;
      for (let c = 0; c < 3; c += 1) data[pixel * 3 + c] = image.data[from + c]!;
      opacity[pixel] = image.data[from + 3]! / 255;
    }
  }
  return { colours: { width, height, channels: 3, data }, opacity };
}

/** Ring after ring, transparent pixels take the average of the neighbours that have a colour, weighted by opacity. */
function bleed({ width, height, data }: FloatImage, opacity: Float32Array, reach: number): void {
  let unknown: number[] = [];
  for (let pixel = 0; pixel < opacity.length; pixel += 1) if (opacity[pixel] === 0) unknown.push(pixel);
  for (let ring = 0; ring < reach && unknown.length > 0; ring += 1) {
    const found: { readonly pixel: number; readonly colour: readonly number[]; readonly weight: number }[] = [];
    const left: number[] = [];
    for (const pixel of unknown) {
      const mean = meanOfNeighbours(pixel, width, height, data, opacity);
      if (mean) found.push({ pixel, ...mean });
      else left.push(pixel);
    }
    if (found.length === 0) break;
    for (const { pixel, colour, weight } of found) {
      for (let c = 0; c < 3; c += 1) data[pixel * 3 + c] = colour[c]!;
      opacity[pixel] = weight;
    }
    unknown = left;
  }
  for (const pixel of unknown) data.fill(NEUTRAL, pixel * 3, pixel * 3 + 3);
}

function meanOfNeighbours(
  pixel: number,
  width: number,
  height: number,
  data: Float32Array,
  opacity: Float32Array,
): { readonly colour: readonly number[]; readonly weight: number } | undefined {
  const x = pixel % width;
  const y = Math.floor(pixel / width);
  const colour = [0, 0, 0];
  let total = 0;
  let count = 0;
  for (let ny = Math.max(y - 1, 0); ny <= Math.min(y + 1, height - 1); ny += 1)
    for (let nx = Math.max(x - 1, 0); nx <= Math.min(x + 1, width - 1); nx += 1) {
      const neighbour = ny * width + nx;
      const weight = opacity[neighbour]!;
      if (weight === 0) continue;
      for (let c = 0; c < 3; c += 1) colour[c] = colour[c]! + weight * data[neighbour * 3 + c]!;
      total += weight;
      count += 1;
    }
  return count === 0 ? undefined : { colour: colour.map((sum) => sum / total), weight: total / count };
}
