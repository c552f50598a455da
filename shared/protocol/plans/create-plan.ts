import { z } from "zod";
import { pixelSizeSchema } from "../geometry.ts";
import { schedulerNameSchema } from "../model-facts.ts";

/** A picture from nothing: drawn at the working size, brought to the wanted one. */
export const createPlanSchema = z.object({
  task: z.literal("create"),
  working: pixelSizeSchema,
  scheduler: schedulerNameSchema,
  steps: z.int().positive(),
  guidanceScale: z.number(),
  plain: z.boolean(),
});
export type CreatePlan = z.output<typeof createPlanSchema>;
