import { z } from "zod";
import { type CatalogTask, catalogModelSchema, catalogTasks } from "../protocol/models/model-catalog.ts";
import { modelIdSchema } from "../protocol/models/model-facts.ts";
import { OverpaintError } from "../protocol/overpaint-error.ts";
import { parseHubPlace, requireSafePath } from "./hub-address.ts";

const pathSchema = z.string().refine((path) => {
  try {
    requireSafePath(path);
    return true;
  } catch {
    return false;
  }
}, "is no path of a file in a folder");

const catalogFileSchema = z.object({
  /** In the repository. */
  path: pathSchema,
  /** In the model's folder, where it is called otherwise there. */
  as: pathSchema.optional(),
  size: z.int().positive().optional(),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
});
export type CatalogFile = z.output<typeof catalogFileSchema>;

const entrySchema = catalogModelSchema.extend({
  repository: z.string().refine((name) => parseHubPlace(name)?.repository === name, "is no OWNER/NAME"),
  revision: z.string().refine((name) => parseHubPlace(`a/b@${name}`) !== undefined, "is no branch, tag or commit"),
  /** Whether somebody compared what is said of the files with the hub. */
  checked: z.boolean(),
  files: z.array(catalogFileSchema).min(1),
  /** About how much there is to fetch, where the files' sizes are not known and the parts do not tell it. */
  bytes: z.int().positive().optional(),
  /** Texts that the model needs beside its files and its repository does not have, by path. */
  writes: z.record(pathSchema, z.unknown()).optional(),
});
/** A model of the catalog, with where its files come from. */
export type CatalogEntry = z.output<typeof entrySchema>;

/** Tells where in a model's folder a file of its repository goes. Undefined: a model that the catalog does not know. */
export function placesOf(entry: CatalogEntry | undefined): (path: string) => string {
  const places = new Map(entry?.files.map(({ path, as = path }) => [path, as]));
  return (path) => places.get(path) ?? path;
}

const recommendationSchema = z.object({
  /** Up to so many GB of a card's memory; absent for all beyond. */
  upTo: z.number().positive().optional(),
  model: modelIdSchema,
});

const catalogSchema = z
  .object({
    version: z.literal(1),
    /** Address of the hub for the browser's engine, which no environment tells one. Default: Hugging Face's. */
    hub: z.url({ protocol: /^https?$/ }).optional(),
    /** By task, smallest memory first. */
    recommended: z.partialRecord(z.enum(catalogTasks), z.array(recommendationSchema)),
    models: z.array(entrySchema),
  })
  .superRefine(({ models, recommended }, context) => {
    const entries = new Map(models.map((model) => [model.id, model]));
    if (entries.size < models.length) context.addIssue({ code: "custom", message: "two models have the same id" });
    for (const [task, choices] of Object.entries(recommended))
      for (const { model } of choices)
        if (!entries.get(model)?.tasks.includes(task as CatalogTask))
          // the schema's keys are tasks
          context.addIssue({ code: "custom", message: `"${model}" is recommended for ${task}, which it does not do` });
  });
/** Models that are known to work, and which to take for a task. */
export type Catalog = z.output<typeof catalogSchema>;

/** Reads a catalog's file. Throws OverpaintError `invalid-request` saying what of it is wrong. */
export function parseCatalog(text: string): Catalog {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw unreadable("it is not JSON", cause);
  }
  const parsed = catalogSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw unreadable(`${issue?.path.join(".") || "it"}: ${issue?.message}`, parsed.error);
}

function unreadable(what: string, cause: unknown): OverpaintError {
  return new OverpaintError(
    "invalid-request",
    `The catalog of models cannot be read: ${what}.`,
    "Restore models/catalog.json as it was installed.",
    { cause },
  );
}

const GIGABYTE = 1024 ** 3;

/** The model to take for a task with so much memory; undefined where none is recommended for as little. */
export function recommendedFor(
  { recommended }: Catalog,
  task: CatalogTask,
  memory: number,
): CatalogEntry["id"] | undefined {
  const choices = recommended[task] ?? [];
  return choices.find(({ upTo }) => upTo === undefined || memory <= upTo * GIGABYTE)?.model;
}
