import type { GraphBuilder, Value } from "../graph/graph-builder.ts";
import { batchOf, type NetworkOptions } from "../network-options.ts";
import type { EncoderConfig } from "../unet-2d-condition-config.ts";
import { activate } from "./activation.ts";
import type { TimeEmbedding } from "./resnet-block-2d.ts";
import { sinusoid, timestepEmbedding } from "./time-embedding.ts";
import { type TokenSequence, toSequence } from "./token-sequence.ts";

/** The prompt: [batch, sequence_length, cross_attention_dim]. */
export function textInput(g: GraphBuilder, config: EncoderConfig, options: NetworkOptions): TokenSequence {
  const width = config.cross_attention_dim;
  return toSequence(g, g.floatInput("encoder_hidden_states", [batchOf(options), "sequence_length", width]), width);
}

/**
 * The time embedding, to which whatever else a family tells its U-Net of the whole picture is added: a class or noise level
 * (x4 upscaler), the pooled text and the picture's place in its original (SDXL), the guidance scale (consistency models).
 *
 * @returns four times as wide as the finest level, with the activation that every residual block would begin with
 */
export function timeInput(
  g: GraphBuilder,
  config: EncoderConfig & { readonly time_cond_proj_dim?: number | null },
  options: NetworkOptions,
): TimeEmbedding {
  const finest = finestWidth(config);
  const width = timeWidth(config);
  const timestep = waves(g, g.input("timestep", "float32", [1]), finest, config); // [1, finest]
  const guidance = config.time_cond_proj_dim
    ? {
        rows: g.floatInput("timestep_cond", [batchOf(options), config.time_cond_proj_dim]),
        width: config.time_cond_proj_dim,
      }
    : undefined;
  const time = timestepEmbedding(g, timestep, "time_embedding", { from: finest, to: width }, config.act_fn, guidance); // [batch or 1, time width]
  const added = [classEmbedding(g, config, options), textTimeEmbedding(g, config, options)];
  const all = added.reduce<Value>((sum, embedding) => (embedding === undefined ? sum : g.add(sum, embedding)), time);
  return { rows: activate(g, all, config.act_fn), width };
}

/** A class, as one of a list or as a number, or whatever vector the model was trained with: [batch, time width]. */
function classEmbedding(g: GraphBuilder, config: EncoderConfig, options: NetworkOptions): Value | undefined {
  const name = "class_embedding";
  const batch = batchOf(options);
  const to = timeWidth(config);
  if (config.class_embed_type === "timestep") {
    const numbers = g.input("class_labels", "float32", [batch]);
    const from = finestWidth(config);
    return timestepEmbedding(g, waves(g, numbers, from, config), name, { from, to }, config.act_fn);
  }
  if (config.class_embed_type === "projection") {
    const stated = config.projection_class_embeddings_input_dim ?? undefined;
    const [, from] = g.tensor(`${name}.linear_1.weight`, [to, stated]).dims as [number, number];
    return timestepEmbedding(g, g.floatInput("class_labels", [batch, from]), name, { from, to }, "silu");
  }
  if (config.num_class_embeds === null) return undefined;
  const table = g.weight(`${name}.weight`, [config.num_class_embeds, to]);
  return g.op("Gather", [table, g.input("class_labels", "int64", [batch])], { axis: 0 });
}

/** The pooled text and six numbers: sizes of original and target, and the place of the one in the other. [batch, time width]. */
function textTimeEmbedding(g: GraphBuilder, config: EncoderConfig, options: NetworkOptions): Value | undefined {
  const { addition_embed_type: type, addition_time_embed_dim: idWidth } = config;
  if (type === null || idWidth === null) return undefined;
  // How wide the text is and how many the numbers are, no config says; only both together.
  const pooled = g.floatInput("text_embeds", [batchOf(options), "text_embeds_width"]);
  const timeIds = g.input("time_ids", "float32", [batchOf(options), "time_ids_count"]);
  const flat = g.op("Reshape", [timeIds, g.ints(-1)]); // [batch · ids]
  const rows = g.op("Slice", [g.op("Shape", [timeIds]), g.ints(0), g.ints(1)]); // [batch] as integers
  const times = g.op("Reshape", [waves(g, flat, idWidth, config), g.concat([rows, g.ints(-1)], 0)]);
  const from = config.projection_class_embeddings_input_dim ?? undefined;
  const together = g.concat([pooled, times], -1); // [batch, text_embeds_width + ids · idWidth]
  return timestepEmbedding(g, together, "add_embedding", { from, to: timeWidth(config) }, "silu");
}

/** [n] to [n, width]. */
function waves(g: GraphBuilder, numbers: Value, width: number, config: EncoderConfig): Value {
  const settings = { width, flipsSinToCos: config.flip_sin_to_cos, frequencyShift: config.freq_shift };
  return g.toCompute(sinusoid(g, numbers, settings));
}

/** diffusers fixes it. */
function timeWidth(config: EncoderConfig): number {
  return 4 * finestWidth(config);
}

function finestWidth({ levels }: EncoderConfig): number {
  return levels[0]!.channels; // a config has a level
}
