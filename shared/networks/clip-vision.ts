import { z } from "zod";
import { type WeightSource, withDims } from "../protocol/tensor-ref.ts";
import { clipEncoder, clipEncoderFields } from "./blocks/clip-encoder.ts";
import { convolution } from "./blocks/convolution.ts";
import { linear } from "./blocks/linear.ts";
import { layerNorm } from "./blocks/normalization.ts";
import { flattenMap, toSequence, unflatten } from "./blocks/token-sequence.ts";
import { parseClipConfig } from "./clip-text.ts";
import { GraphBuilder, type Value } from "./graph/graph-builder.ts";
import type { OnnxGraph } from "./graph/onnx-graph.ts";
import { batchOf, type NetworkOptions } from "./network-options.ts";

/** As for CLIP's text encoder: fields that say something of the graph. */
const clipVisionSchema = z.object({
  ...clipEncoderFields,
  hidden_size: clipEncoderFields.hidden_size.default(768),
  intermediate_size: clipEncoderFields.intermediate_size.default(3072),
  num_attention_heads: clipEncoderFields.num_attention_heads.default(12),
  projection_dim: z.int().positive().default(512),
  num_channels: z.int().positive().default(3),
  image_size: z.int().positive().default(224),
  patch_size: z.int().positive().default(32),
});

export type ClipVisionConfig = z.output<typeof clipVisionSchema>;

/** Reads the config.json of a `CLIPVisionModelWithProjection`. Throws OverpaintError `unsupported-model` naming the field. */
export function parseClipVisionConfig(config: Readonly<Record<string, unknown>>): ClipVisionConfig {
  return parseClipConfig("image encoder", clipVisionSchema, config);
}

/**
 * transformers' `CLIPVisionModelWithProjection`: what an IP-Adapter knows of a picture. The picture is cut into square patches,
 * each a token; one token more, which belongs to no patch, gathers what there is to say of the whole.
 *
 * Dosovitskiy et al., "An Image is Worth 16×16 Words", 2020 (arXiv:2010.11929); Radford et al., "Learning Transferable Visual
 * Models From Natural Language Supervision", 2021 (arXiv:2103.00020).
 *
 * `pixel_values` [batch, 3, side, side], normalized as its preprocessor says, to `image_embeds` [batch, projection] and
 * `hidden_states.N` [batch, 1 + patches, width] of the last layer but one, which the "plus" adapters read.
 *
 * Throws OverpaintError `damaged-model` where the weights lack a tensor.
 */
export function buildClipVision(
  config: ClipVisionConfig,
  weights: WeightSource,
  options: Omit<NetworkOptions, "size"> = {},
): OnnxGraph {
  const g = new GraphBuilder(weights, options);
  const prefix = g.has("vision_model.embeddings.class_embedding") ? "vision_model." : "";
  const { hidden_size: width, layer_norm_eps: epsilon, image_size: side, patch_size: patch } = config;
  const count = 1 + Math.floor(side / patch) ** 2;

  // 1. Patches and places become vectors.
  const picture = g.floatInput("pixel_values", [batchOf(options), config.num_channels, side, side]);
  const patches = `${prefix}embeddings.patch_embedding`;
  const map = convolution(g, picture, patches, {
    from: config.num_channels,
    to: width,
    kernel: patch,
    stride: patch,
    pads: [0, 0, 0, 0],
  }); // [batch, width, side / patch, …]
  const { tokens: ofPatches } = flattenMap(g, map, width);
  const patchTokens = unflatten(g, ofPatches.rows, ofPatches, width); // [batch, patches, width]
  const withWhole = g.concat(
    [wholeToken(g, `${prefix}embeddings.class_embedding`, patchTokens, width), patchTokens],
    1,
  );
  const places = g.weight(`${prefix}embeddings.position_embedding.weight`, [count, width]);
  const embedded = toSequence(g, g.add(withWhole, places), width);

  // 2. Layers. The norm's name is misspelt in every checkpoint.
  const sequence = { ...embedded, rows: layerNorm(g, embedded.rows, `${prefix}pre_layrnorm`, width, epsilon) };
  const states = clipEncoder(g, sequence, `${prefix}encoder`, config, config.num_hidden_layers);

  // 3. The token of the whole, normed and projected.
  const last = unflatten(g, states.at(-1)!, sequence, width); // there is at least the embeddings' state
  const whole = g.op("Gather", [last, g.int(0)], { axis: 1 }); // [batch, width]
  const normed = layerNorm(g, whole, `${prefix}post_layernorm`, width, epsilon);
  const { projection_dim: projection } = config;
  const projected = linear(g, normed, "visual_projection", { from: width, to: projection });
  g.floatOutput("image_embeds", projected, [batchOf(options), projection]);
  const lastButOne = config.num_hidden_layers - 1;
  const hidden = unflatten(g, states[lastButOne]!, sequence, width); // there is a state before the last layer
  g.floatOutput(`hidden_states.${lastButOne}`, hidden, [batchOf(options), count, width]);
  return g.build();
}

/** The same learnt vector for every row, [batch, 1, width]. */
function wholeToken(g: GraphBuilder, name: string, patchTokens: Value, width: number): Value {
  const vector = g.weightAt(name, withDims(g.tensor(name, [width]), [1, 1, width]));
  const batch = g.op("Slice", [g.op("Shape", [patchTokens]), g.ints(0), g.ints(1)]);
  return g.op("Expand", [vector, g.concat([batch, g.ints(1, width)], 0)]);
}
