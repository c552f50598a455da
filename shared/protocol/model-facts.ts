import { z } from "zod";
import { type EditTask, editTasks } from "./edit-task.ts";
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
  .transform((id) => id as ModelId);

/** A "super-resolution" pack is one network that enlarges pixels in one evaluation; the others are diffusion models. */
export const modelFamilies = [
  "stable-diffusion",
  "stable-diffusion-xl",
  "stable-diffusion-x4-upscaler",
  "super-resolution",
] as const;
export type ModelFamily = (typeof modelFamilies)[number];

/** What inspecting a pack tells: everything planning needs to know about a model, and nothing about where it is stored. */
export interface ModelFacts {
  readonly family: ModelFamily;
  readonly tasks: readonly EditTask[];
  /** Side of the square picture the model was trained on, in pixels; a super-resolution network's recommended tile. */
  readonly nativeSize: number;
  /**
   * Side of the largest square at which a composed picture can still be refined without falling apart, in pixels. Absent:
   * planning's usual margin above the native size.
   */
  readonly largestSize?: number | undefined;
  /** Width and height of every working picture must be multiples of this, in pixels. */
  readonly sizeMultiple: number;
  /** Pixels per latent cell, along each side. */
  readonly latentScale: number;
  /** Channels the denoiser takes: 4 text-to-image, 9 inpainting, 7 x4 upscaling; 3 for a super-resolution network. */
  readonly inputChannels: number;
  readonly predictionType: "epsilon" | "v_prediction" | "sample" | "flow";
  /** How many times larger one pass makes a picture; upscaling models only. */
  readonly upscaleFactor?: number | undefined;
  /** Pixels on each side that a pixel of the result depends on; super-resolution networks only. */
  readonly receptiveRadius?: number | undefined;
  /** Fixed height and width of the graphs in pixels, or absent when they take any. */
  readonly fixedSize?: { readonly width: number; readonly height: number } | undefined;
  /** What a run's memory is estimated from. */
  readonly memory?: MemoryFacts | undefined;
  /** The pack's own recommendation, else the family's usual value. */
  readonly defaults: {
    readonly scheduler: SchedulerName;
    readonly steps: number;
    readonly guidanceScale: number;
    /** Noise put on the small picture, as a training timestep; x4 upscalers that recommend one only. */
    readonly noiseLevel?: number | undefined;
  };
}

export const modelFactsSchema: z.ZodType<ModelFacts> = z.object({
  family: z.enum(modelFamilies),
  tasks: z.array(z.enum(editTasks)),
  nativeSize: z.int().positive(),
  largestSize: z.int().positive().optional(),
  sizeMultiple: z.int().positive(),
  latentScale: z.int().positive(),
  inputChannels: z.int().positive(),
  predictionType: z.enum(["epsilon", "v_prediction", "sample", "flow"]),
  upscaleFactor: z.int().positive().optional(),
  receptiveRadius: z.int().nonnegative().optional(),
  fixedSize: z.object({ width: z.int().positive(), height: z.int().positive() }).optional(),
  memory: memoryFactsSchema.optional(),
  defaults: z.object({
    scheduler: schedulerNameSchema,
    steps: z.int().positive(),
    guidanceScale: z.number(),
    noiseLevel: z.int().nonnegative().optional(),
  }),
});
