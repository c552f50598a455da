import type { PixelSize } from "../../../../shared/protocol/geometry.ts";

/** Points along a side of a pixel: a reference of points is wrong by half of one at most, less than a level. */
const POINTS = 256;

/** Reference rasterisation, 0..255 a pixel: the share of its points that lie inside. */
export function referenceMask({ width, height }: PixelSize, isInside: (x: number, y: number) => boolean): number[] {
  const share = (left: number, top: number, steps: number) => {
    let inside = 0;
    for (let v = 0; v < steps; v += 1)
      for (let u = 0; u < steps; u += 1) if (isInside(left + (u + 0.5) / steps, top + (v + 0.5) / steps)) inside += 1;
    return inside / steps ** 2;
  };
  return Array.from({ length: width * height }, (_, i) => {
    const [left, top] = [i % width, Math.floor(i / width)];
    const roughly = share(left - 0.1, top - 0.1, 12) + share(left + 0.1, top + 0.1, 12);
    // Only pixels at an edge need many points.
    return 255 * (roughly === 0 || roughly === 2 ? roughly / 2 : share(left, top, POINTS));
  });
}

/** The largest difference between two masks, in levels. */
export function worstLevel(actual: readonly number[], expected: readonly number[]): number {
  return Math.max(...actual.map((value, i) => Math.abs(value - (expected[i] ?? 0))));
}
