import { z } from "zod";
import type { WeightSource } from "../protocol/tensor-ref.ts";
import { silu } from "./blocks/activation.ts";
import { linear } from "./blocks/linear.ts";
import { plainLayerNorm, rmsNorm } from "./blocks/normalization.ts";
import {
  asSequence,
  gated,
  normedHeads,
  rotaryAttention,
  rowCount,
  rowsBefore,
  rowsFrom,
} from "./blocks/rotary-attention.ts";
import { type RotaryTables, rotaryInputs } from "./blocks/rotary-embedding.ts";
import { sinusoid } from "./blocks/time-embedding.ts";
import { GraphBuilder, type GraphBuilderOptions, type Value } from "./graph/graph-builder.ts";
import type { OnnxGraph } from "./graph/onnx-graph.ts";
import { type ConfigRules, parseNetworkConfig } from "./network-config.ts";

const count = z.int().positive();
const fields = {
  in_channels: count.default(16),
  dim: count.default(3840),
  n_layers: count.default(30),
  n_refiner_layers: z.int().min(0).default(2),
  n_heads: count.default(30),
  norm_eps: z.number().positive().default(1e-5),
  cap_feat_dim: count.default(2560),
  rope_theta: z.number().positive().default(256),
  t_scale: z.number().positive().default(1000),
  axes_dims: z.array(count).length(3).default([32, 48, 48]),
  /** Positions along each axis that the model knows. */
  axes_lens: z.array(count).length(3).default([1024, 512, 512]),
};

const rules: ConfigRules<typeof fields> = {
  network: "transformer",
  fields,
  fixed: { all_patch_size: [2], all_f_patch_size: [1], qk_norm: true, siglip_feat_dim: null },
  // Every head has keys of its own, whatever it says.
  irrelevant: ["n_kv_heads"],
};

export type ZImageTransformerConfig = z.output<z.ZodObject<typeof fields>>;

/** Reads the config.json of a `ZImageTransformer2DModel`. Throws OverpaintError `unsupported-model` naming field and value. */
export function parseZImageTransformerConfig(config: Readonly<Record<string, unknown>>): ZImageTransformerConfig {
  return parseNetworkConfig(rules, config);
}

/** Latent cells along a token's side. */
export const Z_IMAGE_PATCH = 2;
/** Both parts of the sequence are filled up to multiples of this. */
export const Z_IMAGE_TOKEN_MULTIPLE = 32;
/** Width of the waves that a timestep is told as. */
const TIME_WAVES = 256;
const TIME_HIDDEN = 1024;
/** Most numbers that blocks are told the time in. */
const TIME_WIDTH = 256;
/** Of the norms of queries and keys, and of the last one, which no config changes. */
const HEAD_EPSILON = 1e-5;
const LAST_EPSILON = 1e-6;

/**
 * diffusers' `ZImageTransformer2DModel`: picture and caption, each refined by itself, then one sequence of tokens with one set of
 * weights. Tokens that fill a part up are replaced by a learned one, and seen like any other.
 *
 * Z-Image Team, "Z-Image: An Efficient Image Generation Foundation Model with Single-Stream Diffusion Transformer", 2025.
 *
 * `hidden_states` [1, picture tokens, 4 · channels], `encoder_hidden_states` [1, text tokens, text width], `timestep` [1], the
 * share of picture (0 is noise), `picture_padding` and `text_padding` [tokens, 1], and the rotary tables of all tokens, the
 * picture's first, to `sample` [1, picture tokens, 4 · channels].
 *
 * Throws OverpaintError `damaged-model` where the weights lack a tensor or contradict the config.
 */
export function buildZImageTransformer(
  config: ZImageTransformerConfig,
  weights: WeightSource,
  options: GraphBuilderOptions = {},
): OnnxGraph {
  const g = new GraphBuilder(weights, options);
  const { dim: width, n_heads: heads, norm_eps: epsilon, cap_feat_dim: textWidth } = config;
  const patch = Z_IMAGE_PATCH ** 2 * config.in_channels;
  const block = { heads, headWidth: width / heads, epsilon };

  // 1. Tokens and what they are told of time.
  const picture = g.floatInput("hidden_states", [1, "picture_tokens", patch]);
  const words = g.floatInput("encoder_hidden_states", [1, "text_tokens", textWidth]);
  const time = timeEmbedding(g, config); // [1, time width]
  const paddedBy = (rows: Value, input: string, tokens: string, token: string) =>
    g.op("Where", [g.input(input, "bool", [tokens, 1]), g.weight(token, [1, width]), rows]); // [tokens, width]
  const embedded = linear(g, g.op("Reshape", [picture, g.ints(-1, patch)]), "all_x_embedder.2-1", {
    from: patch,
    to: width,
  });
  let image = paddedBy(embedded, "picture_padding", "picture_tokens", "x_pad_token");
  const normedWords = rmsNorm(g, g.op("Reshape", [words, g.ints(-1, textWidth)]), "cap_embedder.0", textWidth, epsilon);
  let text = paddedBy(
    linear(g, normedWords, "cap_embedder.1", { from: textWidth, to: width }),
    "text_padding",
    "text_tokens",
    "cap_pad_token",
  );
  const imageTokens = rowCount(g, image);
  const tables = rotaryInputs(g, block.headWidth);

  // 2. Each part by itself.
  const ofImage = mapped(tables, (table) => rowsBefore(g, table, imageTokens));
  const ofText = mapped(tables, (table) => rowsFrom(g, table, imageTokens));
  for (let layer = 0; layer < config.n_refiner_layers; layer++) {
    image = transformerBlock(g, image, `noise_refiner.${layer}`, ofImage, block, time);
    text = transformerBlock(g, text, `context_refiner.${layer}`, ofText, block);
  }

  // 3. Both together.
  let tokens = g.concat([image, text], 0); // [picture and text tokens, width]
  for (let layer = 0; layer < config.n_layers; layer++)
    tokens = transformerBlock(g, tokens, `layers.${layer}`, tables, block, time);

  // 4. The picture's tokens, back to channels.
  const last = "all_final_layer.2-1";
  const scale = g.add(
    linear(g, silu(g, time), `${last}.adaLN_modulation.1`, { from: timeWidth(width), to: width }),
    g.number(1),
  ); // [1, width]
  const scaled = g.multiply(plainLayerNorm(g, rowsBefore(g, tokens, imageTokens), width, LAST_EPSILON), scale);
  g.floatOutput("sample", asSequence(g, linear(g, scaled, `${last}.linear`, { from: width, to: patch })), [
    1,
    "picture_tokens",
    patch,
  ]);
  return g.build();
}

function mapped({ cos, sin }: RotaryTables, change: (table: Value) => Value): RotaryTables {
  return { cos: change(cos), sin: change(sin) };
}

function timeEmbedding(g: GraphBuilder, { t_scale: scale, dim }: ZImageTransformerConfig): Value {
  const timestep = g.multiply(g.input("timestep", "float32", [1]), g.floats([scale], []));
  const waves = g.toCompute(sinusoid(g, timestep, { width: TIME_WAVES, flipsSinToCos: true, frequencyShift: 0 }));
  const hidden = silu(g, linear(g, waves, "t_embedder.mlp.0", { from: TIME_WAVES, to: TIME_HIDDEN }));
  return linear(g, hidden, "t_embedder.mlp.2", { from: TIME_HIDDEN, to: timeWidth(dim) });
}

function timeWidth(width: number): number {
  return Math.min(width, TIME_WIDTH);
}

interface BlockSettings {
  readonly heads: number;
  readonly headWidth: number;
  readonly epsilon: number;
}

/**
 * diffusers' `ZImageTransformerBlock`: attention and a gated feed-forward, with a norm before and after each.
 *
 * @param x [tokens, width]
 * @param time [1, time width], where it scales what goes in and gates what comes out
 */
function transformerBlock(
  g: GraphBuilder,
  x: Value,
  name: string,
  tables: RotaryTables,
  { heads, headWidth, epsilon }: BlockSettings,
  time?: Value,
): Value {
  const width = heads * headWidth;
  const same = { from: width, to: width };
  const told = { from: timeWidth(width), to: 4 * width };
  const part = (k: number) =>
    time && linear(g, time, `${name}.adaLN_modulation.0`, told, { start: k * width, count: width }); // [1, width]
  const scaledBy = (rows: Value, scale: Value | undefined) =>
    scale ? g.multiply(rows, g.add(scale, g.number(1))) : rows;
  const gatedBy = (rows: Value, gate: Value | undefined) => (gate ? g.multiply(rows, g.op("Tanh", [gate])) : rows);

  const attended = `${name}.attention`;
  const input = scaledBy(rmsNorm(g, x, `${name}.attention_norm1`, width, epsilon), part(0));
  const project = (to: string) => linear(g, input, `${attended}.${to}`, same);
  const normed = (to: string, norm: string) =>
    normedHeads(g, project(to), `${attended}.${norm}`, { heads, headWidth }, HEAD_EPSILON);
  const projected = {
    query: normed("to_q", "norm_q"),
    key: normed("to_k", "norm_k"),
    value: asSequence(g, project("to_v")),
  };
  const seen = linear(g, rotaryAttention(g, projected, tables, { heads, headWidth }), `${attended}.to_out.0`, same);
  const afterAttention = g.add(x, gatedBy(rmsNorm(g, seen, `${name}.attention_norm2`, width, epsilon), part(1)));

  const fed = scaledBy(rmsNorm(g, afterAttention, `${name}.ffn_norm1`, width, epsilon), part(2));
  const layer = `${name}.feed_forward`;
  const inner = Math.trunc((width / 3) * 8);
  const hidden = gated(
    g,
    linear(g, fed, `${layer}.w1`, { from: width, to: inner }),
    linear(g, fed, `${layer}.w3`, { from: width, to: inner }),
  );
  const answer = rmsNorm(
    g,
    linear(g, hidden, `${layer}.w2`, { from: inner, to: width }),
    `${name}.ffn_norm2`,
    width,
    epsilon,
  );
  return g.add(afterAttention, gatedBy(answer, part(3)));
}
