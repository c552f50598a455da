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

/** `layerNorm` without scale and shift of its own: what follows has them from elsewhere. */
export function plainLayerNorm(g: GraphBuilder, x: Value, width: number, epsilon: number): Value {
  const ones = g.toCompute(g.floats(new Float32Array(width).fill(1), [width]));
  return g.op("LayerNormalization", [x, ones], { axis: -1, epsilon: { float: epsilon } });
}

/**
 * Divides each row by its root mean square, then scales it: y = γ · x / √(mean(x²) + ε).
 * Zhang and Sennrich, "Root Mean Square Layer Normalization", 2019 (arXiv:1910.07467).
 */
export function rmsNorm(g: GraphBuilder, x: Value, name: string, width: number, epsilon: number): Value {
  const scale = g.weight(`${name}.weight`, [width]);
  if (g.profile.operators === "contrib")
    return g.op("SimplifiedLayerNormalization", [x, scale], { axis: -1, epsilon: { float: epsilon }, stash_type: 1 });
  const wide = g.profile.compute === "float32" ? x : g.cast(x, "float32"); // squares overflow half precision
  const meanSquare = g.op("ReduceMean", [g.multiply(wide, wide), g.ints(-1)], { keepdims: 1 });
  const root = g.op("Sqrt", [g.add(meanSquare, g.floats([epsilon], []))]);
  return g.multiply(g.toCompute(g.op("Div", [wide, root])), scale);
}
