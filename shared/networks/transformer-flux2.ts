import { z } from "zod";
import type { WeightSource } from "../protocol/tensor-ref.ts";
import { silu } from "./blocks/activation.ts";
import { linear } from "./blocks/linear.ts";
import { plainLayerNorm } from "./blocks/normalization.ts";
import {
  asSequence,
  gated,
  normedHeads,
  rotaryAttention,
  rowCount,
  rowsBefore,
  rowsFrom,
  withinRange,
} from "./blocks/rotary-attention.ts";
import { type RotaryTables, rotaryInputs } from "./blocks/rotary-embedding.ts";
import { sinusoid, timestepEmbedding } from "./blocks/time-embedding.ts";
import { GraphBuilder, type GraphBuilderOptions, type Value } from "./graph/graph-builder.ts";
import type { OnnxGraph } from "./graph/onnx-graph.ts";
import { type ConfigRules, parseNetworkConfig } from "./network-config.ts";

const count = z.int().positive();
const fields = {
  in_channels: count.default(128),
  out_channels: count.nullable().default(null),
  num_layers: z.int().min(0).default(8),
  num_single_layers: z.int().min(0).default(48),
  attention_head_dim: count.default(128),
  num_attention_heads: count.default(48),
  joint_attention_dim: count.default(15_360),
  timestep_guidance_channels: count.default(256),
  mlp_ratio: z.number().positive().default(3),
  axes_dims_rope: z.array(count).length(4).default([32, 32, 32, 32]),
  rope_theta: z.number().positive().default(2000),
  eps: z.number().positive().default(1e-6),
};

const rules: ConfigRules<typeof fields> = {
  network: "transformer",
  fields,
  fixed: { patch_size: 1 },
  // An embedding of the guidance scale is read by FLUX.2 dev's pipeline; klein's leave it out, weights or not.
  irrelevant: ["pooled_projection_dim", "guidance_embeds"],
};

export type Flux2TransformerConfig = z.output<z.ZodObject<typeof fields>>;

/** Reads the config.json of a `Flux2Transformer2DModel`. Throws OverpaintError `unsupported-model` naming field and value. */
export function parseFlux2TransformerConfig(config: Readonly<Record<string, unknown>>): Flux2TransformerConfig {
  return parseNetworkConfig(rules, config);
}

/** Timesteps of training to one of the flow. */
const TIMESTEP_SCALE = 1000;

/**
 * diffusers' `Flux2Transformer2DModel`: text and picture as one sequence of tokens. In double blocks both have weights of their
 * own and meet in attention; in single blocks they share them, and attention and feed-forward run side by side.
 *
 * Black Forest Labs, "FLUX.2", 2025; after Esser et al., "Scaling Rectified Flow Transformers", 2024 (arXiv:2403.03206).
 *
 * `hidden_states` [1, picture tokens, channels], `encoder_hidden_states` [1, text tokens, text width], `timestep` [1], the share
 * of noise, and the rotary tables of all tokens, the text's first, to `sample` [1, picture tokens, channels].
 *
 * Throws OverpaintError `damaged-model` where the weights lack a tensor or contradict the config.
 */
export function buildFlux2Transformer(
  config: Flux2TransformerConfig,
  weights: WeightSource,
  options: GraphBuilderOptions = {},
): OnnxGraph {
  const g = new GraphBuilder(weights, options);
  const { in_channels: channels, joint_attention_dim: textWidth, attention_head_dim: headWidth } = config;
  const width = config.num_attention_heads * headWidth;

  // 1. Tokens and what they are told of time.
  const picture = g.floatInput("hidden_states", [1, "picture_tokens", channels]);
  const words = g.floatInput("encoder_hidden_states", [1, "text_tokens", textWidth]);
  const time = silu(g, timeEmbedding(g, config, width)); // [1, width]
  const tables = rotaryInputs(g, headWidth);
  let image = linear(g, g.op("Reshape", [picture, g.ints(-1, channels)]), "x_embedder", { from: channels, to: width }); // [picture tokens, width]
  let text = linear(g, g.op("Reshape", [words, g.ints(-1, textWidth)]), "context_embedder", {
    from: textWidth,
    to: width,
  }); // [text tokens, width]
  const textTokens = rowCount(g, text);

  // 2. Double blocks: [text, picture] in attention, apart in everything else.
  const same = { from: width, to: width };
  const block: BlockSettings = { config, width, tables };
  const ofImage = parts(g, time, "double_stream_modulation_img.linear", 6, same);
  const ofText = parts(g, time, "double_stream_modulation_txt.linear", 6, same);
  for (let layer = 0; layer < config.num_layers; layer++) {
    const name = `transformer_blocks.${layer}`;
    const [seenByText, seenByImage] = jointAttention(
      g,
      `${name}.attn`,
      [modulated(g, text, ofText[0]!, ofText[1]!, block), modulated(g, image, ofImage[0]!, ofImage[1]!, block)], // six parts each
      textTokens,
      block,
    );
    image = g.add(image, g.multiply(ofImage[2]!, seenByImage));
    text = g.add(text, g.multiply(ofText[2]!, seenByText));
    image = g.add(image, g.multiply(ofImage[5]!, feedForward(g, image, `${name}.ff`, ofImage, block)));
    text = withinRange(
      g,
      g.add(text, g.multiply(ofText[5]!, feedForward(g, text, `${name}.ff_context`, ofText, block))),
    );
  }

  // 3. Single blocks: one sequence.
  let tokens = g.concat([text, image], 0); // [text and picture tokens, width]
  const [shift, scale, gate] = parts(g, time, "single_stream_modulation.linear", 3, same);
  for (let layer = 0; layer < config.num_single_layers; layer++) {
    const normed = modulated(g, tokens, shift!, scale!, block);
    const seen = parallelAttention(g, normed, `single_transformer_blocks.${layer}.attn`, block);
    tokens = withinRange(g, g.add(tokens, g.multiply(gate!, seen)));
  }

  // 4. The picture's tokens, back to channels.
  image = rowsFrom(g, tokens, textTokens);
  const [lastScale, lastShift] = parts(g, time, "norm_out.linear", 2, same);
  const sample = linear(g, modulated(g, image, lastShift!, lastScale!, block), "proj_out", {
    from: width,
    to: config.out_channels ?? channels,
  });
  g.floatOutput("sample", asSequence(g, sample), [1, "picture_tokens", config.out_channels ?? channels]);
  return g.build();
}

interface BlockSettings {
  readonly config: Flux2TransformerConfig;
  readonly width: number;
  readonly tables: RotaryTables;
}

function timeEmbedding(
  g: GraphBuilder,
  { timestep_guidance_channels: waves }: Flux2TransformerConfig,
  width: number,
): Value {
  const timestep = g.multiply(g.input("timestep", "float32", [1]), g.floats([TIMESTEP_SCALE], []));
  const embedded = sinusoid(g, timestep, { width: waves, flipsSinToCos: true, frequencyShift: 0 });
  return timestepEmbedding(
    g,
    g.toCompute(embedded),
    "time_guidance_embed.timestep_embedder",
    { from: waves, to: width },
    "silu",
  );
}

/** Of what comes in, and of each part that comes out. */
interface PartWidths {
  readonly from: number;
  readonly to: number;
}

/** A linear layer whose output is several things side by side: [1, number · width] as so many times [1, width]. */
function parts(g: GraphBuilder, x: Value, name: string, number: number, { from, to }: PartWidths): readonly Value[] {
  const whole = { from, to: number * to };
  return Array.from({ length: number }, (_, k) => linear(g, x, name, whole, { start: k * to, count: to }));
}

/** Norm without weights of its own, scaled and shifted as time asks: (1 + scale) · norm(x) + shift. */
function modulated(g: GraphBuilder, x: Value, shift: Value, scale: Value, { config, width }: BlockSettings): Value {
  const normed = plainLayerNorm(g, x, width, config.eps);
  return g.add(g.multiply(normed, g.add(scale, g.number(1))), shift);
}

/** diffusers' `Flux2Attention`: [text tokens, width] and [picture tokens, width] look at both. */
function jointAttention(
  g: GraphBuilder,
  name: string,
  [text, image]: readonly [Value, Value],
  textTokens: Value,
  { config, width, tables }: BlockSettings,
): readonly [Value, Value] {
  const same = { from: width, to: width };
  const heads = { heads: config.num_attention_heads, headWidth: config.attention_head_dim };
  const normed = (rows: Value, to: string, norm: string) =>
    normedHeads(g, linear(g, rows, `${name}.${to}`, same), `${name}.${norm}`, heads, config.eps);
  const both = (ofText: Value, ofImage: Value) => g.concat([ofText, ofImage], 1); // [1, text and picture tokens, width]
  const values = (rows: Value, to: string) => asSequence(g, linear(g, rows, `${name}.${to}`, same));
  const projected = {
    query: both(normed(text, "add_q_proj", "norm_added_q"), normed(image, "to_q", "norm_q")),
    key: both(normed(text, "add_k_proj", "norm_added_k"), normed(image, "to_k", "norm_k")),
    value: both(values(text, "add_v_proj"), values(image, "to_v")),
  };
  const seen = rotaryAttention(g, projected, tables, heads);
  return [
    linear(g, rowsBefore(g, seen, textTokens), `${name}.to_add_out`, same),
    linear(g, rowsFrom(g, seen, textTokens), `${name}.to_out.0`, same),
  ];
}

/** The fourth and fifth part of the modulation shift and scale what a feed-forward is given. */
function feedForward(
  g: GraphBuilder,
  x: Value,
  name: string,
  modulation: readonly Value[],
  block: BlockSettings,
): Value {
  const normed = modulated(g, x, modulation[3]!, modulation[4]!, block); // there are six
  const inner = hiddenWidth(block);
  const [gate, hidden] = parts(g, normed, `${name}.linear_in`, 2, { from: block.width, to: inner });
  return linear(g, gated(g, gate!, hidden!), `${name}.linear_out`, { from: inner, to: block.width });
}

/** diffusers' `Flux2ParallelSelfAttention`: attention and feed-forward on the same input, in one projection there and back. */
function parallelAttention(g: GraphBuilder, x: Value, name: string, block: BlockSettings): Value {
  const { config, width, tables } = block;
  const heads = { heads: config.num_attention_heads, headWidth: config.attention_head_dim };
  const hidden = hiddenWidth(block);
  const projection = `${name}.to_qkv_mlp_proj`;
  const widths = { from: width, to: 3 * width + 2 * hidden };
  const part = (start: number, count: number) => linear(g, x, projection, widths, { start, count });
  const seen = rotaryAttention(
    g,
    {
      query: normedHeads(g, part(0, width), `${name}.norm_q`, heads, config.eps),
      key: normedHeads(g, part(width, width), `${name}.norm_k`, heads, config.eps),
      value: asSequence(g, part(2 * width, width)),
    },
    tables,
    heads,
  );
  const fed = gated(g, part(3 * width, hidden), part(3 * width + hidden, hidden));
  return linear(g, g.concat([seen, fed], 1), `${name}.to_out`, { from: width + hidden, to: width });
}

function hiddenWidth({ config, width }: BlockSettings): number {
  return Math.trunc(width * config.mlp_ratio);
}
