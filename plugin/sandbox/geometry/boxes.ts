import type { BoxRect } from "./image-mapping.ts";

/** Rounding of positions on their way through Penpot, in page units. */
const POSITION_NOISE = 0.01;

export function overlaps(a: BoxRect, b: BoxRect): boolean {
  const meets = (from: number, length: number, otherFrom: number, otherLength: number) =>
    Math.min(from + length, otherFrom + otherLength) - Math.max(from, otherFrom) > POSITION_NOISE;
  return meets(a.x, a.width, b.x, b.width) && meets(a.y, a.height, b.y, b.height);
}

export function contains(outer: BoxRect, inner: BoxRect): boolean {
  const holds = (from: number, length: number, innerFrom: number, innerLength: number) =>
    from <= innerFrom + POSITION_NOISE && from + length >= innerFrom + innerLength - POSITION_NOISE;
  return holds(outer.x, outer.width, inner.x, inner.width) && holds(outer.y, outer.height, inner.y, inner.height);
}
