import { z } from "zod";

/** Overlapping tiles over a working picture, in working pixels. Positions are the tiles' left and top edges. */
export const tilingSchema = z.object({
  tileWidth: z.int().positive(),
  tileHeight: z.int().positive(),
  /** Least overlap of neighbours, to the left and right and above and below; 0 along an axis with one tile. */
  overlapAcross: z.int().nonnegative(),
  overlapDown: z.int().nonnegative(),
  columns: z.array(z.int().nonnegative()).min(1),
  rows: z.array(z.int().nonnegative()).min(1),
});
export type Tiling = z.output<typeof tilingSchema>;
