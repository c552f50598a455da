import { z } from "zod";
import { memoryFactsSchema } from "../../protocol/memory-facts.ts";
import { schedulerNameSchema } from "../../protocol/model-facts.ts";
import { borrowedSchema } from "./borrowed-components.ts";

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
  /** Measured costs, where the estimate from config.json is far off. */
  memory: memoryFactsSchema.pick({ denoiser: true, autoencoder: true }).partial().optional(),
});
export type Recommendation = z.output<typeof recommendationSchema>;
