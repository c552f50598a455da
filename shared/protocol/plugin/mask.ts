import { z } from "zod";
import { bytesSchema } from "./bytes.ts";
import { type Matrix, matrixSchema, type Outline, outlineSchema } from "./outline.ts";

/** A shape as a region to repaint, in pixels of the picture under it. */
export type MaskRegion =
  | { readonly type: "outline"; readonly outline: Outline }
  /** The opacity of a rendered shape (text, for example) or of a picture. */
  | {
      readonly type: "picture";
      readonly bytes: Uint8Array;
      readonly mime: string;
      /** Lays the unit square, which the picture fills, over pixels of the source. */
      readonly matrix: Matrix;
      /** What its own opacity has taken from it already, above 0 to 1. */
      readonly opacity: number;
    }
  /** All of them together, as far as they lie inside `within`. */
  | { readonly type: "union"; readonly regions: readonly MaskRegion[]; readonly within?: MaskRegion | undefined };

export const maskRegionSchema: z.ZodType<MaskRegion> = z.lazy(() =>
  z.discriminatedUnion("type", [
    z.object({ type: z.literal("outline"), outline: outlineSchema }),
    z.object({
      type: z.literal("picture"),
      bytes: bytesSchema,
      mime: z.string(),
      matrix: matrixSchema,
      opacity: z.number().gt(0).max(1),
    }),
    z.object({
      type: z.literal("union"),
      regions: z.array(maskRegionSchema),
      within: maskRegionSchema.optional(),
    }),
  ]),
);
