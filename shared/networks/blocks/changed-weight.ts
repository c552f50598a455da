import type { Factor, LineFactors, WeightStep } from "../../protocol/layer-change.ts";
import { type TensorRef, withDims } from "../../protocol/tensor-ref.ts";
import type { GraphBuilder, Value } from "../graph/graph-builder.ts";

// Changes of weights that cannot be computed beside them, as low-rank ones can, from the few numbers that files keep of them.
// Reference: LyCORIS, https://github.com/KohakuBlueleaf/LyCORIS; Yeh et al., "Navigating Text-To-Image Customization", 2023
// (arXiv:2309.14859).
//
//   LoHa     W + s · (A₁B₁) ∘ (A₂B₂)            Hyeon-Woo et al., "FedPara", 2021 (arXiv:2108.06098)
//   LoKr     W + s · C ⊗ D                      Edalati et al., "KronA", 2022 (arXiv:2212.10650)
//   OFT      diag(R₁, R₂, …) · W                Qiu et al., 2023 (arXiv:2306.07280)
//   (IA)³    W ∘ (1 + s · l)                    Liu et al., 2022 (arXiv:2205.05638)

/**
 * A layer's weight after all steps, in the dimensions [out, in, …kernel], in what the graph computes in. The steps themselves
 * are in single precision.
 */
export function changedWeight(g: GraphBuilder, name: string, stored: TensorRef, steps: readonly WeightStep[]): Value {
  const upright = stored.isTransposed ? [...stored.dims].reverse() : stored.dims;
  const [out = 0, inside = 0, ...kernel] = upright;
  const dims = [out, inside, product(kernel)] as const;
  let weight = reshaped(g, uprightMatrix(g, `${name}.weight`, stored), dims);
  for (const [index, step] of steps.entries()) weight = changed(g, `${name}.lora.${index}`, weight, dims, step);
  return g.toCompute(reshaped(g, weight, upright));
}

type Dims = readonly [out: number, inside: number, kernel: number];

function changed(g: GraphBuilder, label: string, weight: Value, dims: Dims, step: WeightStep): Value {
  const [out, , kernel] = dims;
  switch (step.type) {
    case "addition": {
      const isKronecker = step.product === "kronecker";
      const factors = step.factors.map((factor, index) =>
        // The first of Kronecker's has no kernel.
        factorValue(g, `${label}.${index}`, factor, isKronecker && index === 0 ? 1 : kernel),
      );
      const delta = isKronecker
        ? kronecker(g, factors)
        : factors.map(({ value }) => value).reduce((a, b) => g.multiply(a, b));
      const sum = g.add(weight, g.multiply(reshaped(g, delta, dims), g.floats([step.scale], [])));
      return step.magnitude ? lengthened(g, `${label}.magnitude`, sum, step.magnitude) : sum;
    }
    case "blocks": {
      const blocks = g.floats(step.blocks, [out / step.size, step.size, step.size]);
      const rows = reshaped(g, weight, [out / step.size, step.size, -1]);
      return reshaped(g, g.op("MatMul", [blocks, rows]), dims);
    }
    case "scaling": {
      const numbers = g.multiply(lines(g, `${label}.scaling`, step.by), g.floats([step.scale], []));
      return g.multiply(weight, g.add(numbers, g.floats([1], [])));
    }
    default:
      return step satisfies never;
  }
}

interface FactorValue {
  /** [rows, columns, kernel] */
  readonly value: Value;
  readonly dims: Dims;
}

function factorValue(g: GraphBuilder, label: string, factor: Factor, kernel: number): FactorValue {
  if (factor.type === "whole") {
    const [rows = 0, ...rest] = factor.tensor.dims;
    const dims = [rows, product(rest) / kernel, kernel] as const;
    return { value: g.weightAt(label, withDims(factor.tensor, dims), "float32"), dims };
  }
  const { inner, core } = factor;
  const stored = uprightMatrix(g, `${label}.outer`, asRows(factor.outer)); // [rows, rank]
  const rows = factor.outer.isTransposed ? product(factor.outer.dims.slice(1)) : (factor.outer.dims[0] ?? 0);
  const outer = factor.halves === undefined ? stored : halvesExchanged(g, stored, rows);
  const narrow = g.weightAt(`${label}.inner`, asRows(inner), "float32"); // [rank, columns · kernel]
  const width = product(inner.dims.slice(1));
  if (core === undefined) {
    const dims = [rows, width / kernel, kernel] as const;
    return { value: reshaped(g, g.op("MatMul", [outer, narrow]), dims), dims };
  }
  const [, innerRank = 0] = core.dims;
  const first = g.op("MatMul", [outer, g.weightAt(`${label}.core`, asRows(core), "float32")]); // [rows, inner's rank · kernel]
  const cells = g.op("Transpose", [reshaped(g, first, [rows, innerRank, kernel])], { perm: [0, 2, 1] });
  const second = g.op("MatMul", [reshaped(g, cells, [rows * kernel, innerRank]), narrow]); // [rows · kernel, columns]
  const value = g.op("Transpose", [reshaped(g, second, [rows, kernel, width])], { perm: [0, 2, 1] });
  return { value, dims: [rows, width, kernel] };
}

/** C ⊗ D: every number of C times the whole of D. [a, c, 1] and [b, d, kernel] make [a, b, c, d, kernel]. */
function kronecker(g: GraphBuilder, [first, second]: readonly FactorValue[]): Value {
  if (!first || !second) throw new RangeError("Kronecker's product is of two matrices.");
  const [a, c] = first.dims;
  const [b, d, kernel] = second.dims;
  return g.multiply(reshaped(g, first.value, [a, 1, c, 1, 1]), reshaped(g, second.value, [1, b, 1, d, kernel]));
}

/** Gives every row or column a length: Liu et al., "DoRA", 2024 (arXiv:2402.09353), formula (5). */
function lengthened(g: GraphBuilder, label: string, weight: Value, magnitude: LineFactors): Value {
  const axes = magnitude.of === "rows" ? g.ints(1, 2) : g.ints(0, 2);
  const norms = g.op("ReduceL2", [weight, axes], { keepdims: 1 });
  return g.multiply(weight, g.op("Div", [lines(g, label, magnitude), norms]));
}

/** Numbers for rows or columns where [out, in, kernel] can be multiplied by them. */
function lines(g: GraphBuilder, label: string, { tensor, of }: LineFactors): Value {
  const count = product(tensor.dims);
  return g.weightAt(label, withDims(tensor, of === "rows" ? [count, 1, 1] : [1, count, 1]), "float32");
}

/** A tensor in single precision, the other way round where it is stored so. */
function uprightMatrix(g: GraphBuilder, label: string, tensor: TensorRef): Value {
  const value = g.weightAt(label, tensor, "float32");
  return tensor.isTransposed ? g.op("Transpose", [value], { perm: [1, 0] }) : value;
}

/** [rows, …] as the matrix [rows, everything else]. */
function asRows(tensor: TensorRef): TensorRef {
  const [rows = 0, ...rest] = tensor.dims;
  return withDims(tensor, [rows, product(rest)]);
}

function reshaped(g: GraphBuilder, value: Value, dims: readonly number[]): Value {
  return g.op("Reshape", [value, g.ints(...dims)]);
}

function product(dims: readonly number[]): number {
  return dims.reduce((all, dim) => all * dim, 1);
}

function halvesExchanged(g: GraphBuilder, matrix: Value, rows: number): Value {
  const part = (start: number, end: number) => g.op("Slice", [matrix, g.ints(start), g.ints(end), g.ints(0)]);
  return g.concat([part(rows / 2, rows), part(0, rows / 2)], 0);
}
