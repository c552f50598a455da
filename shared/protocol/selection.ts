import { z } from "zod";
import { modelIdSchema } from "./models/model-facts.ts";

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

/** How a picture that was sent before is called: the SHA-256 of its file. */
export const pictureHandleSchema = z
  .string()
  .regex(/^[0-9a-f]{64}$/, "a picture is called by its SHA-256, 64 lower-case hexadecimal digits");
/** The header of an answer that says how its picture is called from now on. */
export const PICTURE_HEADER = "Overpaint-Picture";

/** What is to be found in a picture: what some clicks show, or what the picture is of. */
export const selectionRequestSchema = z.object({
  /** Null: the first that can, one that removes backgrounds before one that takes clicks. */
  model: modelIdSchema.nullable().default(null),
  of: z.discriminatedUnion("type", [
    z.object({ type: z.literal("object"), points: z.array(clickedPointSchema).min(1).max(MAX_POINTS) }),
    z.object({ type: z.literal("subject") }),
  ]),
  /** A picture that was sent before; null where it is sent along. */
  picture: pictureHandleSchema.nullable().default(null),
});
export type Selected = z.output<typeof selectionRequestSchema>["of"];
export type SelectionRequest = z.output<typeof selectionRequestSchema>;
