import { z } from "zod";
import { pixelSizeSchema } from "../geometry.ts";
import { schedulerNameSchema } from "../model-facts.ts";
import { executionSchema } from "./execution.ts";
import { tilingSchema } from "./tiling.ts";

/** Draws the whole picture anew, starting from itself. */
export const restylePlanSchema = z.object({
  task: z.literal("restyle"),
  working: pixelSizeSchema,
  /** Absent when the picture fits the model in one piece. */
  tiling: tilingSchema.optional(),
  /** The size at which the model sees the whole of a tiled picture, to follow the prompt. */
  overview: pixelSizeSchema.optional(),
  /** What every tile is told: the style's words, without what the picture shows. */
  tilePrompt: z.string(),
  /** "noise": the encoded picture, noised in closed form. "inversion": its own noise, found by running DDIM backwards. */
  start: z.enum(["noise", "inversion"]),
  strength: z.number(),
  /** Steps of the whole schedule; the last `strength` share of them runs. */
  steps: z.int().positive(),
  scheduler: schedulerNameSchema,
  guidanceScale: z.number(),
  /** The prompt as the style preset completed it. */
  prompt: z.string(),
  negativePrompt: z.string().nullable(),
  /** Present when the style is taken from a reference picture. */
  reference: z
    .object({
      /** The size at which the model sees it. */
      working: pixelSizeSchema,
      /** How far its statistics are carried over, 0 to 1. */
      strength: z.number(),
    })
    .optional(),
  plain: z.boolean(),
  /** What memory decided; absent in a plan that no device has been found for. */
  execution: executionSchema.optional(),
});
export type RestylePlan = z.output<typeof restylePlanSchema>;
