import type { PixelRect } from "./geometry.ts";

/** Something painted, measured in source pixels. */
export interface MaskPart {
  /** The smallest rectangle around it. */
  readonly bounds: PixelRect;
  /** Width of the stroke where it is widest: twice the largest distance from a painted pixel to the part's border. */
  readonly strokeWidth: number;
  /** Painted pixels. */
  readonly area: number;
}

/** What belongs together in a mask: everything painted without a gap of more than a few pixels. */
export interface MaskHole extends MaskPart {
  /**
   * The hole cut up where it is thin, so that a long stroke can be drawn piece by piece; what is wide stays whole. One piece,
   * the hole itself, where there is nothing to cut.
   */
  readonly pieces: readonly MaskPart[];
}

/** What planning needs to know about a mask. */
export interface MaskShape {
  readonly holes: readonly MaskHole[];
  /** Share of the picture's border pixels that are painted, 0..1. */
  readonly borderShare: number;
}
