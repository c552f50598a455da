import { z } from "zod";

/**
 * How much of a run the device is given at once: what memory decides about it. Batches and guidance change pixels by
 * rounding at most, a tiled autoencoder and smaller tiles by more, so the recipe keeps them.
 */
export const executionSchema = z.object({
  /** Variants that are drawn together; the last ones of a request may be fewer. */
  batch: z.int().positive(),
  /** Both halves of guidance in one evaluation of the denoiser, or in two that take half the memory. */
  guidance: z.enum(["together", "apart"]),
  /** Pictures larger than the autoencoder's own size are encoded and decoded in overlapping tiles. */
  isVaeTiled: z.boolean(),
  /** Side of the tiles in which pictures larger than the model are drawn, in pixels. */
  tileSide: z.int().positive(),
});
export type Execution = z.output<typeof executionSchema>;
