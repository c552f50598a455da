import { expect, test } from "vitest";
import type { TensorRef } from "../../../../shared/protocol/tensor-ref.ts";
import { fitsWeight, moduleChange } from "../../../../shared/weights/lora/module-change.ts";
import type { Part } from "../../../../shared/weights/lora/module-parts.ts";

const LINEAR = [6, 4];
const CONVOLUTION = [6, 4, 3, 3];

function fits(parts: Readonly<Partial<Record<Part, readonly number[]>>>, weight: readonly number[]): boolean {
  const tensors = Object.entries(parts).map(([part, dims]): [string, TensorRef] => [
    part,
    { file: "lora", type: "F32", dims, offset: 0, length: 0 },
  ]);
  const change = moduleChange(Object.fromEntries(tensors), { alpha: undefined, isOnInput: false, usualScale: () => 1 });
  return change !== undefined && fitsWeight(change, weight);
}

const pair = { down: [2, 4], up: [6, 2] };
const convolved = { down: [2, 4, 3, 3], up: [6, 2, 1, 1] };

test.each([
  ["a pair of matrices", pair, LINEAR],
  ["a pair of convolutions", convolved, CONVOLUTION],
  ["a pair of convolutions of one cell on a matrix", { down: [2, 4, 1, 1], up: [6, 2, 1, 1] }, LINEAR],
  ["a core", { down: [2, 4, 1, 1], up: [6, 2, 1, 1], core: [2, 2, 3, 3] }, CONVOLUTION],
  ["lengths of rows", { ...pair, dora: [6, 1] }, LINEAR],
  ["lengths of columns", { ...convolved, dora: [1, 4, 1, 1] }, CONVOLUTION],
  ["Kronecker's factors", { lokr_w1: [2, 2], lokr_w2: [3, 2, 3, 3] }, CONVOLUTION],
  ["Kronecker's factors, flat", { lokr_w1: [2, 2], lokr_w2_a: [3, 2], lokr_w2_b: [2, 18] }, CONVOLUTION],
])("takes %s", (_, parts, weight) => {
  expect(fits(parts, weight)).toBe(true);
});

test.each([
  ["lengths of too few rows", { ...pair, dora: [5, 1] }, LINEAR],
  ["one length", { ...pair, dora: [1, 1] }, LINEAR],
  ["PEFT's lengths of too few rows", { ...pair, magnitude: [5] }, LINEAR],
  ["lengths of too many columns, of LoKr", { lokr_w1: [2, 2], lokr_w2: [3, 2], dora: [1, 5] }, LINEAR],
  ["no rank", { down: [0, 4], up: [6, 0] }, LINEAR],
  ["a convolution laid flat", { down: [2, 36], up: [6, 2] }, CONVOLUTION],
  ["kernels in both halves", { down: [2, 4, 3, 3], up: [6, 2, 3, 3] }, CONVOLUTION],
  ["a kernel in the small factor of Kronecker's", { lokr_w1: [2, 2, 3, 3], lokr_w2: [3, 2] }, CONVOLUTION],
])("refuses %s", (_, parts, weight) => {
  expect(fits(parts, weight)).toBe(false);
});
