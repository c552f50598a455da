import { z } from "zod";
import { pixelRectSchema, pixelSizeSchema } from "../geometry.ts";
import { MAX_SEED } from "../limits.ts";
import { schedulerNameSchema } from "../model-facts.ts";
import { tilingSchema } from "./tiling.ts";

/** Which part of which schedule runs. */
export const passScheduleSchema = z.object({
  scheduler: schedulerNameSchema,
  /** Steps of the whole schedule; the last `strength` share of them runs. */
  steps: z.int().positive(),
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
  /** The part of the source that the model sees, in source pixels; it may reach beyond the source. */
  context: pixelRectSchema,
  /** The size at which the model works; the context is resampled to it. */
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

/**
 * What lies under the noise where the model repaints. "source": what is there. "neutral": mid-grey, which suggests nothing.
 * "blurred-border": the colours around, continued smoothly. "carried-edges": the border pixels of a rectangle, carried
 * outwards. "composed": what the pass before this one drew, brought to this one's place and size.
 */
export const passStartSchema = z.discriminatedUnion("from", [
  z.object({ from: z.literal("source") }),
  z.object({ from: z.literal("neutral") }),
  z.object({ from: z.literal("blurred-border") }),
  z.object({
    from: z.literal("carried-edges"),
    /** In source pixels: known throughout, and beside the fills. */
    known: pixelRectSchema,
  }),
  z.object({ from: z.literal("composed") }),
]);
export type PassStart = z.output<typeof passStartSchema>;

/** Draws from the prompt alone. */
export const promptPassSchema = z.object({
  method: z.literal("prompt"),
  ...passFields,
  schedule: passScheduleSchema,
});

/** Draws a part of its context again. */
export const repaintPassSchema = z.object({
  method: z.literal("repaint"),
  /** "compose" draws what is not there yet; "refine" draws it again, finer, from what an earlier pass drew. */
  kind: z.enum(["compose", "refine"]),
  ...passFields,
  schedule: passScheduleSchema,
  /** What is drawn lies inside these rectangles and within the mask's reach around them: disjoint, in source pixels. */
  fills: z.array(pixelRectSchema).min(1),
  start: passStartSchema,
  mask: maskPlanSchema,
  /** Source pixels around the fills that are drawn again over what earlier passes drew, and fade into it. */
  overlap: z.int().nonnegative(),
  /**
   * How the model is kept to the mask. "shown": it sees mask and masked picture. "blended": the latents outside are replaced
   * after each step. "differential": the same, each cell for as many steps as its mask value says.
   */
  masking: z.enum(["shown", "blended", "differential"]),
});
export type RepaintPass = z.output<typeof repaintPassSchema>;

/** Draws the whole picture again after its prompt: diffusers' image to image. */
export const redrawPassSchema = z.object({
  method: z.literal("redraw"),
  ...passFields,
  schedule: passScheduleSchema,
});

/** Draws the whole picture anew in another style, starting from itself. */
export const restylePassSchema = z.object({
  method: z.literal("restyle"),
  ...passFields,
  schedule: passScheduleSchema,
  /** "noise": the encoded picture, noised in closed form. "inversion": its own noise, found by running DDIM backwards. */
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
  schedule: passScheduleSchema,
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
  repaintPassSchema,
  redrawPassSchema,
  restylePassSchema,
  superResolvePassSchema,
  enlargePassSchema,
  refinePassSchema,
]);
export type Pass = z.output<typeof passSchema>;
export type PassMethod = Pass["method"];
/** The pass of one method. */
export type PassOf<Method extends PassMethod> = Extract<Pass, { readonly method: Method }>;
export type EnlargingPass = PassOf<"super-resolve" | "enlarge" | "refine">;
