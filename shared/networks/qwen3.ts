import { z } from "zod";
import { OverpaintError } from "../protocol/overpaint-error.ts";
import type { WeightSource } from "../protocol/tensor-ref.ts";
import { scaledDotProductAttention } from "./blocks/attention.ts";
import { embedTokens } from "./blocks/embed-tokens.ts";
import { linear } from "./blocks/linear.ts";
import { rmsNorm } from "./blocks/normalization.ts";
import { asSequence, gated, normedHeads } from "./blocks/rotary-attention.ts";
import { type RotaryTables, rotaryEmbedding, rotaryInputs } from "./blocks/rotary-embedding.ts";
import { GraphBuilder, type GraphBuilderOptions, type Value } from "./graph/graph-builder.ts";
import type { OnnxGraph } from "./graph/onnx-graph.ts";
import { refused } from "./network-config.ts";

const count = z.int().positive();
const ropeSchema = z.looseObject({ rope_theta: z.number().positive().optional(), rope_type: z.string().optional() });

/** Fields that say something of the graph, with transformers' defaults; the dozens beside them are passed over. */
const qwen3Schema = z.object({
  hidden_size: count.default(4096),
  intermediate_size: count.default(22_016),
  num_hidden_layers: count.default(32),
  num_attention_heads: count.default(32),
  num_key_value_heads: count.default(32),
  head_dim: count.default(128),
  rms_norm_eps: z.number().positive().default(1e-6),
  hidden_act: z.literal("silu").default("silu"),
  use_sliding_window: z.literal(false).default(false),
  /** transformers 5 says the base of the angles, and how they are stretched, in one object, older ones in two fields. */
  rope_theta: z.number().positive().optional(),
  rope_parameters: ropeSchema.nullish(),
  rope_scaling: ropeSchema.nullish(),
});

export interface Qwen3Config extends Omit<z.output<typeof qwen3Schema>, "rope_parameters" | "rope_scaling"> {
  /** θ of the rotary embedding. */
  readonly rope_theta: number;
}

const USUAL_THETA = 10_000;

/** Reads the config.json of a `Qwen3ForCausalLM` or `Qwen3Model`. Throws OverpaintError `unsupported-model` naming field and value. */
export function parseQwen3Config(config: Readonly<Record<string, unknown>>): Qwen3Config {
  const parsed = qwen3Schema.safeParse(config);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!; // a failure has an issue
    throw refused("text encoder", path.join("."), config[String(path[0])], `${message}.`);
  }
  const { rope_parameters: parameters, rope_scaling: scaling, rope_theta: theta, ...rest } = parsed.data;
  for (const [field, value] of Object.entries({ rope_parameters: parameters, rope_scaling: scaling }))
    if ((value?.rope_type ?? "default") !== "default" || value?.type !== undefined)
      throw refused("text encoder", field, value, 'Supported is the rope_type "default".');
  return { ...rest, rope_theta: parameters?.rope_theta ?? scaling?.rope_theta ?? theta ?? USUAL_THETA };
}

export interface Qwen3Options extends GraphBuilderOptions {
  /**
   * After how many layers the hidden states are taken, in rising order; they stand side by side. As transformers counts them, those
   * after all layers are normed. Layers above the last one are not built.
   */
  readonly taps: readonly number[];
}

/**
 * The hidden states of transformers' `Qwen3Model`, a language model, for one text.
 *
 * Qwen Team, "Qwen3 Technical Report", 2025 (arXiv:2505.09388); grouped queries, Ainslie et al., 2023 (arXiv:2305.13245).
 *
 * `input_ids` [1, tokens], `attention_bias` [1, 1, tokens, tokens], what is added to the scores (nearly −∞ where a token must not
 * look), and the rotary tables to `hidden_states` [1, tokens, taps · width].
 *
 * Throws OverpaintError `damaged-model` where the weights lack a tensor or contradict the config, `unsupported-model` where the
 * model has fewer layers than are asked for.
 */
export function buildQwen3(config: Qwen3Config, weights: WeightSource, { taps, ...options }: Qwen3Options): OnnxGraph {
  const g = new GraphBuilder(weights, options);
  const { hidden_size: width, head_dim: headWidth, num_hidden_layers: all, rms_norm_eps: epsilon } = config;
  const last = Math.max(...taps);
  if (last > all)
    throw new OverpaintError(
      "unsupported-model",
      `The model's text encoder has ${all} layers, and the denoiser reads what comes after the ${last}th.`,
      "Use the text encoder that the model was published with.",
    );
  const prefix = g.has("model.embed_tokens.weight") ? "model." : "";

  const ids = g.input("input_ids", "int64", [1, "tokens"]);
  const bias = g.floatInput("attention_bias", [1, 1, "tokens", "tokens"]);
  const tables = rotaryInputs(g, headWidth);
  let x = g.op("Reshape", [embedTokens(g, `${prefix}embed_tokens.weight`, width, ids), g.ints(-1, width)]); // [tokens, width]
  const widening = { from: width, to: config.intermediate_size };
  const taken: Value[] = [];
  for (let layer = 0; layer < last; layer++) {
    const name = `${prefix}layers.${layer}`;
    const normed = rmsNorm(g, x, `${name}.input_layernorm`, width, epsilon);
    x = g.add(x, groupedAttention(g, normed, `${name}.self_attn`, config, tables, bias));
    const fed = rmsNorm(g, x, `${name}.post_attention_layernorm`, width, epsilon);
    const hidden = gated(
      g,
      linear(g, fed, `${name}.mlp.gate_proj`, widening),
      linear(g, fed, `${name}.mlp.up_proj`, widening),
    );
    x = g.add(x, linear(g, hidden, `${name}.mlp.down_proj`, { from: config.intermediate_size, to: width }));
    if (taps.includes(layer + 1)) taken.push(layer + 1 === all ? rmsNorm(g, x, `${prefix}norm`, width, epsilon) : x);
  }
  const states = taken.length === 1 ? taken[0]! : g.concat(taken, -1); // [tokens, taps · width]
  g.floatOutput("hidden_states", asSequence(g, states), [1, "tokens", taps.length * width]);
  return g.build();
}

/** Attention in which several heads of queries share a head of keys and values: [tokens, width] to the same. */
function groupedAttention(
  g: GraphBuilder,
  x: Value,
  name: string,
  {
    hidden_size: own,
    num_attention_heads: heads,
    num_key_value_heads: groups,
    head_dim: headWidth,
    rms_norm_eps: epsilon,
  }: Qwen3Config,
  tables: RotaryTables,
  mask: Value,
): Value {
  const width = heads * headWidth;
  const turned = (to: string, norm: string, count: number) => {
    const normed = normedHeads(
      g,
      linear(g, x, `${name}.${to}`, { from: own, to: count * headWidth }),
      `${name}.${norm}`,
      { heads: count, headWidth },
      epsilon,
    );
    return rotaryEmbedding(g, normed, tables, { heads: count, headWidth, pairs: "halves" }); // [1, tokens, count · head width]
  };
  const forEachHead = (sequence: Value) => {
    const grouped = g.op("Reshape", [sequence, g.ints(1, -1, groups, 1, headWidth)]);
    const repeated = g.op("Expand", [grouped, g.ints(1, 1, groups, heads / groups, headWidth)]);
    return g.op("Reshape", [repeated, g.ints(1, -1, width)]); // [1, tokens, width]
  };
  const projected = {
    query: turned("q_proj", "q_norm", heads),
    key: forEachHead(turned("k_proj", "k_norm", groups)),
    value: forEachHead(asSequence(g, linear(g, x, `${name}.v_proj`, { from: own, to: groups * headWidth }))),
  };
  const answer = scaledDotProductAttention(g, projected, { heads, width, mask }); // [1, tokens, width]
  return linear(g, g.op("Reshape", [answer, g.ints(-1, width)]), `${name}.o_proj`, { from: width, to: own });
}
