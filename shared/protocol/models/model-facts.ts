import { z } from "zod";
import { type EditTask, editTasks, type ModelTask, modelTasks } from "../edit-task.ts";
import { isDevice } from "../file-name.ts";
import { type StyleWords, styleWordsSchema } from "../text/style-presets.ts";
import { type MemoryFacts, memoryFactsSchema } from "./memory-facts.ts";

/** Scheduler names as the command line and requests spell them. */
export const schedulerNames = [
  "ddpm",
  "ddim",
  "pndm",
  "euler",
  "euler-ancestral",
  "heun",
  "dpmpp-2m",
  "dpmpp-2m-karras",
  "dpmpp-2m-sde",
  "unipc",
  "lcm",
  "tcd",
  "flow-match-euler",
] as const;
export type SchedulerName = (typeof schedulerNames)[number];
export const schedulerNameSchema = z.enum(schedulerNames);

/** How a pack is known to requests: the catalog's or folder's name, never a path. */
export type ModelId = string & { readonly __brand: "ModelId" };
export const modelIdSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,99}$/, "a model id has lower-case letters, digits, '.', '_' and '-' only")
  .refine((id) => !id.endsWith(".") && !isDevice(id), "a model id is a folder's name on every system")
  .transform((id) => id as ModelId);

/** As `modelIdSchema` has it. */
const LONGEST_ID = 100;

/** The id that a file's or folder's name comes to. */
export function idFromName(fileName: string): ModelId {
  const name = fileName
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, "-")
    .replace(/^[^a-z0-9]+/, "");
  const id = (isDevice(name) ? `model-${name}` : name).slice(0, LONGEST_ID).replace(/\.+$/, "");
  return modelIdSchema.parse(id || "model");
}

/** The id that is wanted, or the first of those with a number behind it that nobody has. */
export function unusedId(wanted: ModelId, isTaken: (id: string) => boolean): ModelId {
  for (let number = 2, id = wanted; ; number += 1) {
    if (!isTaken(id)) return id;
    id = modelIdSchema.parse(`${wanted.slice(0, LONGEST_ID - 4)}-${number}`);
  }
}

/** What a model computes: pictures from noise, or something else in one evaluation. */
export const modelKinds = ["diffusion", "super-resolution", "erase", "background", "segmentation"] as const;
export type ModelKind = (typeof modelKinds)[number];

/** What people call a kind. */
export const kindNames: Readonly<Record<ModelKind, string>> = {
  diffusion: "diffusion model",
  "super-resolution": "super-resolution network",
  erase: "erase network",
  background: "background removal",
  segmentation: "click segmentation",
};

/**
 * How a model makes pictures larger. "network": one evaluation of a super-resolution network. "diffusion": a diffusion model
 * that is shown the small picture. "refine": image to image over what was enlarged by resampling.
 */
export const enlargingSchema = z.discriminatedUnion("method", [
  z.object({
    method: z.literal("network"),
    /** How many times larger one evaluation makes a picture. */
    factor: z.int().positive(),
    /** Pixels on each side that a pixel of the result depends on. */
    receptiveRadius: z.int().nonnegative(),
  }),
  z.object({
    method: z.literal("diffusion"),
    factor: z.int().positive(),
    /** The strongest noise that the small picture may be shown with, as a training timestep; 0 is the weakest. */
    maxNoiseLevel: z.int().nonnegative(),
  }),
  z.object({ method: z.literal("refine") }),
]);
export type Enlarging = z.output<typeof enlargingSchema>;

/** How the reference pipeline of a family is run on a task, where a plain run does not say. */
export interface PlainPipeline {
  /** What it makes of sizes that the model cannot take: refuses them, cuts the middle out, or stretches the picture. */
  readonly sizes: "exact" | "cropped" | "stretched";
  /** Pixels of the largest picture that it works on; larger ones are reduced. Absent: any. */
  readonly largestArea?: number | undefined;
  /** Shortest side of a picture that it takes, and the largest ratio of its sides. Absent: any. */
  readonly leastSide?: number | undefined;
  readonly largestAspect?: number | undefined;
  readonly steps: number;
  readonly guidanceScale: number;
  readonly strength?: number | undefined;
}

const plainPipelineSchema = z.object({
  sizes: z.enum(["exact", "cropped", "stretched"]),
  largestArea: z.int().positive().optional(),
  leastSide: z.int().positive().optional(),
  largestAspect: z.number().optional(),
  steps: z.int().positive(),
  guidanceScale: z.number(),
  strength: z.number().optional(),
});

/** What inspecting a pack tells: everything planning needs to know about a model, and nothing about where it is stored. */
export interface ModelFacts {
  readonly kind: ModelKind;
  /** For people: nothing is decided by it. */
  readonly family: string;
  readonly tasks: readonly ModelTask[];
  /** Side of the square picture the model was trained on, in pixels; a super-resolution network's recommended tile. */
  readonly nativeSize: number;
  /**
   * Side of the largest square at which a composed picture can still be refined without falling apart, in pixels. Where it is
   * said, pictures are restyled at it too, and a quarter beyond it in one piece, up to a strength that leaves their shapes.
   * Absent: planning's usual margin above the native size.
   */
  readonly largestSize?: number | undefined;
  /** Width and height of every working picture must be multiples of this, in pixels. */
  readonly sizeMultiple: number;
  /**
   * Pixels of a working picture along a latent cell. 1 for models whose latents have the size of the picture they are fed:
   * diffusion upscalers and super-resolution networks.
   */
  readonly cell: number;
  /** Whether the denoiser is shown mask and masked picture; otherwise masks are kept to by blending latents. */
  readonly seesMask: boolean;
  /** Whether words decide anything: networks read none, nor do upscalers that were trained without text. */
  readonly readsPrompt: boolean;
  /** Whether a negative prompt can have an effect: not where no prompt is read, nor with denoisers distilled with guidance. */
  readonly isGuidable: boolean;
  /** The guidance scale at which nothing is guided, and from which on it is: 1, or 0 where a family counts from there. Default 1. */
  readonly unguidedScale?: number | undefined;
  /** Whether a picture's own noise can be found by running DDIM backwards: flow models take another path. */
  readonly canInvert: boolean;
  /**
   * Timesteps that a distilled model was trained on: no schedule of "lcm" or "tcd" is longer. Absent where the pack's
   * scheduler does not say.
   */
  readonly distilledSteps?: number | undefined;
  /** Absent where the model cannot enlarge pictures. */
  readonly enlarging?: Enlarging | undefined;
  /** Fixed height and width of the graphs in pixels, or absent when they take any. */
  readonly fixedSize?: { readonly width: number; readonly height: number } | undefined;
  /** By task; a task that is missing has no reference pipeline. Absent: every task of the model has one that takes exact sizes. */
  readonly plain?: Readonly<Partial<Record<EditTask, PlainPipeline>>> | undefined;
  /** Whether the reference pipelines are told what should not be there. Default true. */
  readonly isNegativeRead?: boolean | undefined;
  /** What a run's memory is estimated from. */
  readonly memory?: MemoryFacts | undefined;
  /** How it is run where a request does not say. Absent for networks, which have no steps. */
  readonly defaults?: RunDefaults | undefined;
  /** By the presets' ids: what to say instead of a preset's own words, to a model that knows few. */
  readonly styleWords?: Readonly<Record<string, StyleWords>> | undefined;
}

/** Whether a run draws with guidance: above the scale at which nothing is guided, where it can have an effect. */
export function isGuidedAt(
  guidanceScale: number,
  { isGuidable, unguidedScale = 1 }: Pick<ModelFacts, "isGuidable" | "unguidedScale">,
): boolean {
  return isGuidable && guidanceScale > unguidedScale;
}

/** `noise_level` of diffusers' upscale pipeline, where neither request nor model says one. */
export const USUAL_NOISE_LEVEL = 20;

/** Defaults of `guidance_scale` in the pipelines of a family. */
export interface PlainGuidance {
  /** Of the pipeline that repaints behind a mask. */
  readonly inpaint: number;
  readonly others: number;
}

/** The pack's own recommendation, else the family's usual value. */
export interface RunDefaults {
  readonly scheduler: SchedulerName;
  readonly steps: number;
  readonly guidanceScale: number;
  /** The guidance of plain runs, which do as diffusers' pipelines do unasked; as otherwise unless given. */
  readonly plainGuidance?: PlainGuidance | undefined;
  /** The steps of plain runs; as otherwise unless given. */
  readonly plainSteps?: number | undefined;
  /** Noise put on the small picture, as a training timestep; x4 upscalers that recommend one only. */
  readonly noiseLevel?: number | undefined;
}

export const modelFactsSchema: z.ZodType<ModelFacts> = z.object({
  kind: z.enum(modelKinds),
  family: z.string(),
  tasks: z.array(z.enum(modelTasks)),
  nativeSize: z.int().positive(),
  largestSize: z.int().positive().optional(),
  sizeMultiple: z.int().positive(),
  cell: z.int().positive(),
  seesMask: z.boolean(),
  readsPrompt: z.boolean(),
  isGuidable: z.boolean(),
  unguidedScale: z.number().optional(),
  canInvert: z.boolean(),
  distilledSteps: z.int().positive().optional(),
  enlarging: enlargingSchema.optional(),
  fixedSize: z.object({ width: z.int().positive(), height: z.int().positive() }).optional(),
  plain: z.partialRecord(z.enum(editTasks), plainPipelineSchema).optional(),
  isNegativeRead: z.boolean().optional(),
  memory: memoryFactsSchema.optional(),
  defaults: z
    .object({
      scheduler: schedulerNameSchema,
      steps: z.int().positive(),
      guidanceScale: z.number(),
      plainGuidance: z.object({ inpaint: z.number(), others: z.number() }).optional(),
      plainSteps: z.int().positive().optional(),
      noiseLevel: z.int().nonnegative().optional(),
    })
    .optional(),
  styleWords: z.record(z.string(), styleWordsSchema).optional(),
});
