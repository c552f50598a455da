import { z } from "zod";
import { memoryFactsSchema } from "../../protocol/models/memory-facts.ts";
import { schedulerNameSchema } from "../../protocol/models/model-facts.ts";
import { styleWordsSchema } from "../../protocol/text/style-presets.ts";
import { borrowedSchema } from "./borrowed-components.ts";

/** A file of the pack, never one above it. */
const graphPathSchema = z
  .string()
  .regex(/^(?!.*\.\.)[^/\\][^\\]*\.onnx$/, "a graph lies in the pack's folder and ends in .onnx");

/** What the graph of a network that makes no pictures from noise does not say of its values. Each has a usual value. */
const networkSchema = z.object({
  /** Subtracted from red, green and blue of 0 to 1, and what they are then divided by. Default: ImageNet's. */
  mean: z.tuple([z.number(), z.number(), z.number()]).optional(),
  std: z.tuple([z.number().positive(), z.number().positive(), z.number().positive()]).optional(),
  /** How a picture is brought to the network's square: stretched, or in its shape with nothing to the right of it or below. */
  fit: z.enum(["stretch", "letterbox"]).optional(),
  /** What marks the hole in an erase network's mask. Default: 0 in one of bytes, 1 in one of floats. */
  hole: z.union([z.literal(0), z.literal(1)]).optional(),
  /** White in an erase network's result. Default for floats: told by the pixels that it leaves as they are. */
  white: z.union([z.literal(1), z.literal(255)]).optional(),
  /** What a background removal answers. Default: told by whether its values leave 0 to 1. */
  answers: z.enum(["logits", "probabilities"]).optional(),
  /** How many times larger a super-resolution network makes a picture, and pixels on each side that one depends on. */
  upscaleFactor: z.int().min(2).max(16).optional(),
  receptiveRadius: z.int().nonnegative().optional(),
});
export type NetworkSettings = z.output<typeof networkSchema>;

/** A pack's own overpaint.json: values its makers recommend. */
export const recommendationSchema = z.object({
  /** Side of the square picture it was trained on, in pixels. */
  nativeSize: z.int().positive().optional(),
  /** Side of the largest square at which it still holds together, in pixels. */
  largestSize: z.int().positive().optional(),
  defaults: z
    .object({
      scheduler: schedulerNameSchema.optional(),
      steps: z.int().positive().optional(),
      guidanceScale: z.number().nonnegative().optional(),
      noiseLevel: z.int().nonnegative().optional(),
    })
    .default({}),
  /** By the presets' ids: how it wants to be told of a style, where the presets' own words are not those that it learnt. */
  styleWords: z.record(z.string(), styleWordsSchema).optional(),
  /**
   * Sides of latents are multiples of this. Default: two to the number of times that the denoiser halves them, which exported
   * graphs need; those built here take any side, as diffusers' own networks do.
   */
  latentMultiple: z.int().positive().optional(),
  borrows: borrowedSchema.optional(),
  /** What the denoiser predicts, where the scheduler's configuration says it wrongly or not at all. */
  prediction: z.enum(["epsilon", "v"]).optional(),
  /** A tiny autoencoder for previews: a folder of the pack, or a .safetensors file in it. */
  tinyVae: z.string().optional(),
  /** The graphs of a pack without model_index.json, where their names or places do not tell. */
  graphs: z.array(graphPathSchema).min(1).max(2).optional(),
  network: networkSchema.optional(),
  /** Measured costs, where the estimate from config.json is far off. */
  memory: memoryFactsSchema.pick({ denoiser: true, autoencoder: true }).partial().optional(),
});
export type Recommendation = z.output<typeof recommendationSchema>;
