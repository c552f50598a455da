import { ABSENT, type GraphBuilder, type Value } from "../graph/graph-builder.ts";
import { asMatrix, type RowRange, rowsOf } from "../graph/tensor-view.ts";

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
  const bias = g.has(`${name}.bias`) ? g.weightAt(`${name}.bias${part}`, cut(g.tensor(`${name}.bias`))) : ABSENT;
  const inputs = [x, g.weightAt(`${name}.weight${part}`, weight), ...(bias === ABSENT ? [] : [bias])];
  let y = g.op("Gemm", inputs, { transB: weight.isTransposed ? 0 : 1 }); // [rows, out]

  for (const [index, { down, up, scale }] of g.lorasOf(name).entries()) {
    const label = `${name}.lora.${index}`;
    const inner = g.op("Gemm", [x, g.weightAt(`${label}.down`, asMatrix(down))], { transB: 1 }); // [rows, rank]
    const outer = g.weightAt(`${label}.up${part}`, cut(asMatrix(up)));
    y = g.op("Gemm", [inner, outer, y], { transB: 1, alpha: { float: scale } }); // y + scale · inner · upᵀ
  }
  return y;
}
