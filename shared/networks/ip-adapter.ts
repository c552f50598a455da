import { OverpaintError } from "../protocol/overpaint-error.ts";
import { type WeightSource, withDims } from "../protocol/tensor-ref.ts";
import { gelu } from "./blocks/activation.ts";
import { scaledDotProductAttention } from "./blocks/attention.ts";
import { linear } from "./blocks/linear.ts";
import { layerNorm } from "./blocks/normalization.ts";
import { type TokenSequence, toSequence, unflatten } from "./blocks/token-sequence.ts";
import { GraphBuilder, type GraphBuilderOptions, type Value } from "./graph/graph-builder.ts";
import type { OnnxGraph } from "./graph/onnx-graph.ts";
import { batchOf } from "./network-options.ts";

export interface IpAdapterOptions extends GraphBuilderOptions {
  /** Rows of every run; any number unless given. */
  readonly batch?: number | undefined;
  /** Width of the text tokens of the model the adapter is for, its `cross_attention_dim`. */
  readonly tokenWidth: number;
  /** Width of a head in the resampler of "plus" adapters; 64 in all that were published. */
  readonly headWidth?: number | undefined;
}

/**
 * What makes tokens of a picture for the U-Net to read beside the text's: a linear layer on the image encoder's `image_embeds`,
 * or, in "plus" adapters, a resampler of its last but one hidden state. Tensors have their names in the adapter's own file,
 * `image_proj.…`.
 *
 * Ye et al., "IP-Adapter: Text Compatible Image Prompt Adapter", 2023 (arXiv:2308.06721).
 *
 * `image_embeds` [batch, projection] or `image_hidden_states` [batch, 1 + patches, width] to `ip_hidden_states` [batch, tokens,
 * tokenWidth].
 *
 * Throws OverpaintError `unsupported-model` for the projections of other adapters, such as those for faces.
 */
export function buildIpAdapterProjection(weights: WeightSource, options: IpAdapterOptions): OnnxGraph {
  const g = new GraphBuilder(weights, options);
  if (g.has("image_proj.latents")) resampler(g, options);
  else if (g.has("image_proj.proj.weight") && g.has("image_proj.norm.weight")) imageProjection(g, options);
  else
    throw new OverpaintError(
      "unsupported-model",
      "The IP-Adapter's image_proj is neither a linear layer nor a resampler.",
      "Use an IP-Adapter or IP-Adapter Plus; those for faces are not supported.",
    );
  return g.build();
}

/** `ImageProjModel`: some tokens side by side from one layer, each normed. */
function imageProjection(g: GraphBuilder, { tokenWidth, ...options }: IpAdapterOptions): void {
  const [outputs] = g.tensor("image_proj.proj.weight", [undefined, undefined]).dims as [number, number];
  const tokens = Math.max(1, Math.floor(outputs / tokenWidth));
  const to = tokens * tokenWidth;
  const [, inputs] = g.tensor("image_proj.proj.weight", [to, undefined]).dims as [number, number];
  const embeds = g.floatInput("image_embeds", [batchOf(options), inputs]);
  const together = linear(g, embeds, "image_proj.proj", { from: inputs, to }); // [batch, tokens · tokenWidth]
  const apart = g.op("Reshape", [together, g.ints(-1, tokens, tokenWidth)]); // [batch, tokens, tokenWidth]
  const shape = [batchOf(options), tokens, tokenWidth];
  g.floatOutput("ip_hidden_states", layerNorm(g, apart, "image_proj.norm", tokenWidth), shape);
}

/**
 * `Resampler`: a few learnt queries, which in each layer look at the picture's tokens and at each other.
 * Alayrac et al., "Flamingo", 2022 (arXiv:2204.14198), section 3.1.
 */
function resampler(g: GraphBuilder, { tokenWidth, headWidth = 64, ...options }: IpAdapterOptions): void {
  const name = "image_proj";
  const latents = g.tensor(`${name}.latents`, [1, undefined, undefined]); // [1, queries, width]
  const [, count, width] = latents.dims as [number, number, number];
  const [, inputs] = g.tensor(`${name}.proj_in.weight`, [width, undefined]).dims as [number, number];
  const states = g.floatInput("image_hidden_states", [batchOf(options), "image_tokens", inputs]);
  const source = toSequence(g, states, inputs);
  const picture: TokenSequence = {
    ...source,
    rows: linear(g, source.rows, `${name}.proj_in`, { from: inputs, to: width }),
    width,
  };

  const batch = g.op("Slice", [source.leading, g.ints(0), g.ints(1)]);
  const learnt = g.weightAt(`${name}.latents`, withDims(latents, [1, count, width]));
  const queries = toSequence(g, g.op("Expand", [learnt, g.concat([batch, g.ints(count, width)], 0)]), width);
  let { rows } = queries; // [batch · queries, width]
  for (let i = 0; g.has(`${name}.layers.${i}.0.norm1.weight`); i++) {
    rows = g.add(rows, perceiverAttention(g, `${name}.layers.${i}.0`, { ...queries, rows }, picture, headWidth));
    rows = g.add(rows, feedForward(g, rows, `${name}.layers.${i}.1`, width));
  }
  const tokens = layerNorm(
    g,
    linear(g, rows, `${name}.proj_out`, { from: width, to: tokenWidth }),
    `${name}.norm_out`,
    tokenWidth,
  ); // [batch · queries, tokenWidth]
  const shape = [batchOf(options), count, tokenWidth];
  g.floatOutput("ip_hidden_states", unflatten(g, tokens, queries, tokenWidth), shape);
}

/** A norm and a two-layer network, [rows, width] throughout. */
function feedForward(g: GraphBuilder, rows: Value, name: string, width: number): Value {
  const [inner] = g.tensor(`${name}.1.weight`, [undefined, width]).dims as [number, number];
  const normed = layerNorm(g, rows, `${name}.0`, width);
  const hidden = gelu(g, linear(g, normed, `${name}.1`, { from: width, to: inner })); // [rows, inner]
  return linear(g, hidden, `${name}.3`, { from: inner, to: width });
}

/** Keys and values come from the picture's tokens and the queries themselves, in one matrix: keys above values. */
function perceiverAttention(
  g: GraphBuilder,
  name: string,
  queries: TokenSequence,
  picture: TokenSequence,
  headWidth: number,
): Value {
  const { width } = queries;
  const [inner] = g.tensor(`${name}.to_q.weight`, [undefined, width]).dims as [number, number];
  const ofQueries = { ...queries, rows: layerNorm(g, queries.rows, `${name}.norm2`, width) };
  const ofPicture = { ...picture, rows: layerNorm(g, picture.rows, `${name}.norm1`, width) };
  const projected = (half: number) => {
    const rows = { start: half * inner, count: inner };
    const parts = [ofPicture, ofQueries].map((of) =>
      unflatten(g, linear(g, of.rows, `${name}.to_kv`, { from: width, to: 2 * inner }, rows), of, inner),
    );
    return g.concat(parts, 1); // [batch, picture's tokens + queries, inner]
  };
  const query = unflatten(g, linear(g, ofQueries.rows, `${name}.to_q`, { from: width, to: inner }), queries, inner); // [batch, queries, inner]
  const answer = scaledDotProductAttention(
    g,
    { query, key: projected(0), value: projected(1) },
    { heads: inner / headWidth, width: inner },
  );
  return linear(g, g.op("Reshape", [answer, g.ints(-1, inner)]), `${name}.to_out`, { from: inner, to: width }); // [batch · queries, width]
}

/**
 * The cross-attentions of a U-Net in the order in which adapters number their keys and values: the k-th (from 0) has
 * `ip_adapter.{2k + 1}.to_k_ip.weight`, which the U-Net asks for as `{attention}.processor.to_k_ip.0.weight`.
 *
 * @param names The names of the U-Net's weights.
 */
export function numberedCrossAttentions(names: Iterable<string>): readonly string[] {
  const suffix = ".attn2.to_k.weight";
  const parts = ["down_blocks", "up_blocks", "mid_block"]; // the order in which diffusers' class declares them
  const rank = (name: string) => parts.indexOf(name.slice(0, name.indexOf(".")));
  return [...names]
    .filter((name) => name.endsWith(suffix))
    .map((name) => name.slice(0, -".to_k.weight".length))
    .sort((left, right) => rank(left) - rank(right) || left.localeCompare(right, "en", { numeric: true }));
}
