import type { WeightSource } from "../protocol/tensor-ref.ts";
import { activate } from "./blocks/activation.ts";
import type { ImagePrompt } from "./blocks/attention.ts";
import { convolution } from "./blocks/convolution.ts";
import { groupNorm } from "./blocks/normalization.ts";
import { type FeatureMap, toSequence } from "./blocks/token-sequence.ts";
import { upBlock2d } from "./blocks/unet-blocks.ts";
import { blockSettings, skipShapes, unetEncoder, unetMiddle } from "./blocks/unet-encoder.ts";
import { textInput, timeInput } from "./blocks/unet-inputs.ts";
import { GraphBuilder, type Value } from "./graph/graph-builder.ts";
import type { OnnxGraph } from "./graph/onnx-graph.ts";
import { batchOf, mapShape, type NetworkOptions } from "./network-options.ts";
import type { Unet2dConditionConfig } from "./unet-2d-condition-config.ts";

export interface UnetOptions extends NetworkOptions {
  /** Takes what ControlNets add: `down_block_additional_residuals.k` and `mid_block_additional_residual`, already scaled. */
  readonly takesResiduals?: boolean | undefined;
  /** Takes a picture as a prompt: `ip_hidden_states` and `ip_adapter_scale`. The weights must hold the adapter's, too. */
  readonly takesImagePrompt?: boolean | undefined;
}

/**
 * diffusers' `UNet2DConditionModel`: predicts the noise in noisy latents (or the velocity, or the clean latents: that is the
 * scheduler's business), told the timestep and a text.
 *
 * A U of residual blocks. The way down halves the map level by level and widens it; the way up doubles it again, and every
 * layer there also sees what the way down had at its resolution. Transformers between the blocks read the text.
 *
 *   sample ─ conv_in ─ down 0 ──────── skips ──────── up 3 ─ norm, SiLU, conv_out ─ out_sample
 *                        └─ down 1 ──── skips ──── up 2 ─┘
 *                             └─ down 2 ─ skips ─ up 1 ─┘
 *                                  └─ down 3, mid, up 0 ─┘
 *
 * Ronneberger, Fischer and Brox, "U-Net", 2015 (arXiv:1505.04597); for diffusion, Ho, Jain and Abbeel, "Denoising Diffusion
 * Probabilistic Models", 2020 (arXiv:2006.11239); with text, Rombach et al., "High-Resolution Image Synthesis with Latent
 * Diffusion Models", 2021 (arXiv:2112.10752); the larger one, Podell et al., "SDXL", 2023 (arXiv:2307.01952).
 *
 * Inputs, as in ONNX packs: `sample` [batch, channels, height, width], `timestep` [1], `encoder_hidden_states` [batch, tokens,
 * width]; where the family has them `class_labels`, `timestep_cond`, `text_embeds` and `time_ids`. Output: `out_sample`.
 *
 * Throws OverpaintError `damaged-model` where the weights lack a tensor or contradict the config.
 */
export function buildUnet2dCondition(
  config: Unet2dConditionConfig,
  weights: WeightSource,
  options: UnetOptions = {},
): OnnxGraph {
  const g = new GraphBuilder(weights, options);
  const { levels, in_channels: inChannels, out_channels: outChannels } = config;
  const finest = levels[0]!.channels; // a config has a level

  // 1. Inputs.
  const sample = g.floatInput("sample", mapShape(options, inChannels)); // [batch, in_channels, height, width]
  const time = timeInput(g, config, options);
  const text = textInput(g, config, options); // [batch, tokens, cross_attention_dim]
  const imagePrompt = options.takesImagePrompt ? imagePromptInput(g, config, options) : undefined;
  const conditions = { time, text, imagePrompt };

  // 2. Down, with what the way up will see kept.
  const first = convolution(g, sample, "conv_in", { from: inChannels, to: finest }); // [batch, finest, height, width]
  const down = unetEncoder(g, { map: first, channels: finest }, config, conditions);
  const skips = options.takesResiduals ? withResiduals(g, down.skips, config, options) : [...down.skips];

  // 3. The bottom.
  let x = unetMiddle(g, down.last, config, conditions); // [batch, coarsest, height / 8, width / 8]
  if (options.takesResiduals) x = { ...x, map: g.add(x.map, middleResidual(g, config, options)) };

  // 4. Up, from the coarsest level to the finest.
  for (const [i, level] of levels.toReversed().entries()) {
    const block = blockSettings(config, level, config.up_block_types[i] === "CrossAttnUpBlock2D");
    const seen = skips.splice(-(level.layers + 1)).reverse();
    x = upBlock2d(g, x, `up_blocks.${i}`, block, { skips: seen, target: skips.at(-1) }, conditions);
  }

  // 5. Out.
  const norm = { groups: config.norm_num_groups, epsilon: config.norm_eps };
  const normed = activate(g, groupNorm(g, x.map, "conv_norm_out", finest, norm), config.act_fn);
  const predicted = convolution(g, normed, "conv_out", { from: finest, to: outChannels }); // [batch, out_channels, height, width]
  g.floatOutput("out_sample", predicted, mapShape(options, outChannels));
  return g.build();
}

const SKIP_RESIDUAL = "down_block_additional_residuals.";
export const MIDDLE_RESIDUAL = "mid_block_additional_residual";

/** Name of the input for what a ControlNet adds to the k-th skip, and of the ControlNet's output with it. */
export function skipResidualName(k: number): string {
  return `${SKIP_RESIDUAL}${k}`;
}

/** Whether an input takes what ControlNets add. */
export function isResidual(name: string): boolean {
  return name === MIDDLE_RESIDUAL || name.startsWith(SKIP_RESIDUAL);
}

function withResiduals(
  g: GraphBuilder,
  skips: readonly FeatureMap[],
  config: Unet2dConditionConfig,
  options: NetworkOptions,
): FeatureMap[] {
  const shapes = residualShapes(config, options);
  return skips.map(({ map, channels }, k) => ({
    map: g.add(map, g.floatInput(skipResidualName(k), shapes.skips[k]!)), // one shape a skip
    channels,
  }));
}

function middleResidual(g: GraphBuilder, config: Unet2dConditionConfig, options: NetworkOptions): Value {
  return g.floatInput(MIDDLE_RESIDUAL, residualShapes(config, options).middle);
}

/** Of what a ControlNet answers, [batch, channels, height, width] each. */
export function residualShapes(
  config: Pick<Unet2dConditionConfig, "levels" | "downsample_padding">,
  { batch, size }: NetworkOptions,
) {
  const round = config.downsample_padding === 0 ? Math.floor : Math.ceil;
  const halved = (length: number | undefined, name: string, halvings: number): number | string => {
    if (length === undefined) return `${name}_${2 ** halvings}`;
    let rest = length;
    for (let i = 0; i < halvings; i++) rest = round(rest / 2);
    return rest;
  };
  const shapes = skipShapes(config).map(({ channels, halvings }) => [
    batchOf({ batch }),
    channels,
    halved(size?.height, "height", halvings),
    halved(size?.width, "width", halvings),
  ]);
  return { skips: shapes, middle: shapes.at(-1)! }; // the skip last kept is the map the bottom begins with
}

/** The tokens an IP-Adapter made of a picture, of the width of the text's. */
function imagePromptInput(g: GraphBuilder, config: Unet2dConditionConfig, options: NetworkOptions): ImagePrompt {
  const width = config.cross_attention_dim;
  const tokens = g.floatInput("ip_hidden_states", [batchOf(options), "image_tokens", width]);
  return { tokens: toSequence(g, tokens, width), scale: g.floatInput("ip_adapter_scale", [1]) };
}
