import { z } from "zod";
import { pixelSizeSchema } from "../geometry.ts";
import { schedulerNameSchema } from "../model-facts.ts";
import { executionSchema } from "./execution.ts";

/** A picture from nothing: composed at the working size, refined where that shows more, brought to the wanted one. */
export const createPlanSchema = z.object({
  task: z.literal("create"),
  working: pixelSizeSchema,
  scheduler: schedulerNameSchema,
  steps: z.int().positive(),
  /** Draws what was composed again, larger; absent where that would show no more. */
  refine: z.object({ working: pixelSizeSchema, steps: z.int().positive(), strength: z.number() }).optional(),
  guidanceScale: z.number(),
  plain: z.boolean(),
  /** What memory decided; absent in a plan that no device has been found for. */
  execution: executionSchema.optional(),
});
export type CreatePlan = z.output<typeof createPlanSchema>;
