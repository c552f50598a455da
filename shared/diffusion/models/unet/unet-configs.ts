import { z } from "zod";
import type { MemoryFacts } from "../../../protocol/models/memory-facts.ts";
import {
  controlNetComponents,
  type GraphPaths,
  picturePromptComponents,
  type TextEncoder,
  textEncoderComponents,
} from "../../pack/component.ts";
import { autoencoderCost, controlledCost, denoiserCost } from "../../pack/memory-costs.ts";
import { listsComponent, type ModelIndex } from "../../pack/model-index.ts";
import type { PackConfigs } from "../../pack/pack-configs.ts";
import type { SchedulerConfig } from "../../schedulers/scheduler-name.ts";
import type { AutoencoderConfig } from "../../vae/autoencoder-kl.ts";

/** What the configs of a pack say that has a U-Net, an autoencoder and CLIP text encoders, before any graph is opened. */
export interface UnetConfigs {
  readonly graphs: GraphPaths;
  readonly scheduler: SchedulerConfig;
  readonly autoencoder: AutoencoderConfig;
  readonly denoiser: DenoiserConfig;
  /** What an evaluation of the graphs takes beside their weights, the denoiser's with the ControlNets it is opened with. */
  readonly memory: Pick<MemoryFacts, "denoiser" | "autoencoder">;
  /** Layers of the text encoders, where config.json says. */
  readonly textLayers: Readonly<Partial<Record<TextEncoder, number>>>;
  /** Of the image encoder, where there is one. */
  readonly picturePromptSide: number | undefined;
}

export interface DenoiserConfig {
  /** Undefined where no config.json says; the graph does. */
  readonly inputChannels: number | undefined;
  /** Side in latent cells of the pictures it was trained on. */
  readonly sampleSize: number;
  /** Latent sizes must be multiples of this. */
  readonly latentMultiple: number;
}

/** What a family's published checkpoints have in common, for packs whose exporter left out the configs. */
export interface UnetDefaults {
  readonly scalingFactor: number;
  readonly vaeLevels: number;
  readonly vaeSampleSize: number;
  readonly unetLevels: number;
  readonly sampleSize: number;
}

/** Folders of the autoencoder's halves; without an encoder, a model has nothing to start from but noise. */
export interface AutoencoderFolders {
  readonly encoder?: string | undefined;
  readonly decoder: string;
}

const textEncoderSchema = z.looseObject({ num_hidden_layers: z.int().positive().optional() });
/** Side in pixels of the pictures that CLIP sees. */
const CLIP_SIDE = 224;
const imageEncoderSchema = z.looseObject({ image_size: z.int().positive().optional() });
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
        .transform((sides) => sides[0]!), // it has at least one
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

/** Throws OverpaintError `damaged-model` for a missing or unreadable file. */
export async function readUnetConfigs(
  configs: PackConfigs,
  index: ModelIndex,
  folders: AutoencoderFolders,
  defaults: UnetDefaults,
): Promise<UnetConfigs> {
  const { memory, latentMultiple } = configs.recommended;
  const scheduler = await configs.readRequired("scheduler/scheduler_config.json", schedulerSchema);
  const unet = (await configs.readOptional("unet/config.json", unetSchema)) ?? {};
  const vae =
    (await configs.readOptional(`${folders.decoder}/config.json`, vaeSchema)) ??
    (await configs.readOptional("vae/config.json", vaeSchema)) ??
    {};
  const latentScale = 2 ** ((vae.block_out_channels?.length ?? defaults.vaeLevels) - 1);
  return {
    graphs: graphPaths(configs, index, folders),
    scheduler,
    autoencoder: {
      scalingFactor: vae.scaling_factor ?? defaults.scalingFactor,
      shiftFactor: vae.shift_factor ?? 0,
      latentChannels: vae.latent_channels ?? 4,
      latentScale,
      sampleSize: vae.sample_size ?? defaults.vaeSampleSize,
    },
    denoiser: {
      inputChannels: unet.in_channels,
      sampleSize: unet.sample_size ?? defaults.sampleSize,
      latentMultiple: latentMultiple ?? 2 ** ((unet.block_out_channels?.length ?? defaults.unetLevels) - 1),
    },
    memory: {
      denoiser: controlledCost(
        memory?.denoiser ?? denoiserCost(unet),
        controlNetComponents.filter((name) => listsComponent(index, name)).length,
      ),
      autoencoder: memory?.autoencoder ?? autoencoderCost(vae, latentScale),
    },
    textLayers: await readTextLayers(configs),
    picturePromptSide: listsComponent(index, "image_encoder")
      ? ((await configs.readOptional("image_encoder/config.json", imageEncoderSchema))?.image_size ?? CLIP_SIDE)
      : undefined,
  };
}

/** A component is part of the pack when model_index.json names a class for it. */
function graphPaths(configs: PackConfigs, index: ModelIndex, { encoder, decoder }: AutoencoderFolders): GraphPaths {
  const listed = [
    ...textEncoderComponents,
    "tiny_vae_decoder",
    ...controlNetComponents,
    ...picturePromptComponents,
  ].filter((name) => listsComponent(index, name));
  return {
    unet: configs.graphIn("unet"),
    ...Object.fromEntries(listed.map((name) => [name, configs.graphIn(name)])),
    ...(encoder !== undefined && { vae_encoder: configs.graphIn(encoder) }),
    vae_decoder: configs.graphIn(decoder),
  };
}

async function readTextLayers(configs: PackConfigs): Promise<UnetConfigs["textLayers"]> {
  const layers: Partial<Record<TextEncoder, number>> = {};
  for (const encoder of textEncoderComponents) {
    const config = await configs.readOptional(`${encoder}/config.json`, textEncoderSchema);
    if (config?.num_hidden_layers !== undefined) layers[encoder] = config.num_hidden_layers;
  }
  return layers;
}
