import { z } from "zod";
import { inpaintIntents } from "../edit-request.ts";
import { pixelRectSchema, pixelSizeSchema } from "../geometry.ts";
import { schedulerNameSchema } from "../model-facts.ts";
import { executionSchema } from "./execution.ts";

/** How far the masks reach beyond the painted area, in source pixels. */
export const maskPlanSchema = z.object({
  /** The denoise mask is the painted mask grown by this much, then feathered outward by `feather`. */
  grow: z.int().nonnegative(),
  feather: z.int().nonnegative(),
  /** Width of the ramp with which the composite mask fades out inside the denoise mask's reach. */
  blend: z.int().nonnegative(),
});
export type MaskPlan = z.output<typeof maskPlanSchema>;

/**
 * What lies under the noise where the model repaints. "source": what is there. "neutral": mid-grey, which suggests nothing.
 * "blurred-border": the colours around, continued smoothly.
 */
export const prefills = ["source", "neutral", "blurred-border"] as const;
export type Prefill = (typeof prefills)[number];

/** One run of the model. */
const inpaintPassSchema = z.object({
  /** "compose" draws the region; "refine" draws it again, finer, from what the first pass drew. */
  kind: z.enum(["compose", "refine"]),
  /** The part of the source the model sees. */
  context: pixelRectSchema,
  /** The size at which the model works; the context is resampled to it. */
  working: pixelSizeSchema,
  /** Steps of the whole schedule; the last `strength` share of them runs. */
  steps: z.int().positive(),
  strength: z.number(),
});
export type InpaintPass = z.output<typeof inpaintPassSchema>;

/** Holes that are drawn together: everything painted inside one rectangle. */
const inpaintRegionSchema = z.object({
  /** The smallest rectangle around them; those of different regions are disjoint. */
  painted: pixelRectSchema,
  mask: maskPlanSchema,
  passes: z.array(inpaintPassSchema).min(1),
});
export type InpaintRegion = z.output<typeof inpaintRegionSchema>;

/** What will run, as plain data: worked out from request, sizes and model facts alone, stored in the recipe. */
export const inpaintPlanSchema = z.object({
  task: z.literal("inpaint"),
  /** The intent that was chosen; never "auto". */
  intent: z.enum(inpaintIntents).exclude(["auto"]),
  prefill: z.enum(prefills),
  /** In drawing order: each sees the ones before it drawn and hides the ones after it. */
  regions: z.array(inpaintRegionSchema).min(1),
  scheduler: schedulerNameSchema,
  guidanceScale: z.number(),
  /** True for the bare pipeline: whole image in, whole image out. */
  plain: z.boolean(),
  /** What memory decided; absent in a plan that no device has been found for. */
  execution: executionSchema.optional(),
});
export type InpaintPlan = z.output<typeof inpaintPlanSchema>;
