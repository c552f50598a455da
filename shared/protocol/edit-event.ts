import { z } from "zod";
import { errorDataSchema } from "./error-data.ts";
import { pixelRectSchema, pixelSizeSchema } from "./geometry.ts";
import { recipeSchema } from "./recipe.ts";

/** What the model would draw if it stopped now. Fills `area` of the source, through the mask. */
export const previewSchema = z.object({
  /** A data URL of a small PNG, JPEG or WebP picture. */
  url: z.string().startsWith("data:image/"),
  area: pixelRectSchema,
});
export type Preview = z.output<typeof previewSchema>;

/** One finished variant. The layer's PNG travels beside it (a response body, a transferred buffer). */
export const editResultSchema = z.object({
  variant: z.int().nonnegative(),
  /** Where the layer lies, in pixels of the source; of the new picture, where there is no source. */
  layer: pixelRectSchema,
  /** The PNG's own size: `layer`'s, but for upscaling, where more pixels fill the same place. */
  pixels: pixelSizeSchema,
  /**
   * The part of the source, in its pixels, where the result is more transparent than the source: a layer on top cannot show
   * that. Absent where there is none.
   */
  erases: pixelRectSchema.optional(),
  recipe: recipeSchema,
});
export type EditResult = z.output<typeof editResultSchema>;

export const editEventSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("queued"),
    /** Jobs ahead of this one. */
    ahead: z.int().nonnegative(),
    /** Why nothing is drawn now, where that is no job's fault: a full disk, an engine that does not start. */
    reason: z.string().optional(),
  }),
  /** The browser engine fetches files that it lacks: bytes that are there, and of all of them. */
  z.object({ type: z.literal("fetching"), done: z.int().nonnegative(), total: z.int().positive() }),
  /** A precision is used for the first time: sample pictures are drawn to see in which ranges the model computes. */
  z.object({ type: z.literal("measuring"), step: z.int().positive(), steps: z.int().positive() }),
  z.object({
    type: z.literal("started"),
    model: z.string(),
    device: z.string(),
    attempt: z.int().positive(),
    /** Why not on the device before, of a further attempt. */
    reason: z.string().optional(),
  }),
  z.object({
    type: z.literal("step"),
    variant: z.int().nonnegative(),
    /** Steps finished, 1-based. */
    step: z.int().positive(),
    steps: z.int().positive(),
    preview: previewSchema.optional(),
  }),
  /** A variant is finished and can be inserted while others still run. */
  z.object({ type: z.literal("result"), result: editResultSchema }),
  z.object({ type: z.literal("done"), results: z.array(editResultSchema) }),
  z.object({ type: z.literal("failed"), error: errorDataSchema }),
  z.object({ type: z.literal("cancelled") }),
]);
export type EditEvent = z.output<typeof editEventSchema>;

/** True when no event can follow. */
export function isFinalEvent(event: EditEvent): boolean {
  return event.type === "done" || event.type === "failed" || event.type === "cancelled";
}
