import { z } from "zod";
import { pixelRectSchema, pixelSizeSchema } from "../geometry.ts";
import { schedulerNameSchema } from "../model-facts.ts";
import { executionSchema } from "./execution.ts";

/** One run of the model: a piece of the extension, drawn with enough of the picture beside it. */
const outpaintPassSchema = z.object({
  /** "compose" draws what is not known yet; "refine" draws it again, finer, from what an earlier pass drew. */
  kind: z.enum(["compose", "refine"]),
  /** What is drawn, in source pixels: disjoint, and outside the original. */
  fills: z.array(pixelRectSchema).min(1),
  /** The rectangle whose border pixels are carried outwards as the start, in source pixels: known, and beside the fills. */
  known: pixelRectSchema,
  /** What the model sees; it contains the fills. */
  context: pixelRectSchema,
  /** The size at which the model works. */
  working: pixelSizeSchema,
  /** Source pixels around the fills that are drawn again over what earlier passes drew, and fade into it; never the original. */
  overlap: z.int().nonnegative(),
  /** Steps of the whole schedule; the last `strength` share of them runs. */
  steps: z.int().positive(),
  strength: z.number(),
});
export type OutpaintPass = z.output<typeof outpaintPassSchema>;

/** Extends the picture beyond its borders, in one or several passes. */
export const outpaintPlanSchema = z.object({
  task: z.literal("outpaint"),
  /** The whole extended picture, in source pixels: x and y are 0 or negative. */
  canvas: pixelRectSchema,
  /** In order: each sees what the ones before it drew. */
  passes: z.array(outpaintPassSchema).min(1),
  /** Source pixels outside the original's border over which what was drawn is led over to the border's own colours. */
  blend: z.int().nonnegative(),
  scheduler: schedulerNameSchema,
  guidanceScale: z.number(),
  plain: z.boolean(),
  /** What memory decided; absent in a plan that no device has been found for. */
  execution: executionSchema.optional(),
});
export type OutpaintPlan = z.output<typeof outpaintPlanSchema>;
