import { type TensorRef, withDims } from "../../protocol/tensor-ref.ts";
import type { GraphBuilder, Value } from "../graph/graph-builder.ts";
import { changedWeight } from "./changed-weight.ts";
import { inputsOfLoras, lengthened } from "./lora-lengths.ts";

export interface ConvolutionOptions {
  readonly stride?: number;
  /** Zeros added at the top, left, bottom and right; half the kernel unless given, so that stride 1 keeps the size. */
  readonly pads?: readonly [number, number, number, number];
}

/** [batch, in, height, width] to [batch, out, height / stride, width / stride], with whatever kernel the checkpoint has. */
export function convolution(g: GraphBuilder, x: Value, name: string, options: ConvolutionOptions = {}): Value {
  const stored = g.tensor(`${name}.weight`); // [out, in, kernel, kernel]
  const weight = asKernel(stored);
  const kernel = weight.dims[2]!; // it has four dimensions
  const half = kernel >> 1;
  const { stride = 1, pads = [half, half, half, half] } = options;
  const attributes = { kernel_shape: [kernel, kernel], strides: [stride, stride], pads };
  const bias = g.has(`${name}.bias`) ? g.weight(`${name}.bias`) : undefined;
  const change = g.changeOf(name);
  if (change.type === "steps") {
    const changed = changedWeight(g, name, weight, change.steps);
    return g.op("Conv", [x, changed, ...(bias === undefined ? [] : [bias])], attributes);
  }
  const loras = change.pairs;
  const isLengthened = loras.some(({ lengths }) => lengths?.of === "rows");
  const inputs = inputsOfLoras(g, x, loras, perChannel);
  const ownBias = bias === undefined || isLengthened ? [] : [bias]; // DoRA lengthens the product without it
  let y = g.op("Conv", [inputs[0] ?? x, g.weightAt(`${name}.weight`, weight), ...ownBias], attributes);

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

const pointwise = { kernel_shape: [1, 1] };

function perChannel(count: number): readonly number[] {
  return [count, 1, 1];
}

function asKernel(tensor: TensorRef): TensorRef {
  return tensor.dims.length === 2 ? withDims(tensor, [...tensor.dims, 1, 1]) : tensor;
}
