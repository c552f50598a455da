import { z } from "zod";
import type { WeightSource } from "../protocol/tensor-ref.ts";
import { type Activation, activate, activationSchema } from "./blocks/activation.ts";
import { scaledDotProductAttention } from "./blocks/attention.ts";
import { convolution } from "./blocks/convolution.ts";
import { linear } from "./blocks/linear.ts";
import { groupNorm } from "./blocks/normalization.ts";
import { downsample2d, upsample2d } from "./blocks/resampling.ts";
import { type ResnetSettings, resnetBlock2d } from "./blocks/resnet-block-2d.ts";
import { type FeatureMap, flattenMap, unflatten } from "./blocks/token-sequence.ts";
import { GraphBuilder, type Value } from "./graph/graph-builder.ts";
import type { OnnxGraph } from "./graph/onnx-graph.ts";
import { type ConfigRules, parseNetworkConfig } from "./network-config.ts";
import { mapShape, type NetworkOptions, scaledMapShape } from "./network-options.ts";

const count = z.int().positive();
export const autoencoderKlFields = {
  in_channels: count.default(3),
  out_channels: count.default(3),
  down_block_types: z.array(z.literal("DownEncoderBlock2D")).default(["DownEncoderBlock2D"]),
  up_block_types: z.array(z.literal("UpDecoderBlock2D")).default(["UpDecoderBlock2D"]),
  block_out_channels: z.array(count).min(1).default([64]),
  layers_per_block: count.default(1),
  act_fn: activationSchema.default("silu"),
  latent_channels: count.default(4),
  norm_num_groups: count.default(32),
  mid_block_add_attention: z.boolean().default(true),
};

const rules: ConfigRules<typeof autoencoderKlFields> = {
  network: "autoencoder",
  fields: autoencoderKlFields,
  fixed: {},
  // Scales and shifts are the latents' business; whether there are convolutions around them, the weights say.
  irrelevant: [
    "sample_size",
    "scaling_factor",
    "shift_factor",
    "latents_mean",
    "latents_std",
    "force_upcast",
    "use_quant_conv",
    "use_post_quant_conv",
  ],
};

export type AutoencoderKlConfig = z.output<z.ZodObject<typeof autoencoderKlFields>>;

/** Reads the config.json of an `AutoencoderKL`. Throws OverpaintError `unsupported-model` naming field and value. */
export function parseAutoencoderKlConfig(config: Readonly<Record<string, unknown>>): AutoencoderKlConfig {
  return parseNetworkConfig(rules, config);
}

/** diffusers fixes it for all norms of autoencoders. */
const NORM_EPSILON = 1e-6;

/**
 * The encoder of diffusers' `AutoencoderKL`, a variational autoencoder: a picture to the normal distribution of the latents it
 * may have come from, each an eighth of its height and width.
 *
 * Kingma and Welling, "Auto-Encoding Variational Bayes", 2013 (arXiv:1312.6114); this one, Esser, Rombach and Ommer, "Taming
 * Transformers for High-Resolution Image Synthesis", 2020 (arXiv:2012.09841).
 *
 * `sample` [batch, 3, height, width] from −1 to 1 to `latent_parameters` [batch, 2 · latent channels, height / 8, width / 8]:
 * means first, then log-variances.
 *
 * Throws OverpaintError `damaged-model` where the weights lack a tensor or contradict the config.
 */
export function buildAutoencoderKlEncoder(
  config: AutoencoderKlConfig,
  weights: WeightSource,
  options: NetworkOptions = {},
): OnnxGraph {
  const g = new GraphBuilder(weights, options);
  const sample = g.floatInput("sample", mapShape(options, config.in_channels)); // [batch, 3, height, width]
  const scale = 0.5 ** (config.block_out_channels.length - 1);
  const parameters = latentParameters(g, sample, config); // [batch, 2 · latents, height / 8, width / 8]
  g.floatOutput("latent_parameters", parameters, scaledMapShape(options, 2 * config.latent_channels, scale));
  return g.build();
}

/** Means and log-variances of a picture's latents: [batch, 3, height, width] to [batch, 2 · latents, height / 8, width / 8]. */
export function latentParameters(g: GraphBuilder, sample: Value, config: AutoencoderKlConfig): Value {
  const { block_out_channels: channels, layers_per_block: layers, latent_channels: latents } = config;
  const resnet = resnetSettings(config);
  const [finest = 0] = channels;
  const first = convolution(g, sample, "encoder.conv_in", { from: config.in_channels, to: finest });
  let x: FeatureMap = { map: first, channels: finest };
  for (const [level, width] of channels.entries()) {
    const block = `encoder.down_blocks.${level}`;
    for (let layer = 0; layer < layers; layer++) x = resnetBlock2d(g, x, `${block}.resnets.${layer}`, width, resnet); // [batch, width, …]
    if (level < channels.length - 1) x = { ...x, map: downsample2d(g, x.map, `${block}.downsamplers.0`, width, 0) }; // half
  }
  x = middle(g, x, "encoder.mid_block", config);
  const normed = activate(g, groupNorm(g, x.map, "encoder.conv_norm_out", x.channels, resnet), config.act_fn);
  const both = { from: 2 * latents, to: 2 * latents, kernel: 1 };
  let moments = convolution(g, normed, "encoder.conv_out", { from: x.channels, to: 2 * latents }); // [batch, 2 · latents, height / 8, width / 8]
  if (g.has("quant_conv.weight")) moments = convolution(g, moments, "quant_conv", both);
  return moments;
}

/**
 * The decoder of diffusers' `AutoencoderKL`: `latent_sample` [batch, latent channels, height, width], unscaled, to `sample`
 * [batch, 3, 8 · height, 8 · width] from about −1 to 1.
 *
 * Throws OverpaintError `damaged-model` where the weights lack a tensor or contradict the config.
 */
export function buildAutoencoderKlDecoder(
  config: AutoencoderKlConfig,
  weights: WeightSource,
  options: NetworkOptions = {},
): OnnxGraph {
  const g = new GraphBuilder(weights, options);
  const latents = g.floatInput("latent_sample", mapShape(options, config.latent_channels)); // [batch, latents, height, width]
  const scale = 2 ** (config.block_out_channels.length - 1);
  g.floatOutput("sample", decodedPicture(g, latents, config), scaledMapShape(options, config.out_channels, scale));
  return g.build();
}

/** Latents to the picture they stand for: [batch, latents, height, width] to [batch, 3, 8 · height, 8 · width]. */
export function decodedPicture(g: GraphBuilder, latents: Value, config: AutoencoderKlConfig): Value {
  const { block_out_channels: channels, layers_per_block: layers, latent_channels } = config;
  const resnet = resnetSettings(config);
  const coarsest = channels.at(-1)!; // a config has a level
  const own = { from: latent_channels, to: latent_channels, kernel: 1 };
  let sample = latents;
  if (g.has("post_quant_conv.weight")) sample = convolution(g, sample, "post_quant_conv", own);
  const first = convolution(g, sample, "decoder.conv_in", { from: latent_channels, to: coarsest }); // [batch, coarsest, height, width]
  let x: FeatureMap = { map: first, channels: coarsest };
  x = middle(g, x, "decoder.mid_block", config);
  for (const [level, width] of channels.toReversed().entries()) {
    const block = `decoder.up_blocks.${level}`;
    for (let layer = 0; layer < layers + 1; layer++)
      x = resnetBlock2d(g, x, `${block}.resnets.${layer}`, width, resnet); // [batch, width, …]
    if (level < channels.length - 1) x = { ...x, map: upsample2d(g, x.map, `${block}.upsamplers.0`, width) }; // twice the size
  }
  const normed = activate(g, groupNorm(g, x.map, "decoder.conv_norm_out", x.channels, resnet), config.act_fn);
  return convolution(g, normed, "decoder.conv_out", { from: x.channels, to: config.out_channels }); // [batch, 3, 8 · height, 8 · width]
}

function resnetSettings(config: { readonly norm_num_groups: number; readonly act_fn: Activation }): ResnetSettings {
  return { groups: config.norm_num_groups, epsilon: NORM_EPSILON, activation: config.act_fn };
}

/** diffusers' `UNetMidBlock2D`: residual block, attention over all places, residual block. */
function middle(g: GraphBuilder, map: FeatureMap, name: string, config: AutoencoderKlConfig): FeatureMap {
  const width = config.block_out_channels.at(-1)!; // a config has a level
  const resnet = resnetSettings(config);
  const before = resnetBlock2d(g, map, `${name}.resnets.0`, width, resnet);
  const seen = config.mid_block_add_attention ? selfAttention(g, before, `${name}.attentions.0`, resnet) : before;
  return resnetBlock2d(g, seen, `${name}.resnets.1`, width, resnet);
}

/** Each place looks at all others, with one head as wide as the map. */
function selfAttention(
  g: GraphBuilder,
  { map, channels: width }: FeatureMap,
  name: string,
  norm: ResnetSettings,
): FeatureMap {
  const own = { from: width, to: width };
  // Checkpoints saved before diffusers 0.15 call the four projections otherwise.
  const [toQuery, toKey, toValue, toOut] = g.has(`${name}.query.weight`)
    ? (["query", "key", "value", "proj_attn"] as const)
    : (["to_q", "to_k", "to_v", "to_out.0"] as const);
  const { tokens, restore } = flattenMap(g, groupNorm(g, map, `${name}.group_norm`, width, norm), width);
  const project = (to: string) => unflatten(g, linear(g, tokens.rows, `${name}.${to}`, own), tokens, width);
  const projected = { query: project(toQuery), key: project(toKey), value: project(toValue) }; // [batch, places, width]
  const answer = scaledDotProductAttention(g, projected, { heads: 1, width }); // [batch, places, width]
  const rows = g.op("Reshape", [answer, g.ints(-1, width)]); // [batch · places, width]
  return { map: g.add(map, restore(linear(g, rows, `${name}.${toOut}`, own))), channels: width };
}
