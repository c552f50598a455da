import type { GraphBuilder, Value } from "../graph/graph-builder.ts";
import { batchOf, type NetworkOptions } from "../network-options.ts";
import type { EncoderConfig } from "../unet-2d-condition-config.ts";
import { activate } from "./activation.ts";
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
 * @returns [batch or 1, time width], with the activation that every residual block would begin with
 */
export function timeInput(
  g: GraphBuilder,
  config: EncoderConfig & { readonly time_cond_proj_dim?: number | null },
  options: NetworkOptions,
): Value {
  const batch = batchOf(options);
  const waves = (numbers: Value, width: number) =>
    g.toCompute(
      sinusoid(g, numbers, { width, flipsSinToCos: config.flip_sin_to_cos, frequencyShift: config.freq_shift }),
    );
  const width = config.levels[0]!.channels; // a config has a level
  const timestep = waves(g.input("timestep", "float32", [1]), width); // [1, width]
  const guidance = config.time_cond_proj_dim
    ? g.floatInput("timestep_cond", [batch, config.time_cond_proj_dim])
    : undefined;
  let embedding = timestepEmbedding(g, timestep, "time_embedding", config.act_fn, guidance); // [1 or batch, 4 · width]

  if (config.class_embed_type === "timestep") {
    const label = waves(g.input("class_labels", "float32", [batch]), width); // [batch, width]
    embedding = g.add(embedding, timestepEmbedding(g, label, "class_embedding", config.act_fn));
  } else if (config.class_embed_type === "projection") {
    const { dims } = g.tensor("class_embedding.linear_1.weight");
    const label = g.floatInput("class_labels", [batch, dims[1]!]); // a matrix has columns
    embedding = g.add(embedding, timestepEmbedding(g, label, "class_embedding", "silu"));
  } else if (config.num_class_embeds !== null) {
    const label = g.input("class_labels", "int64", [batch]);
    embedding = g.add(embedding, g.op("Gather", [g.weight("class_embedding.weight"), label], { axis: 0 }));
  }

  if (config.addition_time_embed_dim !== null) {
    // How wide each of the two is, no config says; only their sum is known.
    const pooled = g.floatInput("text_embeds", [batch, "text_embeds_width"]);
    const timeIds = g.input("time_ids", "float32", [batch, "time_ids_count"]);
    const flat = g.op("Reshape", [timeIds, g.ints(-1)]); // [batch · ids]
    const idWaves = waves(flat, config.addition_time_embed_dim); // [batch · ids, id width]
    const rows = g.op("Slice", [g.op("Shape", [timeIds]), g.ints(0), g.ints(1)]);
    const times = g.op("Reshape", [idWaves, g.concat([rows, g.ints(-1)], 0)]); // [batch, ids · id width]
    const together = g.concat([pooled, times], -1); // [batch, text_embeds_width + ids · id width]
    embedding = g.add(embedding, timestepEmbedding(g, together, "add_embedding", "silu"));
  }
  return activate(g, embedding, config.act_fn);
}
