import { z } from "zod";
import { modelTasks } from "../edit-task.ts";
import { memoryFactsSchema } from "./memory-facts.ts";
import { modelIdSchema } from "./model-facts.ts";
import { precisions } from "./precision.ts";

/** What a model of the catalog is for. "remove" is what erase networks do of inpainting. */
export const catalogTasks = [...modelTasks, "remove"] as const;
export type CatalogTask = (typeof catalogTasks)[number];

/** "part": an autoencoder that goes beside models. "erase", "segment", "background": networks that draw nothing from a prompt. */
export const catalogKinds = ["model", "part", "erase", "segment", "background"] as const;

export const licenceSchema = z.object({
  name: z.string().min(1),
  /** In one plain line: what a designer may do with it. */
  terms: z.string().min(1),
  /** Null where it depends. */
  commercial: z.boolean().nullable(),
});

/** A network of a model, and how many numbers its weights are, as far as they are loaded. */
const catalogPartSchema = z.object({
  name: z.string().min(1),
  parameters: z.int().positive(),
  /** Bytes of the weights with those rounded that are; the others stay in 16 bits. Absent where none are. */
  rounded: z.object({ int8: z.int().positive(), int4: z.int().positive() }).optional(),
});
export type CatalogPart = z.output<typeof catalogPartSchema>;

export const catalogMemorySchema = memoryFactsSchema
  .pick({ denoiser: true, autoencoder: true, codedSide: true })
  .extend({
    /** Pixels of a result along a cell. */
    cell: z.int().positive(),
  });

/** A model of the catalog, without where its files come from. */
export const catalogModelSchema = z.object({
  id: modelIdSchema,
  name: z.string().min(1),
  repository: z.string(),
  kind: z.enum(catalogKinds),
  tasks: z.array(z.enum(catalogTasks)),
  /** What it is good at, in a sentence without a full stop. */
  about: z.string().min(1),
  licence: licenceSchema,
  /** Whether its owner wants terms accepted before anybody may fetch it. */
  gated: z.boolean(),
  /** Side of the square it is made for, in pixels. */
  size: z.int().positive().optional(),
  parts: z.array(catalogPartSchema).default([]),
  /** What a run takes beside its weights. Absent where nobody has measured it. */
  memory: catalogMemorySchema.optional(),
});
export type CatalogModel = z.output<typeof catalogModelSchema>;

export const verdicts = ["runs", "runs-slowly", "too-large"] as const;
export type Verdict = (typeof verdicts)[number];

/** How a model of the catalog fares on a machine, before anything is fetched. */
export const offeredModelSchema = catalogModelSchema.extend({
  /** To fetch, in bytes. */
  bytes: z.number(),
  /** False: what is said of its files is what others have seen of them; the hub itself is asked at installation. */
  checked: z.boolean(),
  isInstalled: z.boolean(),
  /** Tasks for which it is the one to take on this machine. */
  recommendedFor: z.array(z.enum(catalogTasks)),
  /** Bytes that a picture of its own size takes, by precision; absent where nothing tells. */
  needs: z.partialRecord(z.enum(precisions), z.number()),
  /** Absent where nothing tells. */
  verdict: z.enum(verdicts).optional(),
});
export type OfferedModel = z.output<typeof offeredModelSchema>;

/** Answer of `GET models/catalog`. */
export const catalogAnswerSchema = z.object({
  models: z.array(offeredModelSchema),
  /** What the verdicts are told by. */
  machine: z.object({
    device: z.string(),
    /** Bytes that a run may take on it. */
    memory: z.number(),
    /** Of the machine itself. */
    systemMemory: z.number(),
    /** Bytes that may still be kept, where the browser keeps models; absent where nobody limits it. */
    storage: z.number().optional(),
  }),
});
export type CatalogAnswer = z.output<typeof catalogAnswerSchema>;
