import { z } from "zod";
import { createPlanSchema } from "./plans/create-plan.ts";
import { inpaintPlanSchema } from "./plans/inpaint-plan.ts";
import { outpaintPlanSchema } from "./plans/outpaint-plan.ts";
import { restylePlanSchema } from "./plans/restyle-plan.ts";
import { upscalePlanSchema } from "./plans/upscale-plan.ts";

/** What will run, as plain data: worked out from request, sizes and model facts alone, stored in the recipe. */
export const planSchema = z.discriminatedUnion("task", [
  inpaintPlanSchema,
  outpaintPlanSchema,
  restylePlanSchema,
  upscalePlanSchema,
  createPlanSchema,
]);
export type Plan = z.output<typeof planSchema>;
