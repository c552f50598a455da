import type { GraphBuilder, Value } from "../graph/graph-builder.ts";
import { withDims } from "../graph/tensor-view.ts";

export interface ConvolutionOptions {
  readonly stride?: number;
  /** Zeros added at the top, left, bottom and right; half the kernel unless given, so that stride 1 keeps the size. */
  readonly pads?: readonly [number, number, number, number];
}

/** [batch, in, height, width] to [batch, out, height / stride, width / stride], with whatever kernel the checkpoint has. */
export function convolution(g: GraphBuilder, x: Value, name: string, options: ConvolutionOptions = {}): Value {
  const stored = g.tensor(`${name}.weight`); // [out, in, kernel, kernel]
  const weight = stored.dims.length === 2 ? withDims(stored, [...stored.dims, 1, 1]) : stored;
  const kernel = weight.dims[2]!; // it has four dimensions
  const half = kernel >> 1;
  const { stride = 1, pads = [half, half, half, half] } = options;
  const attributes = { kernel_shape: [kernel, kernel], strides: [stride, stride], pads };
  const bias = g.has(`${name}.bias`) ? [g.weight(`${name}.bias`)] : [];
  let y = g.op("Conv", [x, g.weightAt(`${name}.weight`, weight), ...bias], attributes);

  // A convolution to `rank` channels, and a 1×1 convolution back: together the low-rank change of the kernel.
  for (const [index, { down, up, scale }] of g.lorasOf(name).entries()) {
    const label = `${name}.lora.${index}`;
    const downKernel = down.dims.length === 2 ? withDims(down, [...down.dims, 1, 1]) : down;
    const upKernel = up.dims.length === 2 ? withDims(up, [...up.dims, 1, 1]) : up;
    const inner = g.op("Conv", [x, g.weightAt(`${label}.down`, downKernel)], attributes); // [batch, rank, …]
    const change = g.op("Conv", [inner, g.weightAt(`${label}.up`, upKernel)], { kernel_shape: [1, 1] });
    y = g.add(y, g.multiply(change, g.number(scale)));
  }
  return y;
}
