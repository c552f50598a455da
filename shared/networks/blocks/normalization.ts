import { OverpaintError } from "../../protocol/overpaint-error.ts";
import { withDims } from "../../protocol/tensor-ref.ts";
import type { GraphBuilder, Value } from "../graph/graph-builder.ts";

export interface GroupNormSettings {
  readonly groups: number;
  readonly epsilon: number;
}

/**
 * Group normalization: y = γ · (x − μ) / √(σ² + ε) + β, with mean and variance over each group of neighbouring channels
 * and all places, γ and β per channel. Independent of the batch, which in diffusion holds unlike pictures.
 *
 * Wu and He, "Group Normalization", 2018 (arXiv:1803.08494).
 *
 * Written as an instance norm of one long channel per group: every runtime has that, few have group norm.
 */
export function groupNorm(
  g: GraphBuilder,
  x: Value,
  name: string,
  channels: number,
  { groups, epsilon }: GroupNormSettings,
): Value {
  if (channels % groups !== 0)
    throw new OverpaintError(
      "damaged-model",
      `The model's norm "${name}" of ${channels} channels cannot be split into ${groups} groups.`,
      "The config and the weights belong to different models. Install the model again.",
    );
  const type = g.profile.norms === "float32" ? "float32" : g.profile.compute;
  const isWidened = type !== g.profile.compute;
  const wide = isWidened ? g.cast(x, type) : x; // [batch, channels, height, width]
  const grouped = g.op("Reshape", [wide, g.ints(0, groups, -1)]); // [batch, groups, channels / groups · height · width]
  const constant = (value: number) => {
    const values = g.floats(new Float32Array(groups).fill(value), [groups]);
    return type === "float32" ? values : g.toCompute(values);
  };
  const normed = g.op("InstanceNormalization", [grouped, constant(1), constant(0)], { epsilon: { float: epsilon } });
  const back = g.op("Reshape", [normed, g.op("Shape", [x])]); // [batch, channels, height, width]

  const perChannel = (part: "weight" | "bias") => {
    const tensor = g.tensor(`${name}.${part}`, [channels]);
    return g.weightAt(`${name}.${part}`, withDims(tensor, [channels, 1, 1]), type);
  };
  const y = g.add(g.multiply(back, perChannel("weight")), perChannel("bias"));
  return isWidened ? g.toCompute(y) : y;
}

/** PyTorch's default, which no config of a diffusion model changes. */
const LAYER_NORM_EPSILON = 1e-5;

/**
 * Normalizes each row over its last dimension, then scales and shifts it.
 * Ba, Kiros and Hinton, "Layer Normalization", 2016 (arXiv:1607.06450).
 */
export function layerNorm(g: GraphBuilder, x: Value, name: string, width: number, epsilon = LAYER_NORM_EPSILON): Value {
  const inputs = [x, g.weight(`${name}.weight`, [width]), g.weight(`${name}.bias`, [width])];
  return g.op("LayerNormalization", inputs, { axis: -1, epsilon: { float: epsilon } });
}
