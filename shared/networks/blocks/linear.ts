import { type RowRange, rowsOf, type TensorRef, withDims } from "../../protocol/tensor-ref.ts";
import type { GraphBuilder, Value } from "../graph/graph-builder.ts";
import { inputsOfLoras, lengthened } from "./lora-lengths.ts";

/**
 * x·Wᵀ + b on rows: [rows, in] to [rows, out]. W lies in the checkpoint as PyTorch stores it, [out, in], and Gemm reads it
 * so, which spares a transposed copy. The bias is left out where the checkpoint has none.
 *
 * @param rows Outputs to compute, where a layer computes several things side by side; all unless given.
 */
export function linear(g: GraphBuilder, x: Value, name: string, rows?: RowRange): Value {
  const part = rows === undefined ? "" : `[${rows.start}:${rows.start + rows.count}]`;
  const cut = (tensor: ReturnType<GraphBuilder["tensor"]>) => (rows === undefined ? tensor : rowsOf(tensor, rows));
  const weight = cut(asMatrix(g.tensor(`${name}.weight`)));
  const bias = g.has(`${name}.bias`) ? g.weightAt(`${name}.bias${part}`, cut(g.tensor(`${name}.bias`))) : undefined;
  const loras = g.lorasOf(name);
  const isLengthened = loras.some(({ lengths }) => lengths?.of === "rows");
  const inputs = inputsOfLoras(g, x, loras, (count) => [count]);
  const ownBias = bias === undefined || isLengthened ? [] : [bias]; // DoRA lengthens the product without it
  const product = [inputs[0] ?? x, g.weightAt(`${name}.weight${part}`, weight), ...ownBias];
  let y = g.op("Gemm", product, { transB: weight.isTransposed ? 0 : 1 }); // [rows, out]

  for (const [index, { down, up, scale, lengths }] of loras.entries()) {
    const label = `${name}.lora.${index}`;
    const input = inputs[index] ?? x;
    const inner = g.op("Gemm", [input, g.weightAt(`${label}.down`, asMatrix(down))], { transB: 1 }); // [rows, rank]
    const outer = g.weightAt(`${label}.up${part}`, cut(asMatrix(up)));
    y = g.op("Gemm", [inner, outer, y], { transB: 1, alpha: { float: scale } }); // y + scale · inner · upᵀ
    y = lengthened(g, y, lengths, (count) => [count], rows);
  }
  return bias !== undefined && isLengthened ? g.add(y, bias) : y;
}

/** A 1×1 convolution's [out, in, 1, 1] as the matrix [out, in] of the linear layer it is. */
function asMatrix(tensor: TensorRef): TensorRef {
  const [rows, columns] = tensor.dims;
  return tensor.dims.length === 4 ? withDims(tensor, [rows!, columns!]) : tensor; // four dimensions have a first and a second
}
