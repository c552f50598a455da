import { expect, test } from "vitest";
import { isWorthPacking } from "../../../../../companion-server/engine/child/graphs/packable-graph.ts";
import { convolution } from "../../../../../shared/networks/blocks/convolution.ts";
import { GraphBuilder, type GraphBuilderOptions } from "../../../../../shared/networks/graph/graph-builder.ts";
import { cpuProfile, inHalf } from "../../../../../shared/networks/graph/graph-profile.ts";
import type { StoredType, TensorRef } from "../../../../../shared/protocol/tensor-ref.ts";
import { TensorTable } from "../../../../../shared/weights/tensor-table.ts";

const SIZES: Readonly<Partial<Record<StoredType, number>>> = { F32: 4, F16: 2, I8: 1, U8: 1 };

function tensor(type: StoredType, ...dims: readonly number[]): TensorRef {
  const length = dims.reduce((product, size) => product * size, SIZES[type] ?? 4);
  return { file: "model.safetensors", type, dims, offset: 0, length };
}

function convolving(stored: StoredType, options: GraphBuilderOptions) {
  const g = new GraphBuilder(new TensorTable(new Map([["conv_in.weight", tensor(stored, 2, 3, 3, 3)]])), options);
  const x = g.floatInput("x", [1, 3, 8, 8]);
  g.floatOutput("y", convolution(g, x, "conv_in", { from: 3, to: 2 }), [1, 2, 8, 8]);
  return g.build();
}

const steps = { scale: tensor("F32"), zeroPoint: tensor("U8") };
const quantised = {
  bits: 8,
  blockSize: 32,
  layers: new Map(),
  convolutions: new Map([
    [
      "conv_in",
      {
        weight: tensor("I8", 2, 3, 3, 3),
        weightScales: tensor("F32", 2),
        bias: undefined,
        input: steps,
        output: steps,
      },
    ],
  ]),
} as const;

test.each([
  ["in single precision", "F32", {}, true],
  ["over weights of half", "F16", {}, true],
  ["in half precision", "F16", { profile: inHalf(cpuProfile) }, false],
  ["of whole numbers", "F32", { quantised }, false],
] as const)("convolutions %s are worth packing, or not", (_, stored, options, isWorth) => {
  expect(isWorthPacking(convolving(stored, options))).toBe(isWorth);
});
