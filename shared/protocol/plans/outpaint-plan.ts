import { z } from "zod";
import { pixelRectSchema, pixelSizeSchema } from "../geometry.ts";
import { schedulerNameSchema } from "../model-facts.ts";

/** One extension step: a strip beyond what is known so far, drawn with enough of the picture beside it. */
const outpaintPassSchema = z.object({
  /** What is known before this pass, in source pixels. */
  known: pixelRectSchema,
  /** What is known after it. */
  target: pixelRectSchema,
  /** What the model sees; it contains the new strip. */
  context: pixelRectSchema,
  /** The size at which the model works. */
  working: pixelSizeSchema,
});
export type OutpaintPass = z.output<typeof outpaintPassSchema>;

/** Extends the picture beyond its borders, in one or several passes. */
export const outpaintPlanSchema = z.object({
  task: z.literal("outpaint"),
  /** The whole extended picture, in source pixels: x and y are 0 or negative. */
  canvas: pixelRectSchema,
  passes: z.array(outpaintPassSchema).min(1),
  /** Source pixels over which the result is mixed into the original's border from outside; original pixels stay. */
  blend: z.int().nonnegative(),
  scheduler: schedulerNameSchema,
  steps: z.int().positive(),
  guidanceScale: z.number(),
  plain: z.boolean(),
});
export type OutpaintPlan = z.output<typeof outpaintPlanSchema>;
