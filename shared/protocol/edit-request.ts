import { z } from "zod";
import { MAX_PROMPT_CHARACTERS } from "./limits.ts";
import { modelIdSchema, schedulerNameSchema } from "./model-facts.ts";

const promptSchema = z.string().max(MAX_PROMPT_CHARACTERS);

/** Largest seed: the generator takes 32 bits of it, as torch's mt19937 does. */
export const MAX_SEED = 0xffff_ffff;

/**
 * Repaint what the mask covers. White in the mask is repainted; the prompt says with what.
 * `null` leaves a value to the plan, which takes the pack's default; the recipe holds what was used.
 */
export const inpaintRequestSchema = z.object({
  task: z.literal("inpaint"),
  /** Empty means: fill with what fits. */
  prompt: promptSchema.default(""),
  negativePrompt: promptSchema.default(""),
  model: modelIdSchema.default("starter" as z.infer<typeof modelIdSchema>),
  seed: z.int().min(0).max(MAX_SEED).default(0),
  /** Number of variants; variant k uses seed + k. */
  count: z.int().min(1).max(16).default(1),
  steps: z.int().min(1).max(150).nullable().default(null),
  guidanceScale: z.number().min(0).max(30).nullable().default(null),
  scheduler: schedulerNameSchema.nullable().default(null),
  /** 1 repaints from noise; less keeps more of what is there. */
  strength: z.number().gt(0).max(1).default(1),
  /** Source pixels the denoised area reaches beyond the painted mask before it fades. */
  grow: z.int().min(0).max(499).nullable().default(null),
  /** Width in source pixels of the soft edge, outside the painted mask. */
  feather: z.int().min(0).max(499).nullable().default(null),
  /** Run the bare diffusers pipeline at the image's own size: no context crop, no paste-back, the prompt taken literally. */
  plain: z.boolean().default(false),
});

/** Everything that affects the image, except the pixels themselves, which travel beside it. */
export const editRequestSchema = z.discriminatedUnion("task", [inpaintRequestSchema]);

export type InpaintRequest = z.output<typeof inpaintRequestSchema>;
export type EditRequest = z.output<typeof editRequestSchema>;
/** What a client may send: fields with defaults may be left out. */
export type EditRequestInput = z.input<typeof editRequestSchema>;
