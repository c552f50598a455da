import { expect, test } from "vitest";
import { GraphBuilder } from "../../../../shared/networks/graph/graph-builder.ts";
import { cpuProfile } from "../../../../shared/networks/graph/graph-profile.ts";
import { encodeOnnx } from "../../../../shared/networks/graph/onnx-writer.ts";
import {
  rowsOf,
  type StoredType,
  type TensorRef,
  type WeightSource,
  withDims,
} from "../../../../shared/protocol/tensor-ref.ts";

const FAR = 6 * 2 ** 30 + 1;

function matrix(type: StoredType): TensorRef {
  return { file: "far.safetensors", type, dims: [4, 8], offset: FAR, length: 128 };
}

function weights(type: StoredType): WeightSource {
  return { find: (name) => (name === "proj" ? matrix(type) : undefined), names: () => ["proj"] };
}

test("the same operation on the same values is one node", () => {
  const g = new GraphBuilder(weights("F32"));
  const x = g.input("x", "float32", [1]);
  expect(g.add(x, g.number(2))).toBe(g.add(x, g.number(2)));
  expect(g.add(x, g.number(2))).not.toBe(g.add(x, g.number(3)));
  expect(g.build().nodes).toHaveLength(2);
});

test("a weight asked for twice is named once, and its views are weights of their own", () => {
  const g = new GraphBuilder(weights("F32"));
  expect(g.weight("proj", [4, 8])).toBe(g.weight("proj", [4, 8]));
  const half = g.weightAt("proj", rowsOf(g.tensor("proj", [4, 8]), { start: 2, count: 2 }));
  const flat = g.weightAt("proj", withDims(g.tensor("proj", [4, 8]), [32]));
  expect(new Set([g.weight("proj", [4, 8]), half, flat]).size).toBe(3);
  expect(new Set(g.build().initializers.map(({ name }) => name)).size).toBe(3);
});

test.each([
  ["F32", "float32", 0],
  ["F16", "float32", 1],
  ["BF16", "float32", 1],
  ["F16", "float16", 0],
  ["BF16", "float16", 1],
] as const)("weights of %s computed in %s are cast %i times", (type, compute, casts) => {
  const g = new GraphBuilder(weights(type), { profile: { ...cpuProfile, compute } });
  g.weight("proj", [4, 8]);
  expect(g.build().nodes).toHaveLength(casts);
});

test("offsets past 4 GiB are written whole, with the location the runtime is to read", () => {
  const g = new GraphBuilder(weights("F32"));
  g.floatOutput("y", g.weight("proj", [4, 8]), [4, 8]);
  const text = new TextDecoder("latin1").decode(encodeOnnx(g.build(), (file) => `models/${file}`));
  expect(text).toContain(String(FAR));
  expect(text).toContain("models/far.safetensors");
});
