import * as onnx from "onnxruntime-web/wasm";
import { expect, test } from "vitest";
import { scaledDotProductAttention } from "../../../../shared/networks/blocks/attention.ts";
import { GraphBuilder } from "../../../../shared/networks/graph/graph-builder.ts";
import { wasmProfile } from "../../../../shared/networks/graph/graph-profile.ts";
import { encodeOnnx } from "../../../../shared/networks/graph/onnx-writer.ts";

test("computes on WASM the attention of an autoencoder over more places than 32 bits can reckon the work of", async () => {
  const [places, width] = [1_460, 512];
  expect(2 * width * places ** 2).toBeGreaterThan(2 ** 31);
  const g = new GraphBuilder({ find: () => undefined, names: () => [] }, { profile: wasmProfile });
  const of = (name: string) => g.floatInput(name, [1, places, width]);
  const projected = { query: of("query"), key: of("key"), value: of("value") };
  g.floatOutput("attended", scaledDotProductAttention(g, projected, { heads: 1, width }), [1, places, width]);
  onnx.env.wasm.numThreads = 1;
  const session = await onnx.InferenceSession.create(encodeOnnx(g.build(), String), { logSeverityLevel: 4 });
  const filled = (value: number) =>
    new onnx.Tensor("float32", new Float32Array(places * width).fill(value), [1, places, width]);
  const { attended } = await session.run({ query: filled(1), key: filled(1), value: filled(0.5) });
  await session.release();
  expect(attended?.data[0]).toBeCloseTo(0.5, 4);
});
