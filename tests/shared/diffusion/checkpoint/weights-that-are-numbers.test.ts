import { expect, test } from "vitest";
import { withCheckedWeights } from "../../../../shared/diffusion/checkpoint/weights-that-are-numbers.ts";
import type { ModelSession } from "../../../../shared/diffusion/model-session.ts";
import type { OnnxGraph } from "../../../../shared/networks/graph/onnx-graph.ts";
import type { StoredType } from "../../../../shared/protocol/tensor-ref.ts";

const bytesOf = (numbers: Float32Array | Uint16Array) => new Uint8Array(numbers.buffer);
const halves = {
  F16: { one: 0x3c00, nan: 0x7e00, infinite: 0xfc00 },
  BF16: { one: 0x3f80, nan: 0x7fc0, infinite: 0xff80 },
};

/** A graph of two weights, the second of which is `bytes`, at an odd place of a file; answers what it gives and what was read. */
function setUp(type: StoredType, bytes: Uint8Array, answered: number) {
  const start = 5;
  const content = new Uint8Array(start + 8 + bytes.length);
  content.set(bytes, start + 8);
  const tensor = (offset: number, length: number) => ({
    file: "@lora-0/model.safetensors",
    type,
    dims: [length],
    offset,
    length,
  });
  const graph: OnnxGraph = {
    opset: 18,
    nodes: [],
    inputs: [],
    outputs: [],
    initializers: [
      { kind: "external", name: "first.weight", tensor: tensor(start, 8) },
      { kind: "external", name: "second.weight", tensor: tensor(start + 8, bytes.length) },
    ],
  };
  const reads: number[] = [];
  const files = {
    readBytes: async (_: string, offset: number, length: number) => {
      reads.push(offset);
      return content.subarray(offset, offset + length);
    },
  };
  const y = { type: "float32", dims: [2], data: Float32Array.of(1, answered) } as const;
  const session: ModelSession = { inputs: [], outputs: [], run: async () => ({ y }), release: async () => {} };
  const checked = withCheckedWeights(session, graph, files);
  return { run: () => checked.run({}), reads };
}

test.each<readonly [StoredType, string, Uint8Array]>([
  ["F32", "NaN", bytesOf(Float32Array.of(1, Number.NaN))],
  ["F32", "an infinity", bytesOf(Float32Array.of(1, Number.NEGATIVE_INFINITY))],
  ...(["F16", "BF16"] as const).flatMap((type) => {
    const { one, nan, infinite } = halves[type];
    return [
      [type, "NaN", bytesOf(Uint16Array.of(one, nan))] as const,
      [type, "an infinity", bytesOf(Uint16Array.of(one, infinite))] as const,
    ];
  }),
])("names the weight of %s that holds %s, once an answer is no number", async (type, _, bytes) => {
  await expect(setUp(type, bytes, Number.NaN).run()).rejects.toMatchObject({
    code: "damaged-model",
    message: 'The weight "second.weight" in model.safetensors holds values that are no numbers (NaN or infinite).',
  });
});

test("names the weight at every run, and reads it once", async () => {
  const { run, reads } = setUp("F32", bytesOf(Float32Array.of(Number.NaN)), Number.NaN);
  for (const _ of ["first", "second"]) await expect(run()).rejects.toMatchObject({ code: "damaged-model" });
  expect(reads).toHaveLength(2); // each weight once
});

test("answers what is not the weights' fault, whatever it is", async () => {
  const { run } = setUp("F32", bytesOf(Float32Array.of(1, 3.4e38)), Number.NaN);
  expect((await run()).y?.data[1]).toBeNaN();
});

test("reads no weight while answers are numbers", async () => {
  const { run, reads } = setUp("F32", bytesOf(Float32Array.of(Number.NaN)), 2);
  await run();
  expect(reads).toEqual([]);
});
