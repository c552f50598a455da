import { z } from "zod";
import { type PixelRect, type PixelSize, pixelRectSchema, pixelSizeSchema } from "../geometry.ts";
import { type SchedulerName, schedulerNameSchema } from "../model-facts.ts";

/** How far the three masks reach beyond the painted one, in source pixels. */
export interface MaskPlan {
  /** The denoise mask is the painted mask grown by this much, then feathered outward by `feather`. */
  readonly grow: number;
  readonly feather: number;
  /** Width of the ramp with which the composite mask fades out inside the denoise mask's reach. */
  readonly blend: number;
}

/** What will run, as plain data: worked out from request, sizes and model facts alone, stored in the recipe. */
export interface InpaintPlan {
  readonly task: "inpaint";
  /** The part of the source the model sees. */
  readonly context: PixelRect;
  /** The size at which the model works; the context is resampled to it. */
  readonly working: PixelSize;
  readonly mask: MaskPlan;
  readonly scheduler: SchedulerName;
  readonly steps: number;
  readonly guidanceScale: number;
  readonly strength: number;
  /** True for the bare pipeline: whole image in, whole image out. */
  readonly plain: boolean;
}

export const maskPlanSchema: z.ZodType<MaskPlan> = z.object({
  grow: z.int().nonnegative(),
  feather: z.int().nonnegative(),
  blend: z.int().nonnegative(),
});

export const inpaintPlanSchema = z.object({
  task: z.literal("inpaint"),
  context: pixelRectSchema,
  working: pixelSizeSchema,
  mask: maskPlanSchema,
  scheduler: schedulerNameSchema,
  steps: z.int().positive(),
  guidanceScale: z.number(),
  strength: z.number(),
  plain: z.boolean(),
});
