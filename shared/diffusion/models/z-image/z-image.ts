import {
  parseZImageTransformerConfig,
  Z_IMAGE_PATCH,
  type ZImageTransformerConfig,
} from "../../../networks/transformer-z-image.ts";
import { paintingTasks } from "../../../protocol/edit-task.ts";
import type { ModelFacts, RunDefaults } from "../../../protocol/models/model-facts.ts";
import { ModelPack, type ModelPackOptions } from "../../model-pack.ts";
import { scoreCost } from "../../pack/memory-costs.ts";
import type { ModelIndex } from "../../pack/model-index.ts";
import { PackConfigs } from "../../pack/pack-configs.ts";
import type { PackFiles } from "../../pack-files.ts";
import type { SchedulerConfig } from "../../schedulers/scheduler-name.ts";
import { AutoencoderKl } from "../../vae/autoencoder-kl.ts";
import type { DiffusionModel } from "../diffusion-model.ts";
import type { ModelFamily } from "../model-family.ts";
import {
  readTransformerConfigs,
  requireSameChannels,
  type TransformerConfigs,
  withRecommended,
} from "../transformer/transformer-configs.ts";
import { lastingSession, MAX_PROMPT_TOKENS, TransformerModel } from "../transformer/transformer-model.ts";
import { createZImageNetwork } from "./z-image-network.ts";

/** Z-Image and Z-Image-Turbo. */
export const zImage: ModelFamily = {
  name: "z-image",
  pipelines: ["ZImagePipeline", "ZImageImg2ImgPipeline", "ZImageInpaintPipeline"],
  open: openZImage,
};

async function openZImage(files: PackFiles, index: ModelIndex, options: ModelPackOptions): Promise<DiffusionModel> {
  const packConfigs = await PackConfigs.open(files);
  const configs = await readTransformerConfigs(packConfigs, index);
  const transformer = parseZImageTransformerConfig(configs.transformer);
  requireSameChannels(transformer.in_channels, configs.autoencoder.latent_channels);
  const contents = { graphs: configs.graphs, borrowed: packConfigs.borrowed };
  return await ModelPack.opened(files, options, contents, async (pack) => {
    const { autoencoder, autoencoderScale: cell } = configs;
    const latents = new AutoencoderKl(pack, {
      scalingFactor: autoencoder.scaling_factor ?? USUAL_SCALING,
      shiftFactor: autoencoder.shift_factor ?? 0,
      latentChannels: autoencoder.latent_channels,
      latentScale: cell,
      sampleSize: autoencoder.sample_size ?? NATIVE_SIDE,
    });
    return new TransformerModel({
      pack,
      configs,
      facts: withRecommended(zImageFacts(configs, transformer, cell), packConfigs.recommended),
      latents,
      blending: { mask: "corner", showsSource: false },
      // Nothing but the prompt itself is read of it.
      tokens: (tokenizer, prompt) => tokenizer.encode(prompt, { isThinking: true, maxLength: MAX_PROMPT_TOKENS }),
      mu: ({ width, height }) =>
        linearMu(configs.scheduler, (width / (Z_IMAGE_PATCH * cell)) * (height / (Z_IMAGE_PATCH * cell))),
      createNetwork: async (run) => createZImageNetwork(await lastingSession(pack), transformer, run),
    });
  });
}

/** diffusers' default of `AutoencoderKL`. */
const USUAL_SCALING = 0.182_15;
const NATIVE_SIDE = 1024;
/** Defaults of the pipelines. */
const PIPELINE = { steps: 50, guidanceScale: 5 } as const;
/** Turbo is published with a shift of 3, the model that it was distilled from with 6. */
const TURBO_SHIFT = 3;
const TURBO_STEPS = 8;
/** Tensors of the width of a token that a block holds at once. */
const WIDTHS = 12;
const VALUE_BYTES = 4;

function zImageFacts(
  { scheduler, autoencoder, autoencoderCost }: TransformerConfigs,
  { dim: width, n_heads: heads }: ZImageTransformerConfig,
  cell: number,
): ModelFacts & { readonly defaults: RunDefaults } {
  const isTurbo = Number(scheduler.shift ?? 1) <= TURBO_SHIFT;
  return {
    kind: "diffusion",
    family: zImage.name,
    tasks: paintingTasks,
    nativeSize: NATIVE_SIDE,
    sizeMultiple: Z_IMAGE_PATCH * cell,
    cell,
    seesMask: false,
    readsPrompt: true,
    isGuidable: true,
    unguidedScale: 0,
    canInvert: false,
    enlarging: { method: "refine" },
    plain: {
      create: { sizes: "exact", ...PIPELINE },
      restyle: { sizes: "stretched", ...PIPELINE, strength: 0.6 },
      inpaint: { sizes: "stretched", ...PIPELINE, strength: 1 },
    },
    memory: {
      denoiser: { perCell: (width * WIDTHS * VALUE_BYTES) / Z_IMAGE_PATCH ** 2, perCellPair: 0 },
      scores: scoreCost({ heads, words: MAX_PROMPT_TOKENS, cells: Z_IMAGE_PATCH ** 2 }),
      autoencoder: autoencoderCost,
      codedSide: (autoencoder.sample_size ?? NATIVE_SIDE) / cell,
    },
    defaults: {
      scheduler: "flow-match-euler",
      steps: isTurbo ? TURBO_STEPS : PIPELINE.steps,
      guidanceScale: isTurbo ? 0 : PIPELINE.guidanceScale,
    },
  };
}

/** How far a schedule that shifts by picture size does so: a line through two points. `calculate_shift` in diffusers. */
function linearMu(scheduler: SchedulerConfig, tokens: number): number {
  const number = (field: string, usual: number) => Number(scheduler[field] ?? usual);
  const [fewest, most] = [number("base_image_seq_len", 256), number("max_image_seq_len", 4096)];
  const [least, largest] = [number("base_shift", 0.5), number("max_shift", 1.15)];
  const slope = (largest - least) / (most - fewest);
  return tokens * slope + (least - slope * fewest);
}
