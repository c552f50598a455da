import { distanceToMask } from "../../../shared/imaging/mask/distance-transform.ts";
import { PAINTED_FROM } from "../../../shared/imaging/mask/mask-values.ts";
import type { GrayImage, RgbaImage } from "../../../shared/imaging/rgba-image.ts";

/** Width of the bands, inside and outside the contour, whose gradients count as usual for the place, in pixels. */
const NEARBY = 10;
/** Added to both gradients, in levels: flat ground on both sides is no seam, and nothing to divide by. */
const FLOOR = 1;

/**
 * How much an edit's edge shows: the mean jump between neighbouring pixels across the mask's contour, over the mean jump
 * nearby on both sides. 1 means the contour is like its surroundings; 2, twice as sharp. A soft edge is looked for
 * everywhere up to `reach` pixels outside the contour, and the worst place counts.
 *
 * @returns NaN when the mask has no contour inside the picture
 */
export function seamMeasure(image: RgbaImage, mask: GrayImage, reach = 0): number {
  const { width, height } = mask;
  const painted = mask.data.map((value) => (value >= PAINTED_FROM ? 1 : 0));
  const unpainted = painted.map((value) => 1 - value);
  const outside = distanceToMask(painted, width, height);
  const inside = distanceToMask(unpainted, width, height);

  const jumps = new Float64Array(reach + 1);
  const counts = new Float64Array(reach + 1);
  let usual = 0;
  let usualCount = 0;
  const visit = (p: number, q: number): void => {
    const jump = colourJump(image.data, p * 4, q * 4);
    const near = Math.min(outside[p] as number, outside[q] as number);
    const far = Math.max(outside[p] as number, outside[q] as number);
    // Level k lies between pixels at most k away and pixels farther away.
    const level = Math.ceil(near);
    if (far > level && level <= reach) {
      jumps[level] = (jumps[level] as number) + jump;
      counts[level] = (counts[level] as number) + 1;
    } else if (isNearby(near, far, inside[p] as number, inside[q] as number, reach)) {
      usual += jump;
      usualCount += 1;
    }
  };
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const p = y * width + x;
      if (x + 1 < width) visit(p, p + 1);
      if (y + 1 < height) visit(p, p + width);
    }
  }
  let worst = Number.NaN;
  for (let level = 0; level <= reach; level += 1) {
    const count = counts[level] as number;
    if (count === 0) continue;
    const measure = ((jumps[level] as number) / count + FLOOR) / (usual / Math.max(usualCount, 1) + FLOOR);
    if (!(measure <= worst)) worst = measure;
  }
  return worst;
}

/** Clear of the contour itself by two pixels, and within the band. */
function isNearby(near: number, far: number, insideP: number, insideQ: number, reach: number): boolean {
  if (near > 0) return near > reach + 2 && far <= reach + 2 + NEARBY;
  const depth = Math.min(insideP, insideQ);
  return far === 0 && depth > 2 && depth <= 2 + NEARBY;
}

/** Euclidean distance in 8-bit sRGB. */
function colourJump(data: ArrayLike<number>, p: number, q: number): number {
  const red = (data[p] as number) - (data[q] as number);
  const green = (data[p + 1] as number) - (data[q + 1] as number);
  const blue = (data[p + 2] as number) - (data[q + 2] as number);
  return Math.sqrt(red * red + green * green + blue * blue);
}
