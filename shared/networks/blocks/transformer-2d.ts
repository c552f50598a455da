import type { GraphBuilder, Value } from "../graph/graph-builder.ts";
import { type AttentionSettings, attention } from "./attention.ts";
import { convolution } from "./convolution.ts";
import { feedForward } from "./feed-forward.ts";
import { linear } from "./linear.ts";
import { groupNorm, layerNorm } from "./normalization.ts";
import { type FeatureMap, flattenMap, type TokenSequence } from "./token-sequence.ts";

export interface TransformerSettings {
  readonly heads: number;
  readonly groups: number;
  /** The projections around the blocks act on tokens, not as 1×1 convolutions on the map: the same sums, other names. */
  readonly isLinear: boolean;
  /** The first attention of each block looks at the text as well, instead of at the picture itself. */
  readonly isOnlyCross: boolean;
}

/** diffusers fixes it, whatever the config's `norm_eps`. */
const NORM_EPSILON = 1e-6;

/**
 * diffusers' `Transformer2DModel`: where the U-Net reads the prompt. The places of the feature map become tokens; each of a
 * few blocks lets them look at each other and at the text.
 *
 * Rombach et al., "High-Resolution Image Synthesis with Latent Diffusion Models", 2021 (arXiv:2112.10752), section 3.3.
 *
 * @param map [batch, channels, height, width]; the result has the same shape.
 */
export function transformer2d(
  g: GraphBuilder,
  { map, channels }: FeatureMap,
  name: string,
  text: TokenSequence,
  { groups, isLinear, isOnlyCross, ...settings }: TransformerSettings & AttentionSettings,
): FeatureMap {
  const own = { from: channels, to: channels };
  const normed = groupNorm(g, map, `${name}.norm`, channels, { groups, epsilon: NORM_EPSILON }); // [batch, channels, height, width]
  const projected = isLinear ? normed : convolution(g, normed, `${name}.proj_in`, { ...own, kernel: 1 });
  const { tokens, restore } = flattenMap(g, projected, channels); // [batch · height · width, channels]
  let rows = isLinear ? linear(g, tokens.rows, `${name}.proj_in`, own) : tokens.rows;
  // How many blocks there are, configs say in several dialects; the checkpoint has as many as it has.
  for (let i = 0; g.has(`${name}.transformer_blocks.${i}.norm1.weight`); i++)
    rows = basicTransformerBlock(
      g,
      `${name}.transformer_blocks.${i}`,
      { ...tokens, rows },
      text,
      isOnlyCross,
      settings,
    );
  // Back to [batch, channels, height, width].
  const back = isLinear
    ? restore(linear(g, rows, `${name}.proj_out`, own))
    : convolution(g, restore(rows), `${name}.proj_out`, { ...own, kernel: 1 });
  return { map: g.add(back, map), channels };
}

/**
 * diffusers' `BasicTransformerBlock`: self-attention, cross-attention, feed-forward, each on normed tokens and added to them.
 * So places of the picture learn of each other, then of the text, then each works on what it learnt.
 *
 * @returns [batch · tokens, width]
 */
function basicTransformerBlock(
  g: GraphBuilder,
  name: string,
  tokens: TokenSequence,
  text: TokenSequence,
  isOnlyCross: boolean,
  { heads, imagePrompt }: AttentionSettings,
): Value {
  const normed = (rows: Value, norm: string): TokenSequence => ({
    ...tokens,
    rows: layerNorm(g, rows, `${name}.${norm}`, tokens.width),
  });
  let { rows } = tokens; // [batch · tokens, width]
  const first = normed(rows, "norm1");
  rows = g.add(rows, attention(g, `${name}.attn1`, first, isOnlyCross ? text : first, { heads }));
  rows = g.add(rows, attention(g, `${name}.attn2`, normed(rows, "norm2"), text, { heads, imagePrompt }));
  return g.add(rows, feedForward(g, normed(rows, "norm3").rows, `${name}.ff`, tokens.width));
}
