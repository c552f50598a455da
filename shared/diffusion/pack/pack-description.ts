import { z } from "zod";
import { type MemoryFacts, memoryFactsSchema } from "../../protocol/memory-facts.ts";
import { schedulerNameSchema } from "../../protocol/model-facts.ts";
import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { PackFiles } from "../pack-files.ts";
import { type DdpmConfig, ddpmConfigSchema } from "../schedulers/ddpm-scheduler.ts";
import type { SchedulerConfig } from "../schedulers/scheduler-name.ts";
import { type Borrowed, borrowedSchema, locateFile, requireLender } from "./borrowed-components.ts";
import type { Component } from "./component.ts";
import { familyDefaults, familyOf, type ModelFamily } from "./family.ts";
import { autoencoderCost, denoiserCost } from "./memory-costs.ts";
import { parseJson } from "./parse-json.ts";
import { describeNetwork, type NetworkDescription, networkSchema } from "./super-resolution.ts";

/** What a pack's JSON files say, before any graph is opened. */
export interface PackDescription {
  readonly family: ModelFamily;
  /** Where each graph lies, relative to the pack's folder; a component that is not listed is not part of the pack. */
  readonly graphs: Partial<Record<Component, string>>;
  /** What the pack takes from the one beside it. */
  readonly borrowed: Borrowed | undefined;
  /** Present in super-resolution packs only. */
  readonly network?: NetworkDescription | undefined;
  readonly scheduler: SchedulerConfig;
  readonly vae: VaeDescription;
  readonly denoiser: DenoiserDescription;
  /** What an evaluation of the graphs takes beside their weights. */
  readonly memory: Pick<MemoryFacts, "denoiser" | "autoencoder">;
  /** Layers of the text encoders, where config.json says. */
  readonly textLayers: Partial<Record<"text_encoder" | "text_encoder_2", number>>;
  /** The x4 upscaler's noise on the small picture. */
  readonly lowResolution: LowResolutionDescription | undefined;
  /** Latent consistency pipelines choose their timesteps by strength. */
  readonly isLatentConsistency: boolean;
  readonly recommended: z.output<typeof recommendationSchema>;
  /** Zero embeddings stand for a missing negative prompt (SDXL). */
  readonly zeroesEmptyPrompt: boolean;
}

export interface VaeDescription {
  readonly scalingFactor: number;
  readonly shiftFactor: number;
  readonly latentChannels: number;
  /** Pixels per latent cell along each side. */
  readonly latentScale: number;
  /** Picture side the autoencoder was trained on; tiles have this size. */
  readonly sampleSize: number;
}

export interface DenoiserDescription {
  /** Undefined where no config.json says; the graph does. */
  readonly inputChannels: number | undefined;
  /** Side in latent cells of the pictures it was trained on. */
  readonly sampleSize: number | undefined;
  /** Latent sizes must be multiples of this: the denoiser halves them between its levels. */
  readonly latentMultiple: number;
}

export interface LowResolutionDescription {
  readonly scheduler: DdpmConfig;
  readonly maxNoiseLevel: number;
}

const modelIndexSchema = z.looseObject({
  _class_name: z.string(),
  force_zeros_for_empty_prompt: z.boolean().nullish(),
  max_noise_level: z.int().nonnegative().nullish(),
});
const textEncoderSchema = z.looseObject({ num_hidden_layers: z.int().positive().optional() });
const schedulerSchema = z.record(z.string(), z.unknown());
const headsSchema = z.union([z.int().positive(), z.array(z.int().positive())]).nullish();
const unetSchema = z.looseObject({
  in_channels: z.int().positive().optional(),
  sample_size: z
    .union([
      z.int().positive(),
      z
        .array(z.int().positive())
        .min(1)
        .transform((sides) => sides[0]!),
    ])
    .nullish(),
  block_out_channels: z.array(z.int().positive()).min(1).optional(),
  down_block_types: z.array(z.string()).optional(),
  attention_head_dim: headsSchema,
  num_attention_heads: headsSchema,
});
const vaeSchema = z.looseObject({
  scaling_factor: z.number().positive().optional(),
  shift_factor: z.number().nullish(),
  latent_channels: z.int().positive().optional(),
  sample_size: z.int().positive().optional(),
  mid_block_add_attention: z.boolean().optional(),
  latents_mean: z.null("per-channel latent statistics are not supported").optional(),
  block_out_channels: z.array(z.int().positive()).min(1).optional(),
});
/** `max_noise_level` of diffusers' upscale pipeline where model_index.json does not say. */
const DEFAULT_MAX_NOISE_LEVEL = 350;
/** A pack's own overpaint.json: values its makers recommend. */
const recommendationSchema = z.object({
  /** Side of the square picture it was trained on, in pixels. */
  nativeSize: z.int().positive().optional(),
  /** Side of the largest square at which it still holds together, in pixels. */
  largestSize: z.int().positive().optional(),
  defaults: z
    .object({
      scheduler: schedulerNameSchema.optional(),
      steps: z.int().positive().optional(),
      guidanceScale: z.number().nonnegative().optional(),
      noiseLevel: z.int().nonnegative().optional(),
    })
    .default({}),
  borrows: borrowedSchema.optional(),
  /** Measured costs, where the estimate from config.json is far off. */
  memory: memoryFactsSchema.pick({ denoiser: true, autoencoder: true }).partial().optional(),
});

/**
 * Reads a pack's description. Throws OverpaintError `damaged-model` for a missing or unreadable file, `unsupported-model`
 * for a pipeline of an unknown family.
 */
export async function describePack(packFiles: Pick<PackFiles, "readText">): Promise<PackDescription> {
  const index = await readRequired(packFiles, "model_index.json", modelIndexSchema);
  const family = familyOf(index._class_name);
  const recommended = (await readOptional(packFiles, "overpaint.json", recommendationSchema)) ?? { defaults: {} };
  if (family === "super-resolution")
    return describeNetwork(await readRequired(packFiles, "network/config.json", networkSchema), recommended);
  const defaults = familyDefaults[family];
  const borrowed = recommended.borrows;
  if (borrowed) await requireLender(packFiles, borrowed);
  const files: Pick<PackFiles, "readText"> = { readText: (path) => packFiles.readText(locateFile(path, borrowed)) };

  const scheduler = await readRequired(files, "scheduler/scheduler_config.json", schedulerSchema);
  const unet = (await readOptional(files, "unet/config.json", unetSchema)) ?? {};
  const vae =
    (await readOptional(files, "vae_decoder/config.json", vaeSchema)) ??
    (await readOptional(files, "vae/config.json", vaeSchema)) ??
    {};

  const latentScale = 2 ** ((vae.block_out_channels?.length ?? defaults.vaeLevels) - 1);
  return {
    family,
    graphs: graphsOf(index, borrowed),
    borrowed,
    scheduler,
    vae: {
      scalingFactor: vae.scaling_factor ?? defaults.scalingFactor,
      shiftFactor: vae.shift_factor ?? 0,
      latentChannels: vae.latent_channels ?? 4,
      latentScale,
      sampleSize: vae.sample_size ?? defaults.vaeSampleSize,
    },
    denoiser: {
      inputChannels: unet.in_channels,
      sampleSize: unet.sample_size ?? undefined,
      latentMultiple: 2 ** ((unet.block_out_channels?.length ?? defaults.unetLevels) - 1),
    },
    memory: {
      denoiser: recommended.memory?.denoiser ?? denoiserCost(unet),
      autoencoder: recommended.memory?.autoencoder ?? autoencoderCost(vae, latentScale),
    },
    textLayers: await readTextLayers(files),
    lowResolution:
      family === "stable-diffusion-x4-upscaler"
        ? {
            scheduler: await readRequired(files, "low_res_scheduler/scheduler_config.json", ddpmConfigSchema),
            maxNoiseLevel: index.max_noise_level ?? DEFAULT_MAX_NOISE_LEVEL,
          }
        : undefined,
    isLatentConsistency: /LatentConsistency/.test(index._class_name),
    recommended,
    zeroesEmptyPrompt: family === "stable-diffusion-xl" && index.force_zeros_for_empty_prompt !== false,
  };
}

/** A component is part of the pack when model_index.json names a class for it; `[null, null]` stands for none. */
function graphsOf(
  index: z.output<typeof modelIndexSchema>,
  borrowed: Borrowed | undefined,
): Partial<Record<Component, string>> {
  const has = (name: string): boolean => {
    const entry = index[name];
    return Array.isArray(entry) && entry[0] !== null;
  };
  const graphIn = (folder: string): string => locateFile(`${folder}/model.onnx`, borrowed);
  const graphs: Partial<Record<Component, string>> = { unet: graphIn("unet") };
  for (const encoder of ["text_encoder", "text_encoder_2"] as const)
    if (has(encoder)) graphs[encoder] = graphIn(encoder);
  // Some exporters index both halves of the autoencoder as one "vae".
  const isJoined = has("vae") && !has("vae_decoder");
  // An upscaler's autoencoder is its decoder only, which its exporter calls "vae".
  const isDecoderOnly = isJoined && index._class_name.includes("Upscale");
  if (has("vae_encoder") || (isJoined && !isDecoderOnly)) graphs.vae_encoder = graphIn("vae_encoder");
  graphs.vae_decoder = graphIn(isDecoderOnly ? "vae" : "vae_decoder");
  if (has("tiny_vae_decoder")) graphs.tiny_vae_decoder = graphIn("tiny_vae_decoder");
  return graphs;
}

async function readTextLayers(files: Pick<PackFiles, "readText">): Promise<PackDescription["textLayers"]> {
  const layers: PackDescription["textLayers"] = {};
  for (const encoder of ["text_encoder", "text_encoder_2"] as const) {
    const config = await readOptional(files, `${encoder}/config.json`, textEncoderSchema);
    if (config?.num_hidden_layers !== undefined) layers[encoder] = config.num_hidden_layers;
  }
  return layers;
}

async function readOptional<Schema extends z.ZodType>(
  files: Pick<PackFiles, "readText">,
  path: string,
  schema: Schema,
): Promise<z.output<Schema> | undefined> {
  const text = await files.readText(path);
  return text === undefined ? undefined : parseJson(path, text, schema);
}

async function readRequired<Schema extends z.ZodType>(
  files: Pick<PackFiles, "readText">,
  path: string,
  schema: Schema,
): Promise<z.output<Schema>> {
  const value = await readOptional(files, path, schema);
  if (value !== undefined) return value;
  throw new OverpaintError(
    "damaged-model",
    `The model's ${path} is missing.`,
    "A model pack is a folder in the diffusers ONNX layout. Install the model again, or choose the folder that holds model_index.json.",
  );
}
