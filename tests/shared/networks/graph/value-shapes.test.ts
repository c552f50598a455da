import { expect, test } from "vitest";
import { ABSENT, GraphBuilder, type Value } from "../../../../shared/networks/graph/graph-builder.ts";
import { valueShapes } from "../../../../shared/networks/graph/value-shapes.ts";
import type { TensorRef, WeightSource } from "../../../../shared/protocol/tensor-ref.ts";

const dims: Readonly<Record<string, readonly number[]>> = {
  same: [320, 4, 3, 3],
  halving: [320, 4, 3, 3],
  matrix: [8, 64],
  table: [49, 16],
};
const weights: WeightSource = {
  find: (name) => ({ file: "w", type: "F32", dims: dims[name] ?? [], offset: 0, length: 4 }) satisfies TensorRef,
  names: () => Object.keys(dims),
};

const around = [1, 1, 1, 1];

test.each<readonly [string, (g: GraphBuilder, x: Value) => Value, string | undefined]>([
  [
    "a convolution that keeps the size",
    (g, x) => g.op("Conv", [x, g.weight("same", [320, 4, 3, 3])], { pads: around, strides: [1, 1] }),
    "b×320×h×w",
  ],
  [
    "one that halves it",
    (g, x) => g.op("Conv", [x, g.weight("halving", [320, 4, 3, 3])], { pads: around, strides: [2, 2] }),
    "b×320×((h)+-1)/2+1×((w)+-1)/2+1",
  ],
  ["groups of channels", (g, x) => g.op("Reshape", [x, g.ints(0, 2, -1)]), "b×2×2 × h × w"],
  ["rows of a map", (g, x) => g.op("Reshape", [x, g.ints(-1, 4)]), "b × h × w×4"],
  [
    "a map to the shape of another",
    (g, x) => g.op("Reshape", [g.op("Reshape", [x, g.ints(-1)]), g.op("Shape", [x])]),
    "b×4×h×w",
  ],
  ["enlarged twice", (g, x) => g.op("Resize", [x, ABSENT, g.floats([1, 1, 2, 2], [4])]), "b×4×2 × h×2 × w"],
  ["channels last", (g, x) => g.op("Transpose", [x], { perm: [0, 2, 3, 1] }), "b×h×w×4"],
  ["maps side by side", (g, x) => g.concat([x, x], 1), "b×8×h×w"],
  ["a sum with a number for each channel", (g, x) => g.add(x, g.floats([1, 2, 3, 4], [4, 1, 1])), "b×4×h×w"],
  ["a sum of two free sizes", (g, x) => g.add(x, g.op("Transpose", [x], { perm: [0, 1, 3, 2] })), undefined],
  [
    "rows of words",
    (g) => g.op("Gather", [g.weight("table", [49, 16]), g.input("ids", "int64", ["b", 7])], { axis: 0 }),
    "b×7×16",
  ],
  ["an operator that is not known", (g, x) => g.op("Einsum", [x]), undefined],
])("tells the shape of %s", (_, make, expected) => {
  const g = new GraphBuilder(weights);
  const value = make(g, g.input("x", "float32", ["b", 4, "h", "w"]));
  g.floatOutput("y", value, []);
  const told = valueShapes(g.build()).find(({ name }) => name === value);
  expect(told?.shape.map((size) => String(size).replace(/ @0$/, "")).join("×")).toBe(expected);
});

test("tells nothing that has no free size: the runtime sees those itself", () => {
  const g = new GraphBuilder(weights);
  g.floatOutput(
    "y",
    g.op("Gemm", [g.input("x", "float32", [2, 64]), g.weight("matrix", [8, 64])], { transB: 1 }),
    [2, 8],
  );
  expect(valueShapes(g.build())).toEqual([]);
});

test("names hold among neighbours alone, so that memory is not kept from one end of a network to the other", () => {
  const g = new GraphBuilder(weights);
  const x = g.input("x", "float32", ["b", 4]);
  const chain = Array.from({ length: 100 }, (_, k) => k).reduce((value, k) => g.add(value, g.number(k)), x);
  g.floatOutput("y", chain, []);
  const names = valueShapes(g.build()).map(({ shape }) => shape[0]);
  expect(names[0]).toBe(names[1]);
  expect(names[0]).not.toBe(names.at(-1));
});
