import { z } from "zod";

/** Maps (x, y) to (a·x + c·y + e, b·x + d·y + f), in the order a, b, c, d, e, f, as SVG and canvas do. */
export const matrixSchema = z
  .tuple([z.number(), z.number(), z.number(), z.number(), z.number(), z.number()])
  .readonly();
export type Matrix = z.output<typeof matrixSchema>;

/** A region of the page, sharp and without end of resolution. */
export const outlineSchema = z.object({
  /** SVG path data, in coordinates of its own. Open subpaths count as closed. */
  d: z.string(),
  fillRule: z.enum(["nonzero", "evenodd"]),
  /** From the path's coordinates to pixels of the picture that is edited, (0, 0) at its top left corner. */
  matrix: matrixSchema,
});
export type Outline = z.output<typeof outlineSchema>;
