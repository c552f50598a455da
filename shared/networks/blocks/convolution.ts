import { type TensorRef, withDims } from "../../protocol/tensor-ref.ts";
import type { GraphBuilder, Value } from "../graph/graph-builder.ts";
import { changedWeight } from "./changed-weight.ts";
import type { Widths } from "./linear.ts";
import { inputsOfLoras, lengthened } from "./lora-lengths.ts";

export interface ConvolutionOptions extends Widths {
  /** Height and width of its window; 3 unless given. */
  readonly kernel?: number;
  readonly stride?: number;
  /** Zeros added at the top, left, bottom and right; half the kernel unless given, so that stride 1 keeps the size. */
  readonly pads?: readonly [number, number, number, number];
}

/** [batch, from, height, width] to [batch, to, height / stride, width / stride]. */
export function convolution(g: GraphBuilder, x: Value, name: string, options: ConvolutionOptions): Value {
  const { from, to, kernel = 3, stride = 1 } = options;
  const half = kernel >> 1;
  const { pads = [half, half, half, half] } = options;
  const weight = g.tensor(`${name}.weight`, [to, from, kernel, kernel]);
  const attributes = { kernel_shape: [kernel, kernel], strides: [stride, stride], pads };
  const bias = g.has(`${name}.bias`) ? g.weight(`${name}.bias`, [weight.dims[0]]) : undefined;
  const change = g.changeOf(name);
  if (change.type === "steps") {
    const changed = changedWeight(g, name, weight, change.steps);
    return g.op("Conv", [x, changed, ...(bias === undefined ? [] : [bias])], attributes);
  }
  const loras = change.pairs;
  const isLengthened = loras.some(({ lengths }) => lengths?.of === "rows");
  const inputs = inputsOfLoras(g, x, loras, perChannel);
  const ownBias = bias === undefined || isLengthened ? [] : [bias]; // DoRA lengthens the product without it
  const ownInput = inputs[0] ?? x;
  const isAsTrained = loras.every(({ lengths }) => lengths === undefined); // ranges are those of what it takes and gives
  let y =
    (isAsTrained ? convolveQuantised(g, ownInput, name, attributes) : undefined) ??
    g.op("Conv", [ownInput, g.weightAt(`${name}.weight`, weight), ...ownBias], attributes);
  g.tellRange(name, "input", ownInput);
  g.tellRange(name, "output", y);

  // A convolution to `rank` channels, and a 1×1 convolution back: together the low-rank change of the kernel.
  for (const [index, { down, core, up, scale, lengths }] of loras.entries()) {
    const label = `${name}.lora.${index}`;
    const convolve = (map: Value, part: string, tensor: TensorRef, options: typeof attributes | typeof pointwise) =>
      g.op("Conv", [map, g.weightAt(`${label}.${part}`, asKernel(tensor))], options);
    const input = inputs[index] ?? x;
    const inner = core
      ? convolve(convolve(input, "down", down, pointwise), "core", core, attributes)
      : convolve(input, "down", down, attributes); // [batch, rank, …]
    y = g.add(y, g.multiply(convolve(inner, "up", up, pointwise), g.number(scale)));
    y = lengthened(g, y, lengths, perChannel);
  }
  return bias !== undefined && isLengthened ? g.add(y, g.op("Reshape", [bias, g.ints(-1, 1, 1)])) : y;
}

/**
 * A convolution in whole numbers, ONNX's QLinearConv: what comes in is rounded to 8 bits over a range that was seen before, so is
 * what goes out. Undefined where the layer is not quantised.
 *
 * Jacob et al., "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference", 2017
 * (arXiv:1712.05877), section 2.
 */
function convolveQuantised(
  g: GraphBuilder,
  x: Value,
  name: string,
  attributes: {
    readonly kernel_shape: readonly number[];
    readonly strides: readonly number[];
    readonly pads: readonly number[];
  },
): Value | undefined {
  const layer = g.quantised?.convolutions.get(name);
  if (layer === undefined) return undefined;
  const stored = (part: string, tensor: TensorRef) => g.storedWeight(`${name}.${part}`, tensor);
  const stepsOf = (of: "input" | "output") => [
    stored(`${of}.scale`, layer[of].scale),
    stored(`${of}.zero_point`, layer[of].zeroPoint),
  ];
  const [input, output] = [stepsOf("input"), stepsOf("output")];
  const weight = [stored("weight.int8", layer.weight), stored("weight.scales", layer.weightScales), g.int8(0)];
  const bias = layer.bias === undefined ? [] : [stored("bias.int32", layer.bias)];
  const codes = g.op("QuantizeLinear", [x, ...input]);
  const product = g.op("QLinearConv", [codes, ...input, ...weight, ...output, ...bias], attributes);
  return g.op("DequantizeLinear", [product, ...output]);
}

const pointwise = { kernel_shape: [1, 1] };

function perChannel(count: number): readonly number[] {
  return [count, 1, 1];
}

function asKernel(tensor: TensorRef): TensorRef {
  return tensor.dims.length === 2 ? withDims(tensor, [...tensor.dims, 1, 1]) : tensor;
}
