import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { convolution } from "../../../../shared/networks/blocks/convolution.ts";
import { GraphBuilder } from "../../../../shared/networks/graph/graph-builder.ts";
import {
  affineSteps,
  quantiseConvolution,
  type Range,
} from "../../../../shared/weights/quantise/quantise-convolution.ts";
import { planQuantisedFile, writeQuantisedFile } from "../../../../shared/weights/quantise/quantised-file.ts";
import { readSafetensorsHeader } from "../../../../shared/weights/safetensors/read-header.ts";
import { TensorTable } from "../../../../shared/weights/tensor-table.ts";
import { type FixtureRange, readFixture } from "../../../support/fixture-file.ts";
import { largestDifference } from "../../../support/largest-difference.ts";
import { runGraph } from "../../../support/run-graph.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";
import { MemoryFiles, safetensorsFile } from "../../../support/weight-files.ts";

const { content, floats, bytes } = readFixture<{
  readonly convolution: Readonly<
    Record<"input" | "weight" | "bias" | "exact" | "codes" | "scales" | "answer", FixtureRange>
  > & { readonly inputRange: Range; readonly outputRange: Range; readonly outputScale: number };
}>("quantised/blocks");
const { convolution: it } = content;
const OUTPUTS = 3;
const ranges = { input: it.inputRange, output: it.outputRange };
const INPUT = [1, 4, 6, 5];

test("rounds a convolution's weights as PyTorch does, each output with a scale of its own", () => {
  const quantised = quantiseConvolution(floats(it.weight), OUTPUTS, floats(it.bias), ranges);
  expect(quantised?.weight).toEqual(Int8Array.from(bytes(it.codes)));
  expect(quantised?.weightScales).toEqual(floats(it.scales));
});

test("steps span a range and hold zero exactly", () => {
  expect(affineSteps([-1, 1.55])).toEqual({ scale: Math.fround(0.01), zeroPoint: 100 });
  expect(affineSteps([2, 5.1]).zeroPoint).toBe(0); // begins at zero, which is padded with
  expect(affineSteps([-5.1, -2]).zeroPoint).toBe(255);
  expect(affineSteps([0, 0])).toEqual({ scale: 1, zeroPoint: 0 }); // nothing was seen but zeros
});

test("a bias far above its output's weights stays what it is, at the weights' expense", () => {
  const quantised = quantiseConvolution(Float32Array.of(1e-12, -1e-12), 1, Float32Array.of(3), ranges);
  const scale = (quantised?.weightScales[0] ?? 0) * (quantised?.input.scale ?? 0);
  expect((quantised?.bias?.[0] ?? 0) * scale).toBeCloseTo(3, 6);
});

test.each([
  ["a weight", Float32Array.of(1, Number.NaN), Float32Array.of(0), ranges],
  ["a weight", Float32Array.of(1, Number.POSITIVE_INFINITY), Float32Array.of(0), ranges],
  ["a bias", Float32Array.of(1, 2), Float32Array.of(Number.NaN), ranges],
  ["a range", Float32Array.of(1, 2), Float32Array.of(0), { ...ranges, input: [Number.NaN, 1] as Range }],
])("answers nothing where %s is no number", (_what, weights, bias, seen) => {
  expect(quantiseConvolution(weights, 1, bias, seen)).toBeUndefined();
});

test("a layer of whole numbers answers what PyTorch's does, and a graph that tells ranges tells those it has", async () => {
  await using folder = await temporaryFolder();
  const model = safetensorsFile({
    "block.conv.weight": { dims: [OUTPUTS, 4, 3, 3], values: floats(it.weight) },
    "block.conv.bias": { dims: [OUTPUTS], values: floats(it.bias) },
    "conv_in.weight": { dims: [1, 1, 3, 3], values: new Float32Array(9) },
  });
  const files = new MemoryFiles({ model });
  const weights = new TensorTable((await readSafetensorsHeader(files, "model")).tensors);
  const plan = planQuantisedFile(weights, "quantised", 8, { convolutions: true });
  expect([...plan.convolutions.keys()]).toEqual(["block.conv"]);
  const quantised = new Uint8Array(plan.size);
  const write = async (piece: Uint8Array, offset: number) => quantised.set(piece, offset);
  await writeQuantisedFile(plan, files, write, new Map([["block.conv", ranges]]));
  const { tensors } = await readSafetensorsHeader(new MemoryFiles({ quantised }), "quantised");
  expect(tensors.get("block.conv.weight.int8")).toEqual(plan.convolutions.get("block.conv")?.weight);
  await writeFile(join(folder.path, "model"), model);
  await writeFile(join(folder.path, "quantised"), quantised);

  const answerOf = async (options: ConstructorParameters<typeof GraphBuilder>[1]) => {
    const g = new GraphBuilder(weights, options);
    g.floatOutput("y", convolution(g, g.floatInput("x", INPUT), "block.conv", { from: INPUT[1], to: OUTPUTS }), [
      1,
      OUTPUTS,
      6,
      5,
    ]);
    const graph = g.build();
    const initializers = graph.initializers.map((each) =>
      each.kind === "inline"
        ? each
        : { ...each, tensor: { ...each.tensor, file: join(folder.path, each.tensor.file) } },
    );
    return await runGraph({ ...graph, initializers }, { x: { dims: INPUT, data: floats(it.input) } });
  };

  const rounded = (await answerOf({ quantised: plan })).get("y")!.data; // the graph has it
  // Sums that lie between two steps may be rounded to either.
  expect(largestDifference(rounded, floats(it.answer))).toBeLessThan(1.01 * it.outputScale);
  expect(rounded.filter((value, i) => Math.abs(value - floats(it.answer)[i]!) > 1e-5).length).toBeLessThan(3); // as long as each other

  const told = await answerOf({ tellsRanges: true });
  expect(largestDifference(told.get("y")!.data, floats(it.exact))).toBeLessThan(1e-5); // the graph has it
  for (const [of, range] of Object.entries(ranges)) {
    const seen = told.get(`range of the ${of} of block.conv`)!.data; // it was asked for
    expect(largestDifference(seen, Float32Array.from(range))).toBeLessThan(1e-5);
  }
});
