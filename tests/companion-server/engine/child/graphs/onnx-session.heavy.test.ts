import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openOnnxSession } from "../../../../../companion-server/engine/child/graphs/onnx-session.ts";
import type { Tensor } from "../../../../../shared/diffusion/model-session.ts";
import { inRepository } from "../../../../support/repository.ts";
import { temporaryFolder } from "../../../../support/temporary-folder.ts";

/** onnx.helper: y = Identity(x), both of shape ["n"], opset 17, with the element type at byte 41 and 59. */
const IDENTITY = "CAg6OQoQCgF4EgF5IghJZGVudGl0eRIBZ1oQCgF4EgsKCQgBEgUKAxIBbmIQCgF5EgsKCQgBEgUKAxIBbkIECgAQEQ==";

/** The same graph for another element type of onnx.TensorProto. */
function identityOf(elementType: number): Uint8Array {
  const graph = Buffer.from(IDENTITY, "base64");
  for (let at = graph.indexOf("0801", 4, "hex"); at >= 0; at = graph.indexOf("0801", at + 1, "hex"))
    graph[at + 1] = elementType;
  return graph;
}

test.each<[number, Tensor]>([
  [1, { type: "float32", dims: [3], data: Float32Array.of(-1.5, 0, 2) }],
  [10, { type: "float16", dims: [3], data: Uint16Array.of(0x3c00, 0xbe00, 0x7bff) }],
  [7, { type: "int64", dims: [2], data: BigInt64Array.of(-1n, 2n ** 40n) }],
  [6, { type: "int32", dims: [2], data: Int32Array.of(-7, 7) }],
  [2, { type: "uint8", dims: [2], data: Uint8Array.of(0, 255) }],
  [9, { type: "bool", dims: [2], data: Uint8Array.of(0, 1) }],
])("takes and gives tensors of element type %i unchanged", async (elementType, x) => {
  const session = await openOnnxSession(identityOf(elementType), "cpu", "identity");
  expect(session.inputs).toEqual([{ name: "x", type: x.type, shape: ["n"] }]);
  const { y } = await session.run({ x });
  expect(y).toEqual(x);
  await session.release();
});

test("can be released twice, and refuses to run afterwards", async () => {
  const session = await openOnnxSession(identityOf(1), "cpu", "identity");
  await session.release();
  await session.release();
  const x = { type: "float32", dims: [1], data: Float32Array.of(1) } as const;
  await expect(session.run({ x })).rejects.toThrow();
});

test("names an operator that the processor has not, and does not call the file damaged", async () => {
  const graph = Buffer.from(identityOf(1));
  graph.write("Identitx", graph.indexOf("Identity"));
  await expect(openOnnxSession(graph, "cpu", "unet/model.onnx")).rejects.toMatchObject({
    code: "unsupported-model",
    message: "cpu has no operator Identitx, which unet/model.onnx uses.",
  });
});

/** onnx.helper: y = Add(x, w), both of shape [4], with w in the external file `../secret.bin`. */
const ESCAPING =
  "CAg6WwoOCgF4CgF3EgF5IgNBZGQSAWcqJAgEEAFCAXdqGQoIbG9jYXRpb24SDS4uL3NlY3JldC5iaW5wAVoPCgF4EgoKCAgBEgQKAggEYg8KAXkSCgoICAESBAoCCARCBAoAEBE=";

test("reads no weights from outside of the folder of the graph that names them", async () => {
  await using folder = await temporaryFolder();
  await mkdir(join(folder.path, "pack"));
  await writeFile(join(folder.path, "secret.bin"), Buffer.alloc(16));
  await writeFile(join(folder.path, "pack/model.onnx"), Buffer.from(ESCAPING, "base64"));
  await expect(openOnnxSession(join(folder.path, "pack/model.onnx"), "cpu", "model.onnx")).rejects.toMatchObject({
    code: "damaged-model",
    message: expect.stringContaining("External data path"),
  });
});

test("says that a graph with an element type of no use is unsupported", async () => {
  await expect(openOnnxSession(identityOf(11), "cpu", "identity")).rejects.toMatchObject({ code: "unsupported-model" });
});

test.each<[string, (whole: Buffer) => Uint8Array | string]>([
  ["cut in half", (whole) => whole.subarray(0, whole.length / 2)],
  ["empty", () => ""],
  ["a text", () => "version https://git-lfs.github.com/spec/v1"],
])("names a graph file that is %s", async (_name, damage) => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "model.onnx");
  await writeFile(path, damage(await readFile(inRepository("models/starter/vae_encoder/model.onnx"))));
  await expect(openOnnxSession(path, "cpu", "vae_encoder/model.onnx")).rejects.toMatchObject({
    code: "damaged-model",
    message: expect.stringMatching(/^The model's file vae_encoder\/model\.onnx cannot be loaded: [A-Z][^/]*\.$/),
  });
});

test("blames the device, not the file, when the device does not work", async () => {
  const foreign = process.platform === "win32" ? "coreml" : "dml";
  await expect(openOnnxSession(identityOf(1), foreign, "identity")).rejects.toMatchObject({
    code: "device-unavailable",
  });
});
