import { z } from "zod";
import { recipeSchema } from "../recipe.ts";

/** Longest thumbnail of a history entry, a data URL, in characters: the entries lie in the designer's file. */
export const MAX_THUMBNAIL_CHARACTERS = 8_000;
/** Entries that are kept in a file; the oldest go first. */
export const MAX_HISTORY_ENTRIES = 100;

/** A job whose result was inserted, kept in the file it was made for, so that everybody who opens the file has it. */
export const historyEntrySchema = z.object({
  /** Of the job, else of the insertion. */
  id: z.string().min(1).max(60),
  /** When it was inserted, in milliseconds since 1970. */
  at: z.number(),
  recipe: recipeSchema,
  /** The shape that shows the result. */
  shapeId: z.string().optional(),
  /** A small picture of the result as a data URL. */
  thumbnail: z.string().max(MAX_THUMBNAIL_CHARACTERS).optional(),
});
export type HistoryEntry = z.output<typeof historyEntrySchema>;
