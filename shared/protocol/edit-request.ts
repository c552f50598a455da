import { z } from "zod";
import { controlParts, MAX_CONTROLS, plannedControlSchema } from "./control.ts";
import type { EditTask } from "./edit-task.ts";
import {
  MAX_IMAGE_SIDE,
  MAX_LORA_STRENGTH,
  MAX_LORAS,
  MAX_PROMPT_CHARACTERS,
  MAX_SEED,
  MAX_VARIANTS,
} from "./limits.ts";
import { modelIdSchema, schedulerNameSchema } from "./models/model-facts.ts";
import { precisionSchema } from "./models/precision.ts";

/** What the picture is held to, and an installed ControlNet that holds it. */
const controlSchema = plannedControlSchema
  .extend({ model: modelIdSchema })
  .refine(({ start, end }) => start < end, "a control ends after it starts");

const promptSchema = z.string().max(MAX_PROMPT_CHARACTERS);

/** The shipped pack that a request without a model means. */
const modelField = (id: string) => modelIdSchema.default(id as z.infer<typeof modelIdSchema>);

/** Widest and highest picture an edit may make, in pixels: what Penpot takes (`MAX_IMAGE_SIDE`). */
const sideSchema = z.int().min(1).max(MAX_IMAGE_SIDE);
const extensionSchema = z.int().min(0).max(MAX_IMAGE_SIDE);

/** A LoRA at a strength: 1 as it was trained, negative for the opposite. */
const loraSchema = z.object({
  id: modelIdSchema,
  strength: z.number().min(-MAX_LORA_STRENGTH).max(MAX_LORA_STRENGTH).default(1),
});

/** Stable Diffusion XL has two. */
export const MAX_TEXT_ENCODERS = 2;

/**
 * What every edit understands. `null` leaves a value to the plan, which takes the pack's default; the recipe holds what was
 * used.
 */
const drawingFields = {
  /** Empty means: what fits. */
  prompt: promptSchema.default(""),
  /** What should not be there. `null`: nothing is said of it, which some models (SDXL) read differently from an empty text. */
  negativePrompt: promptSchema.nullable().default(null),
  model: modelField("starter"),
  /** An installed autoencoder that takes the place of the model's own. */
  vae: modelIdSchema.nullable().default(null),
  /** Installed text encoders that take the places of the model's own, each of those of its kind. */
  textEncoders: z.array(modelIdSchema).max(MAX_TEXT_ENCODERS).default([]),
  /** Installed LoRAs, in the order in which they change the model. */
  loras: z.array(loraSchema).max(MAX_LORAS).default([]),
  /** What the model predicts, where its files say it wrongly or not at all. */
  prediction: z.enum(["epsilon", "v"]).nullable().default(null),
  /** What a model whose graphs are built from weights is computed in. Ready graphs have the precision they were exported in. */
  precision: precisionSchema.default("auto"),
  /**
   * What ControlNets hold the picture to. The picture of number k is the part `control-k`; where it is not sent, the source, or
   * for an outline the mask.
   */
  controls: z.array(controlSchema).max(MAX_CONTROLS).default([]),
  /** An installed IP-Adapter, which has the references read as pictures beside the prompt. */
  referenceModel: modelIdSchema.nullable().default(null),
  /**
   * How much of the references is taken over, 0 to 1: of what they show with an IP-Adapter, else of their statistics (restyle
   * only). Without a reference nothing happens.
   */
  referenceStrength: z.number().min(0).max(1).default(0.8),
  seed: z.int().min(0).max(MAX_SEED).default(0),
  /** Number of variants; variant k uses seed + k. */
  count: z.int().min(1).max(MAX_VARIANTS).default(1),
  steps: z.int().min(1).max(150).nullable().default(null),
  guidanceScale: z.number().min(0).max(30).nullable().default(null),
  scheduler: schedulerNameSchema.nullable().default(null),
  /** φ of guidance rescale: the share of overexposure by strong guidance that is taken back, 0 to 1. */
  guidanceRescale: z.number().min(0).max(1).default(0),
  /** Layers of the text encoder left out at its end, as some models were trained. */
  clipSkip: z.int().min(0).max(11).default(0),
  /** η of DDIM and TCD: 0 draws nothing at random, 1 as much as DDPM. */
  eta: z.number().min(0).max(1).default(0),
  /** Run the bare diffusers pipeline at the image's own size: no context crop, no paste-back, the prompt taken literally. */
  plain: z.boolean().default(false),
};

/** What an inpainting is for; each has its own prefill and defaults. "auto" decides from prompt and mask. */
export const inpaintIntents = ["auto", "fill", "add", "replace", "remove", "background"] as const;
export type InpaintIntent = (typeof inpaintIntents)[number];

/** Repaint what the mask covers. White in the mask is repainted; the prompt says with what. Parts: image, mask. */
export const inpaintRequestSchema = z.object({
  task: z.literal("inpaint"),
  ...drawingFields,
  intent: z.enum(inpaintIntents).default("auto"),
  /** 1, which is usual, repaints from noise; less keeps more of what is there. A removal begins from its surroundings and uses two fifths at most. */
  strength: z.number().gt(0).max(1).nullable().default(null),
  /** Source pixels the denoised area reaches beyond the painted mask before it fades. */
  grow: z.int().min(0).max(499).nullable().default(null),
  /** Width in source pixels of the soft edge, outside the painted mask. */
  feather: z.int().min(0).max(499).nullable().default(null),
  /** An installed erase network, which takes the place of `model` in a removal that it does better: of small holes. */
  eraser: modelIdSchema.nullable().default(null),
});

/** Extend the picture beyond its borders by whole source pixels. Parts: image. */
export const outpaintRequestSchema = z
  .object({
    task: z.literal("outpaint"),
    ...drawingFields,
    left: extensionSchema.default(0),
    right: extensionSchema.default(0),
    top: extensionSchema.default(0),
    bottom: extensionSchema.default(0),
  })
  .refine(({ left, right, top, bottom }) => left + right + top + bottom > 0, {
    error: "nothing is to be added: left, right, top and bottom are all 0",
  });

/** Draw the picture anew in another style, the layout kept. Parts: image, reference and reference-1 to reference-3 (optional, pictures as style). */
export const restyleRequestSchema = z.object({
  task: z.literal("restyle"),
  ...drawingFields,
  /** Id of a style preset, whose template takes the prompt in. */
  style: z.string().max(60).nullable().default(null),
  /** How far from the source, 0 to 1. */
  strength: z.number().gt(0).max(1).default(0.6),
  /**
   * Start from the picture's own noise (DDIM inversion), which holds the layout, instead of fresh noise. Where there are controls,
   * these hold it, and the noise is fresh.
   */
  keepLayout: z.boolean().default(true),
});

/** Enlarge the picture to an exact size. The model decides the method. Parts: image. */
export const upscaleRequestSchema = z.object({
  task: z.literal("upscale"),
  ...drawingFields,
  model: modelField("starter-upscale"),
  width: sideSchema,
  height: sideSchema,
  /** Noise added to the small picture, for diffusion upscalers: more invents more. */
  noiseLevel: z.int().min(0).max(350).nullable().default(null),
  /** How much image-to-image refinement may change, 0 to 1. */
  strength: z.number().gt(0).max(1).nullable().default(null),
});

/** A picture from nothing. No parts. */
export const createRequestSchema = z.object({
  task: z.literal("create"),
  ...drawingFields,
  width: sideSchema.min(16).max(4096),
  height: sideSchema.min(16).max(4096),
});

/**
 * Change a picture as the prompt says. Parts: image, mask (optional: the rest stays), reference and reference-1 to reference-3
 * (optional, pictures that the prompt may speak of).
 */
export const instructionRequestSchema = z.object({
  task: z.literal("edit"),
  ...drawingFields,
  /**
   * What is taken of the drawing: what the model changed, found by registration and difference, so that a drift of the whole picture
   * by a few pixels or levels is left out; or everything, as it was drawn, where such a drift is what was wished for.
   */
  keep: z.enum(["changes", "everything"]).default("changes"),
});

/** Take the background away, with a model for that: none ships. Parts: image. */
export const cutoutRequestSchema = z.object({ task: z.literal("cutout"), ...drawingFields, model: modelIdSchema });

/** Everything that affects the image, except the pixels themselves, which travel beside it. */
export const editRequestSchema = z.discriminatedUnion("task", [
  inpaintRequestSchema,
  outpaintRequestSchema,
  restyleRequestSchema,
  upscaleRequestSchema,
  createRequestSchema,
  instructionRequestSchema,
  cutoutRequestSchema,
]);

export type InpaintRequest = z.output<typeof inpaintRequestSchema>;
export type OutpaintRequest = z.output<typeof outpaintRequestSchema>;
export type RestyleRequest = z.output<typeof restyleRequestSchema>;
export type UpscaleRequest = z.output<typeof upscaleRequestSchema>;
export type CreateRequest = z.output<typeof createRequestSchema>;
export type InstructionRequest = z.output<typeof instructionRequestSchema>;
export type CutoutRequest = z.output<typeof cutoutRequestSchema>;
export type EditRequest = z.output<typeof editRequestSchema>;
/** What a client may send: fields with defaults may be left out. */
export type EditRequestInput = z.input<typeof editRequestSchema>;

/** References, in the order in which words may speak of them; those that are sent are the first ones. */
export const referenceParts = ["reference", "reference-1", "reference-2", "reference-3"] as const;

/** The binary parts that travel beside a request. */
export const editPartNames = ["image", "mask", ...referenceParts, ...controlParts] as const;
export type EditPart = (typeof editPartNames)[number];

/** The parts that the companion hands back to a panel that draws a job again, or inserts it after it was opened anew. */
export const keptParts = ["image", "mask", ...referenceParts, ...controlParts] as const;
export type KeptPart = (typeof keptParts)[number];

/** What people call a part, at the beginning of a sentence. */
export function partName(part: EditPart): string {
  switch (part) {
    case "image":
      return "The picture";
    case "mask":
      return "The mask";
    case "reference":
      return "The reference";
    case "reference-1":
    case "reference-2":
    case "reference-3":
      return `Reference ${referenceParts.indexOf(part) + 1}`;
    default:
      return `The picture of control ${controlParts.indexOf(part) + 1}`;
  }
}

/** Which parts a task needs and which it may have. */
export const editParts: Readonly<
  Record<EditTask, { readonly needed: readonly EditPart[]; readonly optional: readonly EditPart[] }>
> = {
  inpaint: { needed: ["image", "mask"], optional: [...referenceParts, ...controlParts] },
  outpaint: { needed: ["image"], optional: [...referenceParts, ...controlParts] },
  restyle: { needed: ["image"], optional: [...referenceParts, ...controlParts] },
  upscale: { needed: ["image"], optional: [] },
  create: { needed: [], optional: [...referenceParts, ...controlParts] },
  edit: { needed: ["image"], optional: ["mask", ...referenceParts] },
  cutout: { needed: ["image"], optional: [] },
};
