import type { PixelSize } from "../../../../shared/protocol/geometry.ts";

/**
 * Reference rasterisation, 0..255 a pixel: the share of its points that lie inside. It is wrong by half a point at most, of 256
 * along a side less than a level; not at all where upright edges run between points.
 */
export function referenceMask(
  { width, height }: PixelSize,
  isInside: (x: number, y: number) => boolean,
  points = 256,
): number[] {
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
    return 255 * (roughly === 0 || roughly === 2 ? roughly / 2 : share(left, top, points));
  });
}

/** The largest difference between two masks, in levels. */
export function worstLevel(actual: readonly number[], expected: readonly number[]): number {
  return Math.max(...actual.map((value, i) => Math.abs(value - (expected[i] ?? 0))));
}
