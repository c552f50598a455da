import { z } from "zod";

/**
 * What one evaluation of a graph takes beside its weights, in bytes for a picture of n cells:
 * `perCell` · n + `perCellPair` · n². The second part is attention, which compares every cell with every other.
 */
export const memoryCostSchema = z.object({ perCell: z.number().nonnegative(), perCellPair: z.number().nonnegative() });
export type MemoryCost = z.output<typeof memoryCostSchema>;

/** What planning estimates a pack's memory from. Cells are latent cells; a super-resolution network's are pixels. */
export const memoryFactsSchema = z.object({
  /** For each row of a batch: of the denoiser and the ControlNets beside it, or of a super-resolution pack's network. */
  denoiser: memoryCostSchema,
  autoencoder: memoryCostSchema,
  /** What the denoiser takes besides on devices that hold the scores of its attention. Absent: `denoiser` has it. */
  scores: memoryCostSchema.optional(),
  /** Latent cells along a side of the tiles that the autoencoder can work in. Absent: it takes pictures in one piece only. */
  codedSide: z.number().positive().optional(),
  /** Rows of every evaluation of the denoiser, where its graph fixes them. */
  fixedRows: z.int().positive().optional(),
});
export type MemoryFacts = z.output<typeof memoryFactsSchema>;
