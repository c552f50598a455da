import { z } from "zod";
import { errorDataSchema } from "../error-data.ts";

const modelName = z.string().min(1).max(100);

/** What `POST models/tasks` takes. */
export const modelTaskRequestSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("install"),
    /** An id of the catalog, or a repository's `OWNER/NAME[@revision]`. */
    model: z.string().min(1).max(300),
    /** The checkpoint that is meant, in a repository of several. */
    file: z.string().max(500).optional(),
  }),
  z.object({
    type: z.literal("import"),
    /** On the companion's machine. */
    path: z.string().min(1).max(4096),
    /** Whether the files are copied among the models; otherwise they stay where they are. */
    isCopy: z.boolean().default(false),
    /** Default: as the file or folder is called. */
    name: modelName.optional(),
  }),
  z.object({
    type: z.literal("verify"),
    model: modelName,
    /** Takes the files as they are now for right. */
    isAccepted: z.boolean().default(false),
  }),
  z.object({ type: z.literal("repair"), model: modelName }),
  z.object({ type: z.literal("update"), model: modelName }),
]);
export type ModelTaskRequest = z.output<typeof modelTaskRequestSchema>;

export const modelTaskStates = ["running", "paused", "done", "failed", "cancelled"] as const;

export const transferProgressSchema = z.object({
  /** Bytes that are there or were read, and of all files. */
  done: z.number(),
  total: z.number(),
  /** Over the last seconds; 0 at first. */
  bytesPerSecond: z.number(),
  /** Absent as long as nothing tells. */
  secondsLeft: z.number().optional(),
});

export const modelTaskIdSchema = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,119}$/);

/** Long work on a model: what `models/tasks` tells of it, and each event of its stream. */
export const modelTaskSchema = z.object({
  id: modelTaskIdSchema,
  type: z.enum(["install", "import", "verify", "repair", "update"]),
  /** The model's id; while a file is being imported, its name. */
  model: z.string(),
  name: z.string(),
  /** Only installations and updates can be paused, and go on later; those that another run of the companion left are paused. */
  state: z.enum(modelTaskStates),
  progress: transferProgressSchema.optional(),
  /** Why it failed. */
  error: errorDataSchema.optional(),
  /** Of an import of what is no model: what it is, and where it is used. */
  remark: z.string().optional(),
  /** Of a verification: every file and its state. */
  files: z
    .array(z.object({ name: z.string(), state: z.enum(["whole", "changed", "cut-short", "missing"]) }))
    .optional(),
  /** Of a repair: files that were fetched again. Of an update: those that are new, none where nothing changed. */
  replaced: z.array(z.string()).optional(),
});
export type ModelTask = z.output<typeof modelTaskSchema>;

/** Answer of `GET models/tasks`, newest first. */
export const modelTaskListSchema = z.object({ tasks: z.array(modelTaskSchema) });

/** Answer of `DELETE models/{id}`. */
export const removedModelSchema = z.object({ id: z.string() });
