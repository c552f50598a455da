import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { GraphBuilder, Value } from "../graph/graph-builder.ts";
import { linear } from "./linear.ts";
import { type TokenSequence, unflatten } from "./token-sequence.ts";

/**
 * Scaled dot-product attention in several heads: softmax(Q·Kᵀ / √d) · V, where d is a head's width. Every query's answer is
 * the mean of the values, weighted by how well their keys match it.
 *
 * Vaswani et al., "Attention Is All You Need", 2017 (arXiv:1706.03762).
 *
 * @param query [batch, queries, width]
 * @param key [batch, keys, width]
 * @param value [batch, keys, width]
 * @param mask Added to the scores, [1, 1, queries, keys]: −∞ or nearly where a query must not look.
 * @returns [batch, queries, width]
 */
export function scaledDotProductAttention(
  g: GraphBuilder,
  { query, key, value }: { readonly query: Value; readonly key: Value; readonly value: Value },
  { heads, width, mask }: { readonly heads: number; readonly width: number; readonly mask?: Value | undefined },
): Value {
  if (width % heads !== 0)
    throw new OverpaintError(
      "damaged-model",
      `The model's attention of width ${width} cannot be split into ${heads} heads.`,
      "The config and the weights belong to different models. Install the model again.",
    );
  const scale = (width / heads) ** -0.5;
  if (g.profile.attention === "fused" && mask === undefined)
    return g.contrib("MultiHeadAttention", [query, key, value], { num_heads: heads, scale: { float: scale } });

  const inHeads = (x: Value, perm: readonly number[]) =>
    g.op("Transpose", [g.op("Reshape", [x, g.ints(0, 0, heads, -1)])], { perm });
  const queries = inHeads(g.multiply(query, g.number(scale)), [0, 2, 1, 3]); // [batch, heads, queries, d]
  const keys = inHeads(key, [0, 2, 3, 1]); // [batch, heads, d, keys]
  const values = inHeads(value, [0, 2, 1, 3]); // [batch, heads, keys, d]
  const scores = g.op("MatMul", [queries, keys]); // [batch, heads, queries, keys]
  const weights = g.op("Softmax", [mask === undefined ? scores : g.add(scores, mask)], { axis: -1 });
  const answers = g.op("MatMul", [weights, values]); // [batch, heads, queries, d]
  return g.op("Reshape", [g.op("Transpose", [answers], { perm: [0, 2, 1, 3] }), g.ints(0, 0, -1)]);
}

/** A picture as a prompt: its tokens have keys and values of their own in every cross-attention. */
export interface ImagePrompt {
  readonly tokens: TokenSequence;
  /** [1]. */
  readonly scale: Value;
}

export interface AttentionSettings {
  readonly heads: number;
  readonly imagePrompt?: ImagePrompt | undefined;
}

/**
 * diffusers' `Attention`: projections to queries, keys and values, attention, projection back.
 * Self-attention where `source` is the sequence itself, cross-attention where it is another, such as a text.
 *
 * With a picture as a prompt, decoupled cross-attention: the answers for text and picture are added, each with its own keys
 * and values. Ye et al., "IP-Adapter", 2023 (arXiv:2308.06721).
 *
 * @returns [batch · tokens, width] for the rows of `tokens`
 */
export function attention(
  g: GraphBuilder,
  name: string,
  tokens: TokenSequence,
  source: TokenSequence,
  { heads, imagePrompt }: AttentionSettings,
): Value {
  const { width } = tokens;
  const own = { from: width, to: width };
  const query = unflatten(g, linear(g, tokens.rows, `${name}.to_q`, own), tokens, width); // [batch, tokens, width]
  const answerFrom = (of: TokenSequence, keys: string, values: string) => {
    const widths = { from: of.width, to: width };
    const key = unflatten(g, linear(g, of.rows, keys, widths), of, width); // [batch, source tokens, width]
    const value = unflatten(g, linear(g, of.rows, values, widths), of, width);
    return scaledDotProductAttention(g, { query, key, value }, { heads, width }); // [batch, tokens, width]
  };

  let answer = answerFrom(source, `${name}.to_k`, `${name}.to_v`);
  if (imagePrompt !== undefined) {
    const processor = `${name}.processor`;
    const ofPicture = answerFrom(imagePrompt.tokens, `${processor}.to_k_ip.0`, `${processor}.to_v_ip.0`);
    answer = g.add(answer, g.multiply(ofPicture, imagePrompt.scale));
  }
  return linear(g, g.op("Reshape", [answer, g.ints(-1, width)]), `${name}.to_out.0`, own);
}
