import type { WeightStep } from "../../protocol/layer-change.ts";
import { type RowRange, rowsOf, type TensorRef, withDims } from "../../protocol/tensor-ref.ts";
import type { GraphBuilder, Value } from "../graph/graph-builder.ts";
import { changedWeight } from "./changed-weight.ts";
import { inputsOfLoras, lengthened } from "./lora-lengths.ts";

/** How many numbers a layer takes of each row, token or place, and how many it answers: undefined where only weights tell. */
export interface Widths {
  readonly from: number | undefined;
  readonly to: number | undefined;
}

/**
 * x·Wᵀ + b on rows: [rows, in] to [rows, out]. W lies in the checkpoint as PyTorch stores it, [out, in], and Gemm reads it
 * so, which spares a transposed copy. The bias is left out where the checkpoint has none.
 *
 * @param rows Outputs to compute, where a layer computes several things side by side; all unless given.
 */
export function linear(g: GraphBuilder, x: Value, name: string, { from, to }: Widths, rows?: RowRange): Value {
  const stored = g.tensor(`${name}.weight`, [to, from]);
  const change = g.changeOf(name);
  if (change.type === "steps") return overChanged(g, x, name, stored, change.steps, rows);
  const part = labelOf(rows);
  const cut = (tensor: TensorRef) => (rows === undefined ? tensor : rowsOf(tensor, rows));
  const weight = cut(stored);
  const bias = biasOf(g, name, outputsOf(stored), rows);
  const loras = change.pairs;
  const isLengthened = loras.some(({ lengths }) => lengths?.of === "rows");
  const inputs = inputsOfLoras(g, x, loras, (count) => [count]);
  const ownBias = bias === undefined || isLengthened ? [] : [bias]; // DoRA lengthens the product without it
  const ownInput = inputs[0] ?? x;
  let y =
    multiplyQuantised(g, ownInput, `${name}.weight`, ownBias, rows) ??
    g.op("Gemm", [ownInput, g.weightAt(`${name}.weight${part}`, weight), ...ownBias], {
      transB: weight.isTransposed ? 0 : 1,
    }); // [rows, out]

  for (const [index, { down, up, halves, scale, lengths }] of loras.entries()) {
    const label = `${name}.lora.${index}`;
    const input = inputs[index] ?? x;
    const inner = g.op("Gemm", [input, g.weightAt(`${label}.down`, asMatrix(down))], { transB: 1 }); // [rows, rank]
    const outer =
      halves === undefined ? g.weightAt(`${label}.up${part}`, cut(asMatrix(up))) : exchanged(g, label, up, rows);
    y = g.op("Gemm", [inner, outer, y], { transB: 1, alpha: { float: scale } }); // y + scale · inner · upᵀ
    y = lengthened(g, y, lengths, (count) => [count], rows);
  }
  return bias !== undefined && isLengthened ? g.add(y, bias) : y;
}

/**
 * x·Wᵀ + b with weights in 4 or 8 bits, widened as they are multiplied; undefined where the weight is not quantised.
 * com.microsoft's MatMulNBits: on a processor it also rounds x to 8 bits, block by block, which its products are fastest in.
 */
function multiplyQuantised(
  g: GraphBuilder,
  x: Value,
  name: string,
  [bias]: readonly Value[],
  rows: RowRange | undefined,
): Value | undefined {
  const layer = g.quantised?.layers.get(name);
  if (g.quantised === undefined || layer === undefined) return undefined;
  const { bits, blockSize } = g.quantised;
  const cut = (tensor: TensorRef) => (rows === undefined ? tensor : rowsOf(tensor, rows));
  const [packed, scales] = [cut(layer.packed), cut(layer.scales)];
  const [out = 0] = packed.dims;
  const [, columns = 0] = g.tensor(name, [undefined, undefined]).dims;
  const part = labelOf(rows);
  const product = g.contrib(
    "MatMulNBits",
    [x, g.storedWeight(`${name}${part}.packed`, packed), g.weightAt(`${name}${part}.scales`, scales)],
    { K: columns, N: out, bits, block_size: blockSize, accuracy_level: INT8_ACTIVATIONS },
  );
  return bias === undefined ? product : g.add(product, bias);
}

/** MatMulNBits' own number for it. */
const INT8_ACTIVATIONS = 4;

/** The layer over a weight that is changed first. */
function overChanged(
  g: GraphBuilder,
  x: Value,
  name: string,
  stored: TensorRef,
  steps: readonly WeightStep[],
  rows?: RowRange,
): Value {
  const whole = changedWeight(g, name, stored, steps); // [out, in]
  const weight = rows ? g.op("Slice", [whole, g.ints(rows.start), g.ints(rows.start + rows.count), g.ints(0)]) : whole;
  const bias = biasOf(g, name, outputsOf(stored), rows);
  return g.op("Gemm", [x, weight, ...(bias === undefined ? [] : [bias])], { transB: 1 });
}

function biasOf(g: GraphBuilder, name: string, outputs: number | undefined, rows?: RowRange): Value | undefined {
  if (!g.has(`${name}.bias`)) return undefined;
  const bias = g.tensor(`${name}.bias`, [outputs]);
  return g.weightAt(`${name}.bias${labelOf(rows)}`, rows ? rowsOf(bias, rows) : bias);
}

function outputsOf({ dims, isTransposed }: TensorRef): number | undefined {
  return dims[isTransposed ? 1 : 0];
}

function labelOf(rows?: RowRange): string {
  return rows ? `[${rows.start}:${rows.start + rows.count}]` : "";
}

/** A 1×1 convolution's [out, in, 1, 1] as the matrix [out, in] of the linear layer it is. */
function asMatrix(tensor: TensorRef): TensorRef {
  const [rows, columns] = tensor.dims;
  return tensor.dims.length === 4 ? withDims(tensor, [rows!, columns!]) : tensor; // four dimensions have a first and a second
}

/** Rows of a matrix whose halves stand the other way round. */
function exchanged(g: GraphBuilder, label: string, matrix: TensorRef, rows?: RowRange): Value {
  const half = (matrix.dims[0] ?? 0) / 2;
  const { start, count } = rows ?? { start: 0, count: 2 * half };
  const end = start + count;
  // What lies in the first half of the layer's rows, and what in the second.
  const stretches = [
    { start: start + half, count: Math.min(end, half) - start },
    { start: Math.max(start, half) - half, count: end - Math.max(start, half) },
  ];
  const found = stretches
    .filter((stretch) => stretch.count > 0)
    .map((stretch) => g.weightAt(`${label}.up${labelOf(stretch)}`, rowsOf(matrix, stretch)));
  return found.length === 1 ? found[0]! : g.concat(found, 0); // at least one row is asked for
}
