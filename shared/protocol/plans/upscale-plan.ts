import { z } from "zod";
import { pixelSizeSchema } from "../geometry.ts";
import { schedulerNameSchema } from "../model-facts.ts";
import { executionSchema } from "./execution.ts";
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
  /** The picture the model is fed, in tiles: the source, for "refine" resampled to the target; its border repeats beyond it. */
  fed: pixelSizeSchema,
  /** How many times larger than `fed` the model draws, before the last resampling to `target`. */
  factor: z.int().positive(),
  /** In pixels of `fed`. */
  tiling: tilingSchema,
  /** Pixels around each tile that the model sees and that are thrown away again. */
  margin: z.int().nonnegative(),
  scheduler: schedulerNameSchema.optional(),
  steps: z.int().nonnegative(),
  guidanceScale: z.number(),
  noiseLevel: z.int().nonnegative(),
  strength: z.number(),
  plain: z.boolean(),
  /** What memory decided; absent in a plan that no device has been found for. */
  execution: executionSchema.optional(),
});
export type UpscalePlan = z.output<typeof upscalePlanSchema>;
