import type { WeightSource } from "../protocol/tensor-ref.ts";
import { activate } from "./blocks/activation.ts";
import { convolution } from "./blocks/convolution.ts";
import type { FeatureMap } from "./blocks/token-sequence.ts";
import { unetEncoder, unetMiddle } from "./blocks/unet-encoder.ts";
import { textInput, timeInput } from "./blocks/unet-inputs.ts";
import { GraphBuilder, type Value } from "./graph/graph-builder.ts";
import type { OnnxGraph } from "./graph/onnx-graph.ts";
import { batchOf, mapShape, type NetworkOptions } from "./network-options.ts";
import { MIDDLE_RESIDUAL, residualShapes, skipResidualName } from "./unet-2d-condition.ts";
import type { ControlNetConfig } from "./unet-2d-condition-config.ts";

/** Pixels of the control picture along a cell of the latents. */
export const PIXELS_PER_CELL = 8;

/**
 * diffusers' `ControlNetModel`: a copy of the U-Net's way down, trained to look at a second picture (edges, depth, a pose),
 * whose maps are added to the U-Net's own. The convolutions its maps leave by began as zeros, so that training began with a
 * U-Net that was not disturbed.
 *
 * Zhang, Rao and Agrawala, "Adding Conditional Control to Text-to-Image Diffusion Models", 2023 (arXiv:2302.05543).
 *
 * Inputs beside the U-Net's: `controlnet_cond` [batch, channels, 8 · height, 8 · width] from 0 to 1, and `conditioning_scale`
 * [residuals], the strength of each residual, the middle's last. Outputs have the names of the U-Net's inputs that take them.
 *
 * Throws OverpaintError `damaged-model` where the weights lack a tensor or contradict the config.
 */
export function buildControlNet(
  config: ControlNetConfig,
  weights: WeightSource,
  options: NetworkOptions = {},
): OnnxGraph {
  const g = new GraphBuilder(weights, options);
  const { in_channels: inChannels, levels } = config;

  // 1. Inputs.
  const sample = g.floatInput("sample", mapShape(options, inChannels)); // [batch, in_channels, height, width]
  const conditions = { time: timeInput(g, config, options), text: textInput(g, config, options) };
  const picture = g.floatInput("controlnet_cond", pictureShape(config, options)); // [batch, 3, 8 · height, 8 · width]
  const shapes = residualShapes(config, options);
  const scales = g.floatInput("conditioning_scale", [shapes.skips.length + 1]);

  // 2. The picture, shrunk to the latents' size, joins them.
  const finest = levels[0]!.channels; // a config has a level
  const hint = conditioningEmbedding(g, picture, config, finest); // [batch, finest, height, width]
  const first = g.add(convolution(g, sample, "conv_in", { from: inChannels, to: finest }), hint);

  // 3. Down and through the bottom, as the U-Net goes.
  const down = unetEncoder(g, { map: first, channels: finest }, config, conditions);
  const middle = unetMiddle(g, down.last, config, conditions);

  // 4. Out, each map by a 1×1 convolution of its own.
  const residual = ({ map, channels }: FeatureMap, name: string, k: number) => {
    const own = convolution(g, map, name, { from: channels, to: channels, kernel: 1 });
    const scaled = g.multiply(own, g.op("Gather", [scales, g.int(k)], { axis: 0 }));
    return config.global_pool_conditions ? g.op("ReduceMean", [scaled, g.ints(2, 3)], { keepdims: 1 }) : scaled;
  };
  const shapeOf = (shape: readonly (number | string)[]) =>
    config.global_pool_conditions ? [...shape.slice(0, 2), 1, 1] : shape;
  for (const [k, map] of down.skips.entries())
    g.floatOutput(skipResidualName(k), residual(map, `controlnet_down_blocks.${k}`, k), shapeOf(shapes.skips[k]!)); // one shape a skip
  g.floatOutput(MIDDLE_RESIDUAL, residual(middle, "controlnet_mid_block", down.skips.length), shapeOf(shapes.middle));
  return g.build();
}

function pictureShape({ conditioning_channels: channels }: ControlNetConfig, options: NetworkOptions) {
  const { size } = options;
  const [height, width] = size
    ? [size.height * PIXELS_PER_CELL, size.width * PIXELS_PER_CELL]
    : ["picture_height", "picture_width"];
  return [batchOf(options), channels, height, width];
}

/** diffusers' `ControlNetConditioningEmbedding`: every second convolution halves the picture, three times in all. */
function conditioningEmbedding(g: GraphBuilder, picture: Value, config: ControlNetConfig, finest: number): Value {
  const name = "controlnet_cond_embedding";
  const isReversed = config.controlnet_conditioning_channel_order === "bgr";
  const rgb = isReversed ? g.op("Gather", [picture, g.ints(2, 1, 0)], { axis: 1 }) : picture;
  const [first = 0, ...others] = config.conditioning_embedding_out_channels;
  const widths = { from: config.conditioning_channels, to: first };
  let x = activate(g, convolution(g, rgb, `${name}.conv_in`, widths), "silu"); // [batch, 16, 8 · height, 8 · width]
  let from = first;
  for (const [i, to] of others.entries()) {
    x = activate(g, convolution(g, x, `${name}.blocks.${2 * i}`, { from, to: from }), "silu");
    x = activate(g, convolution(g, x, `${name}.blocks.${2 * i + 1}`, { from, to, stride: 2 }), "silu"); // half the height and width
    from = to;
  }
  return convolution(g, x, `${name}.conv_out`, { from, to: finest }); // [batch, finest, height, width]
}
