import { expect, test } from "vitest";
import { layOutSegments } from "../../../../plugin/engine-worker/models/weight-segments.ts";
import type { OnnxGraph } from "../../../../shared/networks/graph/onnx-graph.ts";
import type { TensorRef } from "../../../../shared/protocol/tensor-ref.ts";

const GIB = 1024 ** 3;

function graphOver(tensors: readonly Pick<TensorRef, "file" | "offset" | "length">[]): OnnxGraph {
  const initializers = tensors.map((tensor, i) => ({
    kind: "external" as const,
    name: `weight ${i}`,
    tensor: { ...tensor, type: "F32" as const, dims: [tensor.length / 4] },
  }));
  return { opset: 18, nodes: [], inputs: [], outputs: [], initializers };
}

test("hands neighbouring tensors over as one segment, with offsets in it", () => {
  const { segments, graph } = layOutSegments(
    graphOver([
      { file: "a", offset: 108, length: 40 },
      { file: "a", offset: 8, length: 100 },
    ]),
  );
  expect(segments).toEqual([{ name: "segment_0", file: "a", offset: 8, length: 140 }]);
  expect(graph.initializers).toMatchObject([
    { tensor: { file: "segment_0", offset: 100, length: 40 } },
    { tensor: { file: "segment_0", offset: 0, length: 100 } },
  ]);
});

test("makes no segment larger than the limit, wherever in a file it lies", () => {
  const { segments, graph } = layOutSegments(
    graphOver([0, 1, 2, 3, 4, 5].map((i) => ({ file: "a", offset: i * GIB, length: GIB }))),
  );
  expect(segments.every(({ length }) => length < 2 * GIB)).toBe(true);
  for (const each of graph.initializers)
    expect(each.kind === "external" && each.tensor.offset + each.tensor.length).toBeLessThan(2 * GIB);
});

test("leaves out what the graph does not name, and keeps files apart", () => {
  const { segments } = layOutSegments(
    graphOver([
      { file: "a", offset: 0, length: 40 },
      { file: "a", offset: 1_000_000, length: 40 },
      { file: "b", offset: 40, length: 40 },
    ]),
  );
  expect(segments.map(({ file, offset, length }) => [file, offset, length])).toEqual([
    ["a", 0, 40],
    ["a", 1_000_000, 40],
    ["b", 40, 40],
  ]);
});

test("finds a tensor inside of another one, as views are", () => {
  const { segments, graph } = layOutSegments(
    graphOver([
      { file: "a", offset: 0, length: 400 },
      { file: "a", offset: 100, length: 40 },
    ]),
  );
  expect(segments).toHaveLength(1);
  expect(graph.initializers[1]).toMatchObject({ tensor: { offset: 100 } });
});
