import { FLUX2_PATCH } from "../../../networks/autoencoder-kl-flux2.ts";
import { type Flux2TransformerConfig, parseFlux2TransformerConfig } from "../../../networks/transformer-flux2.ts";
import { paintingTasks } from "../../../protocol/edit-task.ts";
import type { MemoryCost } from "../../../protocol/models/memory-facts.ts";
import type { ModelFacts, RunDefaults } from "../../../protocol/models/model-facts.ts";
import { ModelPack, type ModelPackOptions } from "../../model-pack.ts";
import { scoreCost } from "../../pack/memory-costs.ts";
import type { ModelIndex } from "../../pack/model-index.ts";
import { PackConfigs } from "../../pack/pack-configs.ts";
import type { PackFiles } from "../../pack-files.ts";
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
import { createFlux2Network } from "./flux2-network.ts";

/** FLUX.2 klein: draws from a prompt, and redraws pictures that it is shown beside one. */
export const flux2Klein: ModelFamily = {
  name: "flux2-klein",
  pipelines: ["Flux2KleinPipeline", "Flux2KleinInpaintPipeline"],
  open: openFlux2Klein,
};

async function openFlux2Klein(files: PackFiles, index: ModelIndex, options: ModelPackOptions): Promise<DiffusionModel> {
  const packConfigs = await PackConfigs.open(files);
  const configs = await readTransformerConfigs(packConfigs, index);
  const transformer = parseFlux2TransformerConfig(configs.transformer);
  const channels = FLUX2_PATCH ** 2 * configs.autoencoder.latent_channels;
  requireSameChannels(transformer.in_channels, channels);
  const contents = { graphs: configs.graphs, borrowed: packConfigs.borrowed };
  return await ModelPack.opened(files, options, contents, async (pack) => {
    const cell = FLUX2_PATCH * configs.autoencoderScale;
    const latents = new AutoencoderKl(pack, {
      // The graphs scale by themselves, channel by channel.
      scalingFactor: 1,
      shiftFactor: 0,
      latentChannels: channels,
      latentScale: cell,
      sampleSize: configs.autoencoder.sample_size ?? NATIVE_SIDE,
    });
    return new TransformerModel({
      pack,
      configs,
      facts: withRecommended(
        flux2Facts(configs, transformer, cell, index.is_distilled === true),
        packConfigs.recommended,
      ),
      latents,
      blending: { mask: "middle", showsSource: true },
      // What fills a prompt up is conditioning too.
      tokens: (tokenizer, prompt) =>
        tokenizer.padded(
          tokenizer.encode(prompt, { isThinking: false, maxLength: MAX_PROMPT_TOKENS }),
          MAX_PROMPT_TOKENS,
        ),
      mu: ({ width, height }, steps) => empiricalMu((width / cell) * (height / cell), steps),
      createNetwork: async (run) => createFlux2Network(await lastingSession(pack), transformer, run),
    });
  });
}

const NATIVE_SIDE = 1024;
/** Defaults of `Flux2KleinPipeline` and `Flux2KleinInpaintPipeline`. */
const PIPELINE_STEPS = 50;
const LARGEST_AREA = 1024 ** 2;
/** What the pipeline takes as pictures to look at. */
const LEAST_SIDE = 64;
const LARGEST_ASPECT = 8;
/** What distilled models are published for. */
const DISTILLED_STEPS = 4;

function flux2Facts(
  configs: TransformerConfigs,
  transformer: Flux2TransformerConfig,
  cell: number,
  isDistilled: boolean,
): ModelFacts & { readonly defaults: RunDefaults } {
  return {
    kind: "diffusion",
    family: flux2Klein.name,
    tasks: [...paintingTasks, "edit"],
    nativeSize: NATIVE_SIDE,
    sizeMultiple: cell,
    cell,
    seesMask: false,
    readsPrompt: true,
    isGuidable: !isDistilled,
    canInvert: false,
    enlarging: { method: "refine" },
    plain: {
      create: { sizes: "cropped", steps: PIPELINE_STEPS, guidanceScale: 4 },
      edit: {
        sizes: "cropped",
        largestArea: LARGEST_AREA,
        leastSide: LEAST_SIDE,
        largestAspect: LARGEST_ASPECT,
        steps: PIPELINE_STEPS,
        guidanceScale: 4,
      },
      inpaint: {
        sizes: "stretched",
        largestArea: LARGEST_AREA,
        steps: PIPELINE_STEPS,
        guidanceScale: 8,
        strength: 0.8,
      },
    },
    isNegativeRead: false,
    memory: {
      denoiser: denoiserCost(transformer),
      autoencoder: perPatch(configs.autoencoderCost),
      scores: scoreCost({ heads: transformer.num_attention_heads, words: MAX_PROMPT_TOKENS }),
      codedSide: (configs.autoencoder.sample_size ?? NATIVE_SIDE) / cell,
    },
    defaults: {
      scheduler: "flow-match-euler",
      steps: isDistilled ? DISTILLED_STEPS : PIPELINE_STEPS,
      guidanceScale: isDistilled ? 1 : 4,
    },
  };
}

/** Tensors of the width of a token that a block holds at once: the widest is the projection of single blocks. */
const WIDTHS = 16;
const VALUE_BYTES = 4;

/** Without the scores of attention, which most devices never hold. */
function denoiserCost({
  num_attention_heads: heads,
  attention_head_dim: headWidth,
}: Flux2TransformerConfig): MemoryCost {
  return { perCell: heads * headWidth * WIDTHS * VALUE_BYTES, perCellPair: 0 };
}

/** A cell of the transformer's is four of the autoencoder's. */
function perPatch({ perCell, perCellPair }: MemoryCost): MemoryCost {
  const cells = FLUX2_PATCH ** 2;
  return { perCell: perCell * cells, perCellPair: perCellPair * cells ** 2 };
}

/**
 * How far the schedule of a picture of so many tokens is shifted towards noise: lines that were fitted for 10 and 200 steps, and
 * what lies between them. `compute_empirical_mu` in diffusers.
 */
export function empiricalMu(tokens: number, steps: number): number {
  const at10 = 8.738_095_24e-5 * tokens + 1.898_333_33;
  const at200 = 0.000_169_27 * tokens + 0.456_666_66;
  if (tokens > 4300) return at200;
  const slope = (at200 - at10) / 190;
  return slope * steps + (at200 - 200 * slope);
}
