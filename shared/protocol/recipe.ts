import { z } from "zod";
import { editPartNames, editRequestSchema } from "./edit-request.ts";
import { inputNoteSchema } from "./input-note.ts";
import { precisions } from "./models/precision.ts";
import { planSchema } from "./plans/plan.ts";

/** Namespace of Penpot's shared plugin data under which recipes are kept. */
export const RECIPE_NAMESPACE = "overpaint";
export const RECIPE_KEY = "recipe";
/** Under this key a layer keeps the id of the shape whose picture it was made from. */
export const SOURCE_KEY = "source";
/** Under this key a layer keeps the id of that picture's media, which copies of the shape have in common. */
export const SOURCE_MEDIA_KEY = "source-media";
/** Under this key a shape keeps the job that its picture is a variant of. */
export const JOB_KEY = "job";
/** Under this key a shape keeps the insertion that brought its picture. */
export const PLACEMENT_KEY = "placement";
/** Under this key a shape keeps what was painted for its picture: `encodeMask`'s PNG in base64. */
export const MASK_KEY = "mask";
/** Longest such text, in characters; the masks of brushes and shapes take a tenth of it. */
export const MAX_MASK_CHARACTERS = 64_000;
/** Under this key a layer keeps the ids of the layers that were part of the picture it was made from, as a JSON array. */
export const DRAWN_ON_KEY = "drawn-on";
/** Keys of a file's shared plugin data: one per finished job, followed by its id. */
export const HISTORY_KEY_PREFIX = "history/";

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);

const recipeFields = {
  request: editRequestSchema,
  /** Which variant this is; its seed is the request's seed plus this. */
  variant: z.int().nonnegative(),
  seed: z.int().nonnegative(),
  /** SHA-256 of the files as sent. */
  inputs: z.partialRecord(z.enum(editPartNames), sha256Schema.optional()),
  /** What happened to what was given: converted colours, words that were not read. Absent where nothing did. */
  notes: z.array(inputNoteSchema).optional(),
  model: z.object({ id: z.string(), files: z.record(z.string(), sha256Schema) }),
  engine: z.object({
    place: z.enum(["companion", "browser"]),
    device: z.string(),
    provider: z.string(),
    version: z.string(),
    /** What graphs that were built from weights were computed in; absent where every graph was ready. */
    precision: z.enum(precisions).optional(),
  }),
};

/**
 * How a picture came to be: enough to make it again. Same recipe, same device: same bytes.
 * It travels in the shape's shared plugin data and in the PNG's metadata.
 */
export const recipeSchema = z
  .discriminatedUnion("version", [
    z.object({ version: z.literal(2), ...recipeFields, plan: planSchema }),
    /** Plans had another form, which cannot be run any more: such a request is planned again. */
    z.object({ version: z.literal(1), ...recipeFields, plan: z.unknown() }),
  ])
  .refine(({ request, variant }) => variant < request.count, "The request asks for fewer variants.")
  .refine((recipe) => recipe.version === 1 || recipe.plan.task === recipe.request.task, "The plan is another task's.");
export type Recipe = z.output<typeof recipeSchema>;
