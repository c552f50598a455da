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
 * @param reach from this distance on the ramp is 0
 * @returns 0..1, one a pixel
 */
export function growSoftly(
  values: Uint8Array | Uint8ClampedArray,
  width: number,
  height: number,
  ramp: (distance: number) => number,
  reach: number,
): Float32Array {
  // No two pixels are farther apart than the corners, and between pixels there are few distances: their squares are whole.
  const squares = Math.min(Math.ceil(reach * reach), (width - 1) ** 2 + (height - 1) ** 2 + 1);
  const ramps = new Float32Array(squares);
  for (let square = 0; square < ramps.length; square += 1) ramps[square] = ramp(Math.sqrt(square));

  const out = new Float32Array(values.length);
  const pixelsOf = new Int32Array(256);
  for (let i = 0; i < out.length; i += 1) {
    out[i] = values[i]! / 255;
    pixelsOf[values[i]!] = pixelsOf[values[i]!]! + 1;
  }
  let above = 256;
  // From the highest: where a lower level's outline is the same, it has nothing to add.
  for (const level of LEVELS.toReversed()) {
    const isSame = !pixelsOf.subarray(level, above).some((count) => count > 0);
    above = level;
    if (isSame) continue;
    const distance = distanceToMask(values, width, height, level);
    for (let i = 0; i < out.length; i += 1) {
      if (distance[i]! >= reach) continue;
      const spread = (level / 255) * ramps[Math.round(distance[i]! * distance[i]!)]!; // within the picture
      if (spread > out[i]!) out[i] = spread;
    }
  }
  return out;
}

/** 3t² − 2t³ of 0 to 1: flat at both ends, so that neither end of a ramp shows as a line. */
export function smoothstep(t: number): number {
  return t * t * (3 - 2 * t);
}
