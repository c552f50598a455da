import type { PixelRect } from "./geometry.ts";

/** What planning needs to know about a mask. */
export interface MaskShape {
  /** The smallest rectangle around each separate hole, in source pixels. */
  readonly holes: readonly PixelRect[];
  /** Share of the picture's border pixels that are painted, 0..1. */
  readonly borderShare: number;
}
