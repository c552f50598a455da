import { z } from "zod";
import { controlKinds } from "./control.ts";
import { editEventSchema } from "./edit-event.ts";
import { editRequestSchema } from "./edit-request.ts";
import { editTasks } from "./edit-task.ts";
import { errorDataSchema } from "./error-data.ts";
import { pixelRectSchema, pixelSizeSchema } from "./geometry.ts";
import { modelFactsSchema } from "./models/model-facts.ts";
import { packWordsSchema } from "./models/pack-words.ts";
import { offeredPrecisionSchema } from "./models/precision.ts";
import { boardToFillSchema } from "./plugin/board.ts";

/** Where every resource of the companion lives. */
export const API_BASE = "/api/v1";

export type JobId = string & { readonly __brand: "JobId" };
export const jobIdSchema = z
  .string()
  .regex(/^[a-z0-9]{12,40}$/, "a job's id has 12 to 40 lower-case letters and digits only")
  .transform((id) => id as JobId);

/** Layers that one picture can carry; nobody stacks so many. */
const MAX_DRAWN_ON = 1_000;

/** Where a result belongs in the document, and how it comes into it. Kept with the job, so that a panel opened later can still place it. */
export const jobTargetSchema = z.object({
  fileId: z.string().max(100).optional(),
  pageId: z.string().max(100),
  shapeId: z.string().max(100),
  shapeName: z.string().max(250),
  /** The media that showed in the shape: another one by now means that the picture was changed. */
  mediaId: z.string().max(100).optional(),
  /** Ids of Overpaint's layers that were part of the picture: the result goes above them. */
  drawnOn: z.array(z.string().max(100)).max(MAX_DRAWN_ON).readonly().optional(),
  /** True where more is missing from the picture that was sent than from the shape's: only a new one in its place can show that. */
  takesAway: z.boolean().optional(),
  /** The version of the shapes that the mask was made of, where it was: another one by now means that they have changed. */
  maskVersion: z.string().max(100).optional(),
  /** The job whose place in the document it takes: the same edit, with the mask's shapes as they are now. */
  redraws: z.string().max(100).optional(),
  /** What is to show of an extended picture, in pixels of the picture. */
  frame: pixelRectSchema.optional(),
  /** The board that an extended picture is for. */
  board: boardToFillSchema.optional(),
});
export type JobTarget = z.output<typeof jobTargetSchema>;

/** The JSON part `request` of `POST jobs`; the pictures are binary parts (`editParts`). */
export const jobSubmissionSchema = z.object({
  request: editRequestSchema,
  target: jobTargetSchema.optional(),
  /** The document it was asked for in: panels of other files leave it alone. */
  fileId: z.string().max(100).optional(),
});
export type JobSubmission = z.output<typeof jobSubmissionSchema>;

export const jobStates = ["queued", "running", "done", "failed", "cancelled"] as const;
export const jobSchema = z.object({
  id: jobIdSchema,
  state: z.enum(jobStates),
  /** Milliseconds since 1970, the companion's clock. */
  createdAt: z.number(),
  request: editRequestSchema,
  target: jobTargetSchema.optional(),
  fileId: z.string().max(100).optional(),
  /** Absent for pictures from nothing. */
  source: pixelSizeSchema.optional(),
  /** The newest event; the whole stream is under `events`. */
  lastEvent: editEventSchema,
  acknowledged: z.boolean(),
  /**
   * Milliseconds that all of its variants take, as measured on the last such edits: those of a job that waits or runs, where there
   * were any.
   */
  drawingMs: z.number().positive().optional(),
});
export type Job = z.output<typeof jobSchema>;

/** One device that was tried, in order of preference. */
export const deviceReportSchema = z.object({
  device: z.enum(["cuda", "dml", "coreml", "webgpu", "cpu"]),
  /** Which of several cards, from 0. */
  card: z.int().nonnegative().optional(),
  works: z.boolean(),
  /** The graphics card's or processor's name where it is known. */
  description: z.string().optional(),
  /** Bytes of its memory, as the system tells; absent where it does not. */
  memoryBytes: z.number().positive().optional(),
  /** Bytes that a run may take of it: the owner's word (OVERPAINT_MEMORY) or a share of what there is. */
  budgetBytes: z.number().positive().optional(),
  /** Milliseconds that the probe took. */
  probeMs: z.number().nonnegative().optional(),
  /** Why it does not work. */
  reason: z.string().optional(),
  /** What makes it work, as a command or in a sentence. */
  mend: z.string().optional(),
  /** What is done otherwise on it than elsewhere, and why. */
  remark: z.string().optional(),
  /** The machine that it is in, where other machines draw. */
  worker: z.string().optional(),
});
export type DeviceReport = z.output<typeof deviceReportSchema>;
export type Device = DeviceReport["device"];

/** A device or one card of it as `--device` takes it: `cuda`, or `cuda:1`. */
export function deviceName({ device, card }: Pick<DeviceReport, "device" | "card">): string {
  return card === undefined ? device : `${device}:${card}`;
}

/** The ids of the models that something goes beside. */
const fittingSchema = z.object({ fits: z.array(z.string()) });

export const modelSummarySchema = z.object({
  id: z.string(),
  name: z.string(),
  licence: z.string().optional(),
  styles: packWordsSchema.shape.styles,
  examples: packWordsSchema.shape.examples,
  /** Another one where a file of the model is another: what was made with it by way of trial is made anew then. */
  fingerprint: z.string().optional(),
  /** Absent when the pack cannot be read; `error` says why. */
  facts: modelFactsSchema.optional(),
  error: errorDataSchema.optional(),
  /** Of a model whose denoiser is built: what requests may ask it to compute in. Absent for ready graphs. */
  precisions: z.array(offeredPrecisionSchema).optional(),
  /** True where it was fetched from a hub, whose owner may have changed it since. */
  isUpdatable: z.boolean().optional(),
  /** Milliseconds that the steps of a picture took here of late, by task; absent as long as none was measured. */
  drawingMs: z.partialRecord(z.enum(editTasks), z.number().positive()).optional(),
  /** Of a LoRA, which is no model and changes those that it fits, named by their ids. */
  lora: z.object({ ranks: z.array(z.int()), fits: z.array(z.string()) }).optional(),
  /** Of a ControlNet. `kind` is what it wants to be shown, where its name tells that. */
  controlNet: z.object({ kind: z.enum(controlKinds).optional(), fits: z.array(z.string()) }).optional(),
  /** Of an IP-Adapter. */
  ipAdapter: fittingSchema.optional(),
  /** Of an autoencoder that takes the place of a model's own. */
  vae: fittingSchema.optional(),
  /** Of a text encoder that takes the place of a model's own. */
  textEncoder: fittingSchema.optional(),
});
export type ModelSummary = z.output<typeof modelSummarySchema>;

/** Whether it is no model, and is drawn with beside one. */
export function isBesideModels({ lora, controlNet, ipAdapter, vae, textEncoder }: ModelSummary): boolean {
  return [lora, controlNet, ipAdapter, vae, textEncoder].some((use) => use !== undefined);
}

export const statusSchema = z.object({
  name: z.literal("overpaint"),
  version: z.string(),
  device: z.string(),
  devices: z.array(deviceReportSchema),
  /** Jobs that run or wait. */
  activeJobs: z.int().nonnegative(),
  /** What whoever asks may use of the API, by the ids of its document: not what is its owner's, and little without a token. */
  operations: z.array(z.string()).readonly().default([]),
});
export type Status = z.output<typeof statusSchema>;

/** The body of every answer that is not a success. */
export const errorBodySchema = z.object({ error: errorDataSchema });
/** Answer of `GET jobs`, newest first. `next` is the `before` of the next page; absent on the last one. */
export const jobListSchema = z.object({ jobs: z.array(jobSchema), next: jobIdSchema.optional() });
export type JobPage = z.output<typeof jobListSchema>;
/** Answer of `GET models`. */
export const modelListSchema = z.object({ models: z.array(modelSummarySchema) });
