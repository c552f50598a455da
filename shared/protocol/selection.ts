import { z } from "zod";
import { modelIdSchema } from "./model-facts.ts";

/** A click on a picture, in its pixels. */
export const clickedPointSchema = z.object({
  x: z.number().nonnegative(),
  y: z.number().nonnegative(),
  /** Whether what is there belongs to what is wanted, or must not. */
  isPart: z.boolean().default(true),
});
export type ClickedPoint = z.output<typeof clickedPointSchema>;

/** More clicks than anybody makes on one thing. */
const MAX_POINTS = 64;

/** What is to be found in a picture: what some clicks show, or what the picture is of. */
export const selectionRequestSchema = z.object({
  model: modelIdSchema,
  of: z.discriminatedUnion("type", [
    z.object({ type: z.literal("object"), points: z.array(clickedPointSchema).min(1).max(MAX_POINTS) }),
    z.object({ type: z.literal("subject") }),
  ]),
});
export type SelectionRequest = z.output<typeof selectionRequestSchema>;
