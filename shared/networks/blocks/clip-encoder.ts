import { z } from "zod";
import type { GraphBuilder, Value } from "../graph/graph-builder.ts";
import { type Activation, activate, activationSchema } from "./activation.ts";
import { scaledDotProductAttention } from "./attention.ts";
import { linear } from "./linear.ts";
import { layerNorm } from "./normalization.ts";
import { type TokenSequence, unflatten } from "./token-sequence.ts";

/** Fields of the configs of both of CLIP's encoders; defaults are given by each. */
export const clipEncoderFields = {
  hidden_size: z.int().positive(),
  intermediate_size: z.int().positive(),
  num_hidden_layers: z.int().positive().default(12),
  num_attention_heads: z.int().positive(),
  hidden_act: activationSchema.default("quick_gelu"),
  layer_norm_eps: z.number().positive().default(1e-5),
};

export interface ClipEncoderConfig {
  readonly hidden_size: number;
  readonly intermediate_size: number;
  readonly num_attention_heads: number;
  readonly hidden_act: Activation;
  readonly layer_norm_eps: number;
}

/**
 * transformers' `CLIPEncoder`: layers of self-attention and a two-layer network, each on normed tokens and added to them.
 *
 * @param mask Added to the scores of every attention, [1, 1, tokens, tokens].
 * @returns rows [batch · tokens, width] as they come in and after each layer, `layers` + 1 in all
 */
export function clipEncoder(
  g: GraphBuilder,
  tokens: TokenSequence,
  name: string,
  config: ClipEncoderConfig,
  layers: number,
  mask?: Value,
): readonly Value[] {
  const states = [tokens.rows];
  let rows = tokens.rows;
  for (let i = 0; i < layers; i++) {
    rows = clipEncoderLayer(g, { ...tokens, rows }, `${name}.layers.${i}`, config, mask);
    states.push(rows);
  }
  return states;
}

/** transformers' `CLIPEncoderLayer`, [batch · tokens, width] throughout. */
function clipEncoderLayer(
  g: GraphBuilder,
  tokens: TokenSequence,
  name: string,
  config: ClipEncoderConfig,
  mask: Value | undefined,
): Value {
  const { num_attention_heads: heads, hidden_act: activation, layer_norm_eps: epsilon } = config;
  const { width } = tokens;
  const own = { from: width, to: width };
  const inner = config.intermediate_size;
  let { rows } = tokens; // [batch · tokens, width]

  const seen = layerNorm(g, rows, `${name}.layer_norm1`, width, epsilon);
  const project = (to: string) => unflatten(g, linear(g, seen, `${name}.self_attn.${to}`, own), tokens, width);
  const projected = { query: project("q_proj"), key: project("k_proj"), value: project("v_proj") };
  const answer = scaledDotProductAttention(g, projected, { heads, width, mask }); // [batch, tokens, width]
  const answerRows = g.op("Reshape", [answer, g.ints(-1, width)]);
  rows = g.add(rows, linear(g, answerRows, `${name}.self_attn.out_proj`, own));

  const normed = layerNorm(g, rows, `${name}.layer_norm2`, width, epsilon);
  const hidden = activate(g, linear(g, normed, `${name}.mlp.fc1`, { from: width, to: inner }), activation); // [batch · tokens, inner]
  return g.add(rows, linear(g, hidden, `${name}.mlp.fc2`, { from: inner, to: width }));
}
