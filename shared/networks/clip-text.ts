import { z } from "zod";
import { OverpaintError } from "../protocol/overpaint-error.ts";
import { rowsOf, type WeightSource } from "../protocol/tensor-ref.ts";
import { clipEncoder, clipEncoderFields } from "./blocks/clip-encoder.ts";
import { embedTokens } from "./blocks/embed-tokens.ts";
import { linear } from "./blocks/linear.ts";
import { layerNorm } from "./blocks/normalization.ts";
import { toSequence, unflatten } from "./blocks/token-sequence.ts";
import { GraphBuilder, type GraphBuilderOptions, type Value } from "./graph/graph-builder.ts";
import type { OnnxGraph } from "./graph/onnx-graph.ts";
import { batchOf } from "./network-options.ts";

/**
 * transformers' configs hold dozens of fields about training and generation, different from version to version: those that
 * say something of the graph are read, all others are passed over.
 */
const clipTextSchema = z.object({
  ...clipEncoderFields,
  hidden_size: clipEncoderFields.hidden_size.default(512),
  intermediate_size: clipEncoderFields.intermediate_size.default(2048),
  num_attention_heads: clipEncoderFields.num_attention_heads.default(8),
  eos_token_id: z.int().min(0).nullable().default(49_407),
});

export type ClipTextConfig = z.output<typeof clipTextSchema>;

/** Reads the config.json of a `CLIPTextModel`. Throws OverpaintError `unsupported-model` naming field and value. */
export function parseClipTextConfig(config: Readonly<Record<string, unknown>>): ClipTextConfig {
  return parseClipConfig("text encoder", clipTextSchema, config);
}

export function parseClipConfig<Schema extends z.ZodType>(
  network: string,
  schema: Schema,
  config: Readonly<Record<string, unknown>>,
): z.output<Schema> {
  const parsed = schema.safeParse(config);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!; // a failure has an issue
  const field = path.join(".");
  throw new OverpaintError(
    "unsupported-model",
    `The model's ${network} has ${field} = ${JSON.stringify(config[field])} in its config, which is not supported.`,
    `${message}.`,
  );
}

export interface ClipTextOptions extends GraphBuilderOptions {
  /** Rows of every run; any number unless given. */
  readonly batch?: number | undefined;
  /** Of every row; as many as the model has positions for unless given. */
  readonly tokens?: number | undefined;
  /** Layers to build; all unless given. The final norm follows the last one built. */
  readonly layers?: number | undefined;
  /** Element type of `input_ids`; int64 unless given. */
  readonly ids?: "int64" | "int32" | undefined;
}

/** The configs of OpenAI's first CLIP models say 2, which is not their end token. */
const LEGACY_END_TOKEN = 2;

/** Added to scores that must not count: of the order of the smallest number of each precision, and no infinity. */
const MASKED = { float32: -3.4e38, float16: -3e4 } as const;

/**
 * transformers' `CLIPTextModel` and, where the weights hold a projection, `CLIPTextModelWithProjection`: what the U-Net knows
 * of a prompt. A transformer in which every token looks at itself and those before it, trained to describe pictures.
 *
 * Radford et al., "Learning Transferable Visual Models From Natural Language Supervision", 2021 (arXiv:2103.00020).
 *
 * `input_ids` [batch, tokens] to
 *   `last_hidden_state` [batch, tokens, width], after the final norm;
 *   `hidden_states.N` the same before the norm, after N layers (0 is the embeddings), `normed_hidden_states.N` after the norm;
 *   `text_embeds` [batch, projection] of the whole prompt, or, without a projection, `pooler_output` [batch, width].
 *
 * Throws OverpaintError `damaged-model` where the weights lack a tensor or contradict the config.
 */
export function buildClipText(config: ClipTextConfig, weights: WeightSource, options: ClipTextOptions = {}): OnnxGraph {
  const g = new GraphBuilder(weights, options);
  // transformers left the prefix out from version 5.6 on, but for models with a projection.
  const prefix = g.has("text_model.embeddings.token_embedding.weight") ? "text_model." : "";
  const { hidden_size: width, layer_norm_eps: epsilon } = config;
  const layers = options.layers ?? config.num_hidden_layers;
  const positions = g.tensor(`${prefix}embeddings.position_embedding.weight`, [undefined, width]); // a row a position
  const tokens = options.tokens ?? positions.dims[0]!; // a matrix has rows

  // 1. Tokens and places become vectors.
  const ids = g.input("input_ids", options.ids ?? "int64", [batchOf(options), tokens]);
  const words = embedTokens(g, `${prefix}embeddings.token_embedding.weight`, width, ids); // [batch, tokens, width]
  const firstPositions = rowsOf(positions, { start: 0, count: tokens });
  const places = g.weightAt(`${prefix}embeddings.position_embedding.weight`, firstPositions); // [tokens, width]
  const sequence = toSequence(g, g.add(words, places), width);

  // 2. Layers.
  const states = clipEncoder(g, sequence, `${prefix}encoder`, config, layers, causalMask(g, tokens));
  const normed = states.map((rows) => layerNorm(g, rows, `${prefix}final_layer_norm`, width, epsilon)); // [batch · tokens, width]

  // 3. The vector of the end token, which has seen all others, stands for the prompt.
  const last = unflatten(g, normed.at(-1)!, sequence, width); // there is at least the embeddings' state
  const pooled = g.op("GatherND", [last, endPosition(g, ids, config, options)], { batch_dims: 1 }); // [batch, width]

  const shape = [batchOf(options), tokens, width];
  g.floatOutput("last_hidden_state", last, shape);
  if (g.has("text_projection.weight")) {
    const { dims, isTransposed } = g.tensor("text_projection.weight", [undefined, width]);
    const projection = dims[isTransposed ? 1 : 0]!; // a matrix has both
    g.floatOutput("text_embeds", linear(g, pooled, "text_projection", { from: width, to: projection }), [
      batchOf(options),
      projection,
    ]);
  } else g.floatOutput("pooler_output", pooled, [batchOf(options), width]);
  for (const [n, rows] of states.entries()) {
    g.floatOutput(`hidden_states.${n}`, unflatten(g, rows, sequence, width), shape);
    g.floatOutput(`normed_hidden_states.${n}`, unflatten(g, normed[n]!, sequence, width), shape); // one a state
  }
  return g.build();
}

/** Nothing for tokens up to and including the own one, nearly −∞ for those behind. [1, 1, tokens, tokens]. */
function causalMask(g: GraphBuilder, tokens: number): Value {
  const mask = new Float32Array(tokens * tokens);
  for (let row = 0; row < tokens; row++)
    mask.fill(MASKED[g.profile.compute], row * tokens + row + 1, (row + 1) * tokens);
  return g.toCompute(g.floats(mask, [1, 1, tokens, tokens]));
}

/** Where the first end token is, [batch, 1]. The legacy rule takes the highest id for it, which CLIP's end token has. */
function endPosition(
  g: GraphBuilder,
  ids: Value,
  { eos_token_id: end }: ClipTextConfig,
  { ids: type = "int64" }: ClipTextOptions,
): Value {
  const isLegacy = end === null || end === LEGACY_END_TOKEN;
  const wanted = isLegacy ? ids : g.op("Equal", [ids, type === "int64" ? g.int(end) : g.cast(g.int(end), type)]);
  return g.op("ArgMax", [g.cast(wanted, "int32")], { axis: 1, keepdims: 1 }); // the first of equals
}
