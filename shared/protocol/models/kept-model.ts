import { z } from "zod";
import { modelSummarySchema } from "../api.ts";
import { modelIdSchema } from "./model-facts.ts";

/** The folder of the browser's own storage in which each model has a folder, called by its id. */
export const KEPT_MODELS = "overpaint-models";
/** What lies in the folder of a model that is there whole. */
export const KEPT_RECORD = "record.json";

/** A model that the browser keeps, as its worker writes it and the panel reads it. */
export const keptModelSchema = z.object({
  id: modelIdSchema,
  summary: modelSummarySchema,
  repository: z.string(),
  revision: z.string(),
  commit: z.string(),
  /** The catalog's id of it, where that knows it. */
  entry: z.string().optional(),
  files: z.array(
    z.object({
      /** In the model's folder, as its files refer to one another. */
      path: z.string(),
      /** In the repository. Absent: Overpaint wrote it. */
      from: z.string().optional(),
      /** What it is called where it is kept. */
      name: z.string(),
      size: z.number(),
      sha256: z.string(),
    }),
  ),
});
export type KeptModel = z.output<typeof keptModelSchema>;

/** What an interrupted installation was after. */
export const KEPT_WISH = "wish.json";
export const keptWishSchema = z.object({ named: z.string(), file: z.string().optional() });
export type KeptWish = z.output<typeof keptWishSchema>;
