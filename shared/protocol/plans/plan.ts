import { z } from "zod";
import { plannedControlSchema } from "../control.ts";
import { inpaintIntents } from "../edit-request.ts";
import { pixelRectSchema, pixelSizeSchema } from "../geometry.ts";
import { MAX_SEED, MAX_VARIANTS } from "../limits.ts";
import {
  enlargePassSchema,
  erasePassSchema,
  extendPassSchema,
  inpaintPassSchema,
  instructPassSchema,
  mattePassSchema,
  promptPassSchema,
  redrawPassSchema,
  refinePassSchema,
  restylePassSchema,
  superResolvePassSchema,
} from "./pass.ts";

const planFields = {
  /** The prompt as a style completed it. */
  prompt: z.string(),
  /** Null: there is none, which some models tell from an empty one. */
  negativePrompt: z.string().nullable(),
  guidanceScale: z.number(),
  guidanceRescale: z.number().min(0).max(1),
  clipSkip: z.int().nonnegative(),
  eta: z.number().min(0).max(1),
  seed: z.int().min(0).max(MAX_SEED),
  /** Number of variants; variant k uses seed + k. */
  count: z.int().min(1).max(MAX_VARIANTS),
  /** Variants that are drawn together; the last ones may be fewer. */
  batch: z.int().positive(),
  /** True for the bare pipeline: the prompt is taken literally, and what was drawn comes out uncorrected. */
  plain: z.boolean(),
  /** What ControlNets hold every pass to, in the request's order. */
  controls: z.array(plannedControlSchema).default([]),
  /** Present when the references are read as pictures beside the prompt. */
  picturePrompt: z.object({ strength: z.number().min(0).max(1) }).optional(),
};

/** Repaints what a mask covers, hole by hole or several together. */
export const inpaintPlanSchema = z.object({
  task: z.literal("inpaint"),
  ...planFields,
  /** The intent that was chosen; never "auto". */
  intent: z.enum(inpaintIntents).exclude(["auto"]),
  /**
   * In drawing order: each sees the ones before it drawn and hides the ones after it. A pass that starts from what was composed
   * draws the same holes as the one before it.
   */
  passes: z.array(z.discriminatedUnion("method", [inpaintPassSchema, erasePassSchema])).min(1),
});
export type InpaintPlan = z.output<typeof inpaintPlanSchema>;

/** Extends a picture beyond its borders, piece by piece. */
export const outpaintPlanSchema = z.object({
  task: z.literal("outpaint"),
  ...planFields,
  /** The whole extended picture, in source pixels: x and y are 0 or negative. */
  canvas: pixelRectSchema,
  /** In order: each sees what the ones before it drew. */
  passes: z.array(extendPassSchema).min(1),
});
export type OutpaintPlan = z.output<typeof outpaintPlanSchema>;

/** Draws the whole picture anew. */
export const restylePlanSchema = z.object({
  task: z.literal("restyle"),
  ...planFields,
  passes: z.tuple([z.discriminatedUnion("method", [restylePassSchema, redrawPassSchema])]),
});
export type RestylePlan = z.output<typeof restylePlanSchema>;

/** Enlarges the picture to an exact size. */
export const upscalePlanSchema = z.object({
  task: z.literal("upscale"),
  ...planFields,
  target: pixelSizeSchema,
  passes: z.tuple([z.discriminatedUnion("method", [superResolvePassSchema, enlargePassSchema, refinePassSchema])]),
});
export type UpscalePlan = z.output<typeof upscalePlanSchema>;

/** A picture from nothing: composed, refined where that shows more, brought to the wanted size. */
export const createPlanSchema = z.object({
  task: z.literal("create"),
  ...planFields,
  target: pixelSizeSchema,
  passes: z.union([z.tuple([promptPassSchema]), z.tuple([promptPassSchema, redrawPassSchema])]),
});
export type CreatePlan = z.output<typeof createPlanSchema>;

/** Changes a picture as the prompt says. */
export const instructionPlanSchema = z.object({
  task: z.literal("edit"),
  ...planFields,
  /** Where the picture may change, absent where all of it may. In source pixels. */
  mask: z
    .object({
      /** The smallest rectangle around what is painted. */
      painted: pixelRectSchema,
      /** How far the layer fades out beyond it. */
      blend: z.int().nonnegative(),
    })
    .optional(),
  /** What becomes the layer: what was changed, its drift taken back, or all that was drawn, as it was drawn. */
  keep: z.enum(["changes", "everything"]),
  passes: z.tuple([instructPassSchema]),
});
export type InstructionPlan = z.output<typeof instructionPlanSchema>;

/** Takes the background of a picture away. */
export const cutoutPlanSchema = z.object({
  task: z.literal("cutout"),
  ...planFields,
  passes: z.tuple([mattePassSchema]),
});
export type CutoutPlan = z.output<typeof cutoutPlanSchema>;

/**
 * What will run, as plain data: worked out from request, sizes, model facts and memory, and stored in the recipe. It holds
 * every setting that decides pixels; whoever executes it asks nobody else.
 */
export const planSchema = z.discriminatedUnion("task", [
  inpaintPlanSchema,
  outpaintPlanSchema,
  restylePlanSchema,
  upscalePlanSchema,
  createPlanSchema,
  instructionPlanSchema,
  cutoutPlanSchema,
]);
export type Plan = z.output<typeof planSchema>;
