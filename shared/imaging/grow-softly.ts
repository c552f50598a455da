import { distanceToMask } from "./distance-transform.ts";

/** The grey levels whose outlines spread: enough that no step shows between them. */
const LEVELS = [64, 128, 192, 255] as const;

/**
 * Spreads a mask outward: every pixel takes the most that any painted pixel, faded by its distance, gives it, and never
 * less than its own value. A hard edge gets the ramp; a soft brush that falls off more slowly than the ramp keeps its own
 * softness. (Dilation of a grey picture by a cone, at four grey levels.)
 *
 * @param values 0..255, one a pixel
 * @param ramp what is left at a distance in pixels, 1 to 0, falling
 * @returns 0..1, one a pixel
 */
export function growSoftly(
  values: ArrayLike<number>,
  width: number,
  height: number,
  ramp: (distance: number) => number,
): Float32Array {
  const out = Float32Array.from(values, (value) => value / 255);
  let countBefore = -1;
  // From the highest: where a lower level's outline is the same, it has nothing to add.
  for (const level of LEVELS.toReversed()) {
    const inside = Uint8Array.from(values, (value) => (value >= level ? 1 : 0));
    const count = inside.reduce((sum, value) => sum + value, 0);
    if (count === 0 || count === countBefore) continue;
    countBefore = count;
    const distance = distanceToMask(inside, width, height);
    for (let i = 0; i < out.length; i += 1) {
      const spread = (level / 255) * ramp(distance[i] as number);
      if (spread > (out[i] as number)) out[i] = spread;
    }
  }
  return out;
}
