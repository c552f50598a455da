import { z } from "zod";
import { pixelRectSchema, pixelSizeSchema } from "../geometry.ts";
import { MAX_SEED } from "../limits.ts";
import { schedulerNameSchema } from "../models/model-facts.ts";
import { tilingSchema } from "./tiling.ts";

/** A schedule that runs from pure noise to its end. */
const wholeScheduleSchema = z.object({ scheduler: schedulerNameSchema, steps: z.int().positive() });

/** Which part of which schedule runs. */
export const passScheduleSchema = wholeScheduleSchema.extend({
  /** The last share of the steps that runs, above 0 to 1. */
  strength: z.number().gt(0).max(1),
});
export type PassSchedule = z.output<typeof passScheduleSchema>;

/**
 * How much of a pass the device is given at once: what memory decides about it. Guidance changes pixels by rounding at
 * most, a tiled autoencoder by more, so the recipe keeps both.
 */
export const passExecutionSchema = z.object({
  /** Both halves of guidance in one evaluation of the denoiser, or in two that take half the memory. */
  guidance: z.enum(["together", "apart"]),
  /** Pictures larger than the autoencoder's own size are encoded and decoded in overlapping tiles. */
  isVaeTiled: z.boolean(),
});
export type PassExecution = z.output<typeof passExecutionSchema>;

const passFields = {
  /** The size at which the model works. */
  working: pixelSizeSchema,
  /** Variant k of the plan's seed s draws from the generator seeded with s + k + this, modulo 2³². */
  seedOffset: z.int().min(0).max(MAX_SEED),
  execution: passExecutionSchema,
};

/** How far the masks reach beyond the painted area, in source pixels. */
export const maskPlanSchema = z.object({
  /** The denoise mask is the painted mask grown by this much, then feathered outward by `feather`. */
  grow: z.int().nonnegative(),
  feather: z.int().nonnegative(),
  /** Width of the ramp with which the composite mask fades out inside the denoise mask's reach. */
  blend: z.int().nonnegative(),
});
export type MaskPlan = z.output<typeof maskPlanSchema>;

/** How a plain run brings pictures to a size that the model can take. */
export const fitSchema = z.object({
  /** The middle is cut out, or the picture is stretched. */
  by: z.enum(["crop", "stretch"]),
  /** The size that pictures are reduced to beforehand, in shape; their own where they are not too large. */
  from: pixelSizeSchema,
});
export type Fit = z.output<typeof fitSchema>;

/** Draws from the prompt alone. */
export const promptPassSchema = z.object({
  method: z.literal("prompt"),
  ...passFields,
  schedule: wholeScheduleSchema,
});

const repaintFields = {
  /** "compose" draws what is not there yet; "refine" draws it again, finer, from what an earlier pass drew. */
  kind: z.enum(["compose", "refine"]),
  ...passFields,
  /** The part of the source that the model sees, resampled to the working size; it may reach beyond the source. */
  context: pixelRectSchema,
  schedule: passScheduleSchema,
  /**
   * How the model is kept to what it is to repaint. "shown": it sees mask and masked picture. "blended": the latents outside
   * are replaced after each step. "differential": the same, each cell for as many steps as its mask value says.
   */
  masking: z.enum(["shown", "blended", "differential"]),
};

/** Repaints what is painted inside a rectangle. */
export const inpaintPassSchema = z.object({
  method: z.literal("inpaint"),
  ...repaintFields,
  /** The smallest rectangle around what is painted, in source pixels; those of different holes are disjoint. */
  painted: pixelRectSchema,
  /**
   * What lies under the noise. "source": what is there. "neutral": mid-grey, which suggests nothing. "blurred-border": the
   * colours around, continued smoothly. "composed": what the pass before this one drew, brought to this one's place and size.
   */
  start: z.enum(["source", "neutral", "blurred-border", "composed"]),
  /** Absent in the bare pipeline: the mask is taken as it is, black and white, and all of the context is the result. */
  mask: maskPlanSchema.optional(),
  fit: fitSchema.optional(),
});
export type InpaintPass = z.output<typeof inpaintPassSchema>;

/** Fills the holes inside a rectangle by one evaluation of an erase network. */
export const erasePassSchema = z.object({
  method: z.literal("erase"),
  ...passFields,
  /** The part of the source that the network sees, resampled to the working size; it may reach beyond the source. */
  context: pixelRectSchema,
  /** The smallest rectangle around what is painted, in source pixels; those of different holes are disjoint. */
  painted: pixelRectSchema,
  mask: maskPlanSchema,
});
export type ErasePass = z.output<typeof erasePassSchema>;

/** Tells the subject of a picture from its background by one evaluation of a network, which sees it at the working size. */
export const mattePassSchema = z.object({ method: z.literal("matte"), ...passFields });
export type MattePass = z.output<typeof mattePassSchema>;

/** Draws a piece of the ground around a picture. */
export const extendPassSchema = z.object({
  method: z.literal("extend"),
  ...repaintFields,
  /** What is drawn, in source pixels: disjoint, and outside the original. */
  fills: z.array(pixelRectSchema).min(1),
  /**
   * The rectangle whose border pixels are carried outwards as the start, in source pixels: known throughout, and beside the
   * fills. Absent where the start is what an earlier pass drew.
   */
  known: pixelRectSchema.optional(),
  /** Source pixels outside the original's border over which what was drawn is led over to the border's own colours. */
  blend: z.int().nonnegative(),
  /** Source pixels around the fills that are drawn again over what earlier passes drew, and fade into it. */
  overlap: z.int().nonnegative(),
});
export type ExtendPass = z.output<typeof extendPassSchema>;

/** Draws a whole picture again after its prompt: the source, or what the pass before this one drew. */
export const redrawPassSchema = z.object({
  method: z.literal("redraw"),
  ...passFields,
  schedule: passScheduleSchema,
  /**
   * "image-to-image": diffusers' pipeline of that name. "shown": models that see masks are shown one of everything.
   * "differential": the last steps of the schedule, whatever the model.
   */
  masking: z.enum(["image-to-image", "shown", "differential"]),
  fit: fitSchema.optional(),
});

/** Draws a picture anew as the prompt says, with the source and others before its eyes. */
export const instructPassSchema = z.object({
  method: z.literal("instruct"),
  ...passFields,
  /** The part of the source that the model sees and draws anew; it may reach beyond the source. */
  context: pixelRectSchema,
  schedule: wholeScheduleSchema,
  fit: fitSchema.optional(),
  /** The sizes at which the model sees the references, in their order. */
  references: z.array(z.object({ working: pixelSizeSchema, fit: fitSchema.optional() })),
});
export type InstructPass = z.output<typeof instructPassSchema>;

/** Draws the whole picture anew in another style, starting from itself. */
export const restylePassSchema = z.object({
  method: z.literal("restyle"),
  ...passFields,
  schedule: passScheduleSchema,
  /** "seed": the encoded picture under the seed's noise, in closed form. "inversion": its own noise, found by running DDIM backwards. */
  noise: z.enum(["seed", "inversion"]),
  /** Absent when the picture fits the model in one piece. */
  tiling: tilingSchema.optional(),
  /** The size at which the model sees the whole of a tiled picture, to follow the prompt. */
  overview: pixelSizeSchema.optional(),
  /** What every tile is told: the style's words, without what the picture shows. */
  tilePrompt: z.string(),
  /** Present when the style is taken from a reference picture. */
  reference: z
    .object({
      /** The size at which the model sees it. */
      working: pixelSizeSchema,
      /** How far its statistics are carried over, 0 to 1. */
      strength: z.number().min(0).max(1),
      /** The sizes of the pictures beside it: the mean of their statistics is carried over. */
      further: z.array(pixelSizeSchema).default([]),
    })
    .optional(),
});
export type RestylePass = z.output<typeof restylePassSchema>;

const enlargeFields = {
  ...passFields,
  /** Of the working picture, which is fed to the model in these tiles. */
  tiling: tilingSchema,
  /** How many times larger than it was fed the model draws, before the last resampling. */
  factor: z.int().positive(),
};

/** Enlarges by one evaluation of a super-resolution network a tile. */
export const superResolvePassSchema = z.object({
  method: z.literal("super-resolve"),
  ...enlargeFields,
  /** Pixels around each tile that the network sees and that are thrown away again. */
  margin: z.int().nonnegative(),
});

/** Enlarges by a diffusion model that is shown the small picture. */
export const enlargePassSchema = z.object({
  method: z.literal("enlarge"),
  ...enlargeFields,
  schedule: wholeScheduleSchema,
  /** Noise on the small picture, as a training timestep. */
  noiseLevel: z.int().nonnegative(),
});

/** Enlarges by resampling, then image to image over blended tiles. The working picture has the target's size. */
export const refinePassSchema = z.object({
  method: z.literal("refine"),
  ...enlargeFields,
  schedule: passScheduleSchema,
});

/** One run of the model. */
export const passSchema = z.discriminatedUnion("method", [
  promptPassSchema,
  inpaintPassSchema,
  erasePassSchema,
  mattePassSchema,
  extendPassSchema,
  redrawPassSchema,
  restylePassSchema,
  instructPassSchema,
  superResolvePassSchema,
  enlargePassSchema,
  refinePassSchema,
]);
export type Pass = z.output<typeof passSchema>;
export type PassMethod = Pass["method"];
/** The pass of one method. */
export type PassOf<Method extends PassMethod> = Extract<Pass, { readonly method: Method }>;
export type EnlargingPass = PassOf<"super-resolve" | "enlarge" | "refine">;
