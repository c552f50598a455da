import { z } from "zod";
import { parseQwen3Config, type Qwen3Config } from "../../../networks/qwen3.ts";
import type { MemoryFacts } from "../../../protocol/models/memory-facts.ts";
import type { ModelFacts, RunDefaults } from "../../../protocol/models/model-facts.ts";
import { OverpaintError } from "../../../protocol/overpaint-error.ts";
import type { GraphPaths } from "../../pack/component.ts";
import { autoencoderCost } from "../../pack/memory-costs.ts";
import { listsComponent, type ModelIndex } from "../../pack/model-index.ts";
import type { PackConfigs } from "../../pack/pack-configs.ts";
import type { Recommendation } from "../../pack/recommendation.ts";
import type { SchedulerConfig } from "../../schedulers/scheduler-name.ts";

/** What the configs of a model say that has a transformer, an autoencoder and a language model as text encoder. */
export interface TransformerConfigs {
  readonly graphs: GraphPaths;
  readonly scheduler: SchedulerConfig;
  /** transformer/config.json, as it is. */
  readonly transformer: Readonly<Record<string, unknown>>;
  readonly textEncoder: Qwen3Config;
  readonly autoencoder: z.output<typeof autoencoderSchema>;
  /** Pixels along a latent cell of the autoencoder. */
  readonly autoencoderScale: number;
  readonly autoencoderCost: MemoryFacts["autoencoder"];
}

const configSchema = z.record(z.string(), z.unknown());
const autoencoderSchema = z.looseObject({
  latent_channels: z.int().positive(),
  block_out_channels: z.array(z.int().positive()).min(1),
  scaling_factor: z.number().positive().optional(),
  shift_factor: z.number().nullish(),
  sample_size: z.int().positive().optional(),
  mid_block_add_attention: z.boolean().optional(),
});

const components = ["transformer", "text_encoder", "tokenizer", "vae", "scheduler"];

/** Throws OverpaintError `damaged-model` naming a component that is not listed, or a file that is missing or unreadable. */
export async function readTransformerConfigs(configs: PackConfigs, index: ModelIndex): Promise<TransformerConfigs> {
  for (const name of components)
    if (!listsComponent(index, name))
      throw new OverpaintError(
        "damaged-model",
        `The model's model_index.json lists no ${name}.`,
        "Install the model again, with all of its parts.",
      );
  const textEncoder = await configs.readRequired("text_encoder/config.json", configSchema);
  const autoencoder = await configs.readRequired("vae/config.json", autoencoderSchema);
  const autoencoderScale = 2 ** (autoencoder.block_out_channels.length - 1);
  return {
    graphs: {
      text_encoder: configs.graphIn("text_encoder"),
      transformer: configs.graphIn("transformer"),
      vae_encoder: configs.graphIn("vae_encoder"),
      vae_decoder: configs.graphIn("vae_decoder"),
    },
    scheduler: await configs.readRequired("scheduler/scheduler_config.json", configSchema),
    transformer: await configs.readRequired("transformer/config.json", configSchema),
    textEncoder: parseQwen3Config(textEncoder),
    autoencoder,
    autoencoderScale,
    autoencoderCost: autoencoderCost(autoencoder, autoencoderScale),
  };
}

/** Throws OverpaintError `damaged-model` where the autoencoder's latents are not what the transformer denoises. */
export function requireSameChannels(transformer: number, autoencoder: number): void {
  if (transformer === autoencoder) return;
  throw new OverpaintError(
    "damaged-model",
    `The model's transformer takes latents of ${transformer} channels, and its autoencoder makes some of ${autoencoder}.`,
    "Use the autoencoder that the model was published with.",
  );
}

/** The facts of a family, with what a pack's makers recommend. */
export function withRecommended(
  facts: ModelFacts & { readonly defaults: RunDefaults },
  { nativeSize, largestSize, defaults }: Recommendation,
): ModelFacts {
  const { scheduler, steps, guidanceScale } = facts.defaults;
  return {
    ...facts,
    nativeSize: nativeSize ?? facts.nativeSize,
    largestSize,
    defaults: {
      scheduler: defaults.scheduler ?? scheduler,
      steps: defaults.steps ?? steps,
      guidanceScale: defaults.guidanceScale ?? guidanceScale,
    },
  };
}
