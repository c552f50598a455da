import { z } from "zod";

/** The board that a picture is laid over: one of the page's, or a new one to the right of `beside`. */
export const boardToFillSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("existing"), shapeId: z.string() }),
  z.object({
    type: z.literal("new"),
    name: z.string(),
    /** In page units. */
    width: z.number().positive(),
    height: z.number().positive(),
    beside: z.string(),
  }),
]);
export type BoardToFill = z.output<typeof boardToFillSchema>;
