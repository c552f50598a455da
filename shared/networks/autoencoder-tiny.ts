import { z } from "zod";
import type { WeightSource } from "../protocol/tensor-ref.ts";
import { type Activation, activate, activationSchema } from "./blocks/activation.ts";
import { convolution } from "./blocks/convolution.ts";
import { enlarge } from "./blocks/resampling.ts";
import { GraphBuilder, type Value } from "./graph/graph-builder.ts";
import type { OnnxGraph } from "./graph/onnx-graph.ts";
import { type ConfigRules, parseNetworkConfig } from "./network-config.ts";
import { mapShape, type NetworkOptions, scaledMapShape } from "./network-options.ts";

const count = z.int().positive();
const counts = z.array(z.int().min(0)).min(1);
const fields = {
  in_channels: count.default(3),
  out_channels: count.default(3),
  act_fn: activationSchema.default("relu"),
  latent_channels: count.default(4),
  upsampling_scaling_factor: count.default(2),
  encoder_block_out_channels: z.array(count).default([64, 64, 64, 64]),
  decoder_block_out_channels: z.array(count).default([64, 64, 64, 64]),
  num_encoder_blocks: counts.default([1, 3, 3, 3]),
  num_decoder_blocks: counts.default([3, 3, 3, 1]),
};

const rules: ConfigRules<typeof fields> = {
  network: "tiny autoencoder",
  fields,
  fixed: { upsample_fn: "nearest" },
  irrelevant: [
    "block_out_channels",
    "latent_magnitude",
    "latent_shift",
    "force_upcast",
    "scaling_factor",
    "shift_factor",
  ],
};

export type AutoencoderTinyConfig = z.output<z.ZodObject<typeof fields>>;

/** Reads the config.json of an `AutoencoderTiny`. Throws OverpaintError `unsupported-model` naming field and value. */
export function parseAutoencoderTinyConfig(config: Readonly<Record<string, unknown>>): AutoencoderTinyConfig {
  return parseNetworkConfig(rules, config);
}

/**
 * The encoder of diffusers' `AutoencoderTiny` (TAESD), a hundredth of an `AutoencoderKL`'s weights distilled from one: good
 * enough for previews. It answers latents themselves, as the scheduler has them, not a distribution.
 *
 * Bohan, "Tiny AutoEncoder for Stable Diffusion", 2023, https://github.com/madebyollin/taesd.
 *
 * `sample` [batch, 3, height, width] from −1 to 1 to `latents` [batch, latent channels, height / 8, width / 8].
 *
 * Throws OverpaintError `damaged-model` where the weights lack a tensor.
 */
export function buildAutoencoderTinyEncoder(
  config: AutoencoderTinyConfig,
  weights: WeightSource,
  options: NetworkOptions = {},
): OnnxGraph {
  const g = new GraphBuilder(weights, options);
  const sample = g.floatInput("sample", mapShape(options, config.in_channels)); // [batch, 3, height, width]
  let x = g.multiply(g.add(sample, g.number(1)), g.number(0.5)); // from 0 to 1
  let layer = 0;
  let from: number | undefined = config.in_channels;
  for (const [level, blocks] of config.num_encoder_blocks.entries()) {
    const to = config.encoder_block_out_channels[level];
    x = convolution(g, x, `encoder.layers.${layer++}`, { from, to, stride: level === 0 ? 1 : 2 }); // half, but for the first level
    for (let i = 0; i < blocks; i++) x = tinyBlock(g, x, `encoder.layers.${layer++}`, to, config.act_fn);
    from = to;
  }
  x = convolution(g, x, `encoder.layers.${layer}`, { from, to: config.latent_channels }); // [batch, latent channels, height / 8, width / 8]
  g.floatOutput("latents", x, latentShape(config, options));
  return g.build();
}

/**
 * The decoder: `latent_sample` [batch, latent channels, height, width], as the scheduler has them, to `sample` [batch, 3,
 * 8 · height, 8 · width] from about −1 to 1.
 *
 * Throws OverpaintError `damaged-model` where the weights lack a tensor.
 */
export function buildAutoencoderTinyDecoder(
  config: AutoencoderTinyConfig,
  weights: WeightSource,
  options: NetworkOptions = {},
): OnnxGraph {
  const g = new GraphBuilder(weights, options);
  const { num_decoder_blocks: levels, act_fn: activation, decoder_block_out_channels: widths } = config;
  const latents = g.floatInput("latent_sample", mapShape(options, config.latent_channels)); // [batch, 4, height, width]
  // Outliers are pulled towards ±3.
  let x = g.multiply(g.op("Tanh", [g.multiply(latents, g.number(1 / 3))]), g.number(3));
  x = activate(g, convolution(g, x, "decoder.layers.0", { from: config.latent_channels, to: widths[0] }), activation);
  let layer = 2; // activations and enlargements are counted among the layers
  for (const [level, blocks] of levels.entries()) {
    for (let i = 0; i < blocks; i++) x = tinyBlock(g, x, `decoder.layers.${layer++}`, widths[level], activation);
    if (level < levels.length - 1) {
      x = enlarge(g, x, config.upsampling_scaling_factor); // twice the height and width
      layer++;
    }
    const to = level < levels.length - 1 ? widths[level + 1] : config.out_channels;
    x = convolution(g, x, `decoder.layers.${layer++}`, { from: widths[level], to }); // the last one to [batch, 3, 8 · height, 8 · width]
  }
  x = g.op("Sub", [g.multiply(x, g.number(2)), g.number(1)]); // from −1 to 1
  const scale = config.upsampling_scaling_factor ** (levels.length - 1);
  g.floatOutput("sample", x, scaledMapShape(options, config.out_channels, scale));
  return g.build();
}

/** Halving rounds up, as three convolutions of stride 2 with a padding of 1 do. */
function latentShape(config: AutoencoderTinyConfig, { size, ...options }: NetworkOptions) {
  const factor = 2 ** (config.num_encoder_blocks.length - 1);
  const roundedUp = (length: number) => Math.ceil(length / factor) * factor;
  const padded = size && { width: roundedUp(size.width), height: roundedUp(size.height) };
  return scaledMapShape({ ...options, size: padded }, config.latent_channels, 1 / factor);
}

/** diffusers' `AutoencoderTinyBlock`: three convolutions, added to what came in. */
function tinyBlock(
  g: GraphBuilder,
  map: Value,
  name: string,
  width: number | undefined,
  activation: Activation,
): Value {
  const own = { from: width, to: width };
  let x = activate(g, convolution(g, map, `${name}.conv.0`, own), activation);
  x = activate(g, convolution(g, x, `${name}.conv.2`, own), activation);
  x = convolution(g, x, `${name}.conv.4`, own);
  return g.op("Relu", [g.add(x, map)]);
}
