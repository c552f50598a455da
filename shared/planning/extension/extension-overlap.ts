import type { PixelSize } from "../../protocol/geometry.ts";

/** The least overlap, for pictures that are shown at about their own size. */
const MIN_OVERLAP = 4;
/**
 * Scaled down, a picture's edge is soft over about a pixel of the screen. Overlapping by this share of the longer side covers
 * that pixel as long as the picture shows at 128 pixels at least.
 */
const OVERLAP_SHARE = 1 / 128;

/** How far an extension reaches beneath its original from each border that is extended, in source pixels. */
export function extensionOverlap({ width, height }: PixelSize): number {
  return Math.max(MIN_OVERLAP, Math.ceil(Math.max(width, height) * OVERLAP_SHARE));
}
