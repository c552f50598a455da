import { z } from "zod";
import { pixelSizeSchema } from "../geometry.ts";
import { schedulerNameSchema } from "../model-facts.ts";
import { tilingSchema } from "./tiling.ts";

/**
 * Enlarges the picture. "network": one pass of a super-resolution network over tiles. "diffusion": the x4 diffusion
 * pipeline over tiles. "refine": resample, then image-to-image over tiles.
 */
export const upscalePlanSchema = z.object({
  task: z.literal("upscale"),
  method: z.enum(["network", "diffusion", "refine"]),
  /** Exact size of the result. */
  target: pixelSizeSchema,
  /** The size the method itself makes, before the last resampling to `target`. */
  drawn: pixelSizeSchema,
  /** In pixels of what the model is fed. */
  tiling: tilingSchema,
  scheduler: schedulerNameSchema.optional(),
  steps: z.int().nonnegative(),
  guidanceScale: z.number(),
  noiseLevel: z.int().nonnegative(),
  strength: z.number(),
  plain: z.boolean(),
});
export type UpscalePlan = z.output<typeof upscalePlanSchema>;
