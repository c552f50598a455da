import { z } from "zod";
import { deviceReportSchema, jobIdSchema, modelSummarySchema } from "../../shared/protocol/api.ts";
import { editResultSchema, previewSchema } from "../../shared/protocol/edit-event.ts";
import { editPartNames, editRequestSchema } from "../../shared/protocol/edit-request.ts";
import { errorDataSchema } from "../../shared/protocol/error-data.ts";
import { MAX_VARIANTS } from "../../shared/protocol/limits.ts";
import { sentPictureSchema } from "./pictures/picture-carrier.ts";
import { PREFIX } from "./studio-link.ts";

// What crosses between the machines of a studio, and under which keys.

export const keys = {
  /** Set of workers' ids. */
  workers: `${PREFIX}:workers`,
  /** An announcement, gone soon after its worker is. */
  worker: (id: string) => `${PREFIX}:worker:${id}`,
  /** Hash of the names of BullMQ's queues, with what the jobs in each need. */
  queues: `${PREFIX}:queues`,
  /** Hash of one companion's jobs, with the queue that each is in. */
  places: (companion: string) => `${PREFIX}:places:${companion}`,
  /** Stream of what one companion has to hear of its jobs; it deletes what it has kept. */
  news: (companion: string) => `${PREFIX}:news:${companion}`,
  /** Says that nobody wants a job any more. */
  cancelled: (job: string) => `${PREFIX}:cancelled:${job}`,
} as const;

/** Channels: what is said there is heard now or never. */
export const channels = {
  /** There is something to draw. */
  work: `${PREFIX}:work`,
  /** Carries the id of a job that nobody wants any more. */
  cancel: `${PREFIX}:cancel`,
  /** Steps of one companion's jobs. */
  steps: (companion: string) => `${PREFIX}:steps:${companion}`,
} as const;

/** Whoever reaches the Redis can write there: undefined for what is none of ours. */
export function readMessage<Schema extends z.ZodType>(
  schema: Schema,
  text: string | null | undefined,
): z.output<Schema> | undefined {
  try {
    return schema.safeParse(JSON.parse(text ?? "")).data;
  } catch {
    return undefined;
  }
}

/** A job as it waits in a queue. */
export const dispatchSchema = z.object({
  id: jobIdSchema,
  /** The companion that is to hear of it. */
  companion: z.string().regex(/^[a-z0-9-]{1,64}$/),
  request: editRequestSchema,
  /** See `DrawOrder`. */
  due: z.number(),
  pictures: z.partialRecord(z.enum(editPartNames), sentPictureSchema),
  /** Those still to draw. */
  variants: z
    .array(
      z
        .int()
        .nonnegative()
        .max(MAX_VARIANTS - 1),
    )
    .max(MAX_VARIANTS),
});
export type Dispatch = z.output<typeof dispatchSchema>;

const deviceSchema = deviceReportSchema.shape.device;

/** What a companion must hear of a job, in the order in which it happened. */
export const newsSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("begun"), device: deviceSchema }),
  z.object({
    type: z.literal("started"),
    device: deviceSchema,
    card: deviceReportSchema.shape.card,
    model: z.string(),
  }),
  z.object({
    type: z.literal("result"),
    result: editResultSchema,
    picture: sentPictureSchema,
    erase: sentPictureSchema.optional(),
  }),
  z.object({ type: z.literal("finished") }),
  z.object({ type: z.literal("failed"), error: errorDataSchema }),
  /** The worker did not find the pictures that the job starts from. */
  z.object({ type: z.literal("unsent") }),
]);
export type News = z.output<typeof newsSchema>;

const stepFields = { id: jobIdSchema, step: z.int().positive(), steps: z.int().positive() };

/** How far a job is: heard now or never. */
export const stepSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("measuring"), ...stepFields }),
  z.object({
    type: z.literal("step"),
    ...stepFields,
    variant: z.int().nonnegative(),
    preview: previewSchema.optional(),
  }),
]);
export type StudioStep = z.output<typeof stepSchema>;

/** A worker as it tells of itself. */
export const announcementSchema = z.object({
  id: z.string(),
  /** Of the machine. */
  name: z.string(),
  devices: z.array(deviceReportSchema),
  models: z.array(modelSummarySchema),
  /** See `Offers`. */
  offers: z.record(z.string(), z.string()),
  /** Where it fetches and puts pictures: see `PictureCarrier`. */
  pictures: z.string(),
});
export type Announcement = z.output<typeof announcementSchema>;
