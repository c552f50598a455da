import { z } from "zod";
import { type WeightSource, withDims } from "../protocol/tensor-ref.ts";
import { autoencoderKlFields, decodedPicture, latentParameters } from "./autoencoder-kl.ts";
import { GraphBuilder, type Value } from "./graph/graph-builder.ts";
import type { OnnxGraph } from "./graph/onnx-graph.ts";
import { type ConfigRules, parseNetworkConfig } from "./network-config.ts";
import { mapShape, type NetworkOptions, scaledMapShape } from "./network-options.ts";

const fields = {
  ...autoencoderKlFields,
  layers_per_block: autoencoderKlFields.layers_per_block.default(2),
  latent_channels: autoencoderKlFields.latent_channels.default(32),
  /** Where the decoder is narrower than the encoder. */
  decoder_block_out_channels: z.array(z.int().positive()).min(1).nullable().default(null),
  batch_norm_eps: z.number().positive().default(1e-4),
};

const rules: ConfigRules<typeof fields> = {
  network: "autoencoder",
  fields,
  fixed: { patch_size: [2, 2] },
  irrelevant: ["sample_size", "force_upcast", "use_quant_conv", "use_post_quant_conv", "batch_norm_momentum"],
};

export type AutoencoderKlFlux2Config = z.output<z.ZodObject<typeof fields>>;

/** Reads the config.json of an `AutoencoderKLFlux2`. Throws OverpaintError `unsupported-model` naming field and value. */
export function parseAutoencoderKlFlux2Config(config: Readonly<Record<string, unknown>>): AutoencoderKlFlux2Config {
  return parseNetworkConfig(rules, config);
}

/** Latents of FLUX.2's autoencoder that are one to the transformer, along each side. */
export const FLUX2_PATCH = 2;

/**
 * The encoder of diffusers' `AutoencoderKLFlux2`, with what the pipelines of FLUX.2 do to its latents: the most likely ones, four
 * neighbours as channels of one cell, each channel brought to mean 0 and variance 1.
 *
 * `sample` [batch, 3, height, width] from −1 to 1 to `latents` [batch, 4 · latent channels, height / 16, width / 16].
 *
 * Throws OverpaintError `damaged-model` where the weights lack a tensor or contradict the config.
 */
export function buildAutoencoderKlFlux2Encoder(
  config: AutoencoderKlFlux2Config,
  weights: WeightSource,
  options: NetworkOptions = {},
): OnnxGraph {
  const g = new GraphBuilder(weights, options);
  const { latent_channels: channels } = config;
  const sample = g.floatInput("sample", mapShape(options, config.in_channels)); // [batch, 3, height, width]
  const parameters = latentParameters(g, sample, config); // [batch, 2 · channels, height / 8, width / 8]
  const mean = g.op("Slice", [parameters, g.ints(0), g.ints(channels), g.ints(1)]);
  const { offsets, scales } = statistics(g, config);
  const latents = g.op("Div", [g.op("Sub", [patchify(g, mean, channels), offsets]), scales]);
  const scale = 0.5 ** (config.block_out_channels.length - 1) / FLUX2_PATCH;
  g.floatOutput("latents", latents, scaledMapShape(options, FLUX2_PATCH ** 2 * channels, scale));
  return g.build();
}

/** The way back: `latent_sample` [batch, 4 · latent channels, height, width] to `sample` [batch, 3, 16 · height, 16 · width]. */
export function buildAutoencoderKlFlux2Decoder(
  config: AutoencoderKlFlux2Config,
  weights: WeightSource,
  options: NetworkOptions = {},
): OnnxGraph {
  const g = new GraphBuilder(weights, options);
  const { latent_channels: channels, decoder_block_out_channels: own, block_out_channels } = config;
  const latents = g.floatInput("latent_sample", mapShape(options, FLUX2_PATCH ** 2 * channels));
  const { offsets, scales } = statistics(g, config);
  const raw = unpatchify(g, g.add(g.multiply(latents, scales), offsets), channels); // [batch, channels, 2 · height, 2 · width]
  const widths = own ?? block_out_channels;
  const picture = decodedPicture(g, raw, { ...config, block_out_channels: widths });
  g.floatOutput(
    "sample",
    picture,
    scaledMapShape(options, config.out_channels, FLUX2_PATCH * 2 ** (widths.length - 1)),
  );
  return g.build();
}

/** Mean and deviation of each channel of patched latents, as they were in training, [4 · channels, 1, 1]. */
function statistics(g: GraphBuilder, { batch_norm_eps: epsilon, latent_channels }: AutoencoderKlFlux2Config) {
  const channels = FLUX2_PATCH ** 2 * latent_channels;
  const perChannel = (name: string) => {
    return g.weightAt(name, withDims(g.tensor(name, [channels]), [channels, 1, 1]));
  };
  return {
    offsets: perChannel("bn.running_mean"),
    scales: g.op("Sqrt", [g.add(perChannel("bn.running_var"), g.number(epsilon))]),
  };
}

/** [batch, c, 2 · h, 2 · w] to [batch, 4 · c, h, w]: channel 4 · c + 2 · y + x is that of the neighbour at (x, y). */
function patchify(g: GraphBuilder, map: Value, channels: number): Value {
  const shape = g.op("Shape", [map]);
  const side = (axis: number) => g.op("Div", [sliceOf(g, shape, axis), g.ints(FLUX2_PATCH)]);
  const [height, width] = [side(2), side(3)];
  const two = g.ints(FLUX2_PATCH);
  const batchAndChannels = g.op("Slice", [shape, g.ints(0), g.ints(2)]);
  const split = g.op("Reshape", [map, g.concat([batchAndChannels, height, two, width, two], 0)]);
  const gathered = g.op("Transpose", [split], { perm: [0, 1, 3, 5, 2, 4] }); // [batch, c, 2, 2, h, w]
  const batch = sliceOf(g, shape, 0);
  return g.op("Reshape", [gathered, g.concat([batch, g.ints(FLUX2_PATCH ** 2 * channels), height, width], 0)]);
}

function unpatchify(g: GraphBuilder, map: Value, channels: number): Value {
  const shape = g.op("Shape", [map]);
  const batch = sliceOf(g, shape, 0);
  const heightAndWidth = g.op("Slice", [shape, g.ints(2), g.ints(4)]);
  const patch = g.ints(channels, FLUX2_PATCH, FLUX2_PATCH);
  const split = g.op("Reshape", [map, g.concat([batch, patch, heightAndWidth], 0)]);
  const spread = g.op("Transpose", [split], { perm: [0, 1, 4, 2, 5, 3] }); // [batch, c, h, 2, w, 2]
  const doubled = g.multiply(heightAndWidth, g.ints(FLUX2_PATCH, FLUX2_PATCH));
  return g.op("Reshape", [spread, g.concat([batch, g.ints(channels), doubled], 0)]);
}

function sliceOf(g: GraphBuilder, shape: Value, axis: number): Value {
  return g.op("Slice", [shape, g.ints(axis), g.ints(axis + 1)]);
}
