import { distanceToMask } from "../../../shared/imaging/mask/distance-transform.ts";
import { PAINTED_FROM } from "../../../shared/imaging/mask/mask-values.ts";
import type { GrayImage, RgbaImage } from "../../../shared/imaging/rgba-image.ts";
import { ciede2000 } from "./ciede2000.ts";
import { srgbToLab } from "./lab.ts";

/** Depth of the ring inside the contour, in pixels. */
const RING = 8;
/** Colours are compared as means over squares of this many painted pixels a side: texture and grain may differ, colour may not. */
const WINDOW = 9;

/**
 * How far an edit's colours just inside the mask's contour are from the truth there: mean ΔE00 of local means over the ring.
 * 1 is about what an eye can just tell apart.
 *
 * @param truth what was there, the same size
 * @returns NaN when the mask has no contour inside the picture
 */
export function ringDifference(image: RgbaImage, truth: RgbaImage, mask: GrayImage): number {
  const { width, height } = mask;
  const unpainted = mask.data.map((value) => (value >= PAINTED_FROM ? 0 : 1));
  const depth = distanceToMask(unpainted, width, height);
  let sum = 0;
  let count = 0;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const away = depth[y * width + x] as number;
      if (away === 0 || away > RING) continue;
      sum += ciede2000(srgbToLab(...meanAround(image, depth, x, y)), srgbToLab(...meanAround(truth, depth, x, y)));
      count += 1;
    }
  }
  return sum / count;
}

/** Mean colour of the painted pixels around one of them. */
function meanAround(
  { width, height, data }: RgbaImage,
  depth: Float32Array,
  x: number,
  y: number,
): [number, number, number] {
  const sums: [number, number, number] = [0, 0, 0];
  let count = 0;
  const half = (WINDOW - 1) / 2;
  for (let row = Math.max(0, y - half); row <= Math.min(height - 1, y + half); row += 1) {
    for (let column = Math.max(0, x - half); column <= Math.min(width - 1, x + half); column += 1) {
      if (depth[row * width + column] === 0) continue;
      const pixel = (row * width + column) * 4;
      sums[0] += data[pixel] as number;
      sums[1] += data[pixel + 1] as number;
      sums[2] += data[pixel + 2] as number;
      count += 1;
    }
  }
  return [sums[0] / count, sums[1] / count, sums[2] / count];
}
