import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebPackFiles } from "../../../../plugin/engine-worker/models/web-pack-files.ts";
import type { ExternalWeights, OnnxRuntime } from "../../../../plugin/engine-worker/runtime/onnx-runtime.ts";
import { type StaticServer, serveFolders } from "../../../support/serve-folder.ts";
import { servedFiles } from "../../../support/served-files.ts";
import { type TemporaryFolder, temporaryFolder } from "../../../support/temporary-folder.ts";

/** An ONNX model whose only weight lies in a file of the given name. */
function graphWithWeightsIn(name: string): Uint8Array {
  const field = (number: number, body: readonly number[]) => [number * 8 + 2, body.length, ...body];
  const text = (value: string) => [...Buffer.from(value)];
  const entry = field(13, [...field(1, text("location")), ...field(2, text(name))]);
  return Uint8Array.from(field(7, field(5, entry)));
}

let folder: TemporaryFolder;
let plain: StaticServer;
let singlePage: StaticServer;

beforeAll(async () => {
  folder = await temporaryFolder();
  await mkdir(join(folder.path, "tiny/unet"), { recursive: true });
  await mkdir(join(folder.path, "lender/vae_decoder"), { recursive: true });
  await writeFile(join(folder.path, "lender/vae_decoder/model.onnx"), graphWithWeightsIn("model.onnx_data"));
  await writeFile(join(folder.path, "lender/vae_decoder/model.onnx_data"), "lent");
  const file = (path: string, content: string | Uint8Array) => writeFile(join(folder.path, "tiny", path), content);
  await file("model_index.json", `{"_class_name":"X"}`);
  await file("unet/model.onnx", graphWithWeightsIn("model.onnx_data"));
  await file("unet/model.onnx_data", "weights");
  await file("unet/outside.onnx", graphWithWeightsIn("../../secret"));
  await file("unet/lost.onnx", graphWithWeightsIn("gone.bin"));
  await file("unet/broken.onnx", "not a graph");
  const folders = { "/": folder.path };
  plain = await serveFolders({ folders });
  singlePage = await serveFolders({ folders, fallbackHtml: "<!doctype html><title>App</title>" });
});
afterAll(async () => {
  await plain.close();
  await singlePage.close();
  await folder.remove();
});

function packFiles(server: StaticServer) {
  const opened: { name: string; weights: readonly ExternalWeights[] }[] = [];
  const runtime: OnnxRuntime = {
    hasHalf: false,
    device: "wasm",
    threads: 1,
    provider: "none",
    openSession: async (name, _graph, weights) => {
      opened.push({ name, weights });
      return { inputs: [], outputs: [], run: async () => ({}), release: async () => {} };
    },
  };
  return { files: new WebPackFiles({ url: new URL("/tiny/", server.origin), runtime, files: servedFiles }), opened };
}

test("reads text, and answers undefined for what is not there", async () => {
  const { files } = packFiles(plain);
  expect(await files.readText("model_index.json")).toBe(`{"_class_name":"X"}`);
  expect(await files.readText("unet/config.json")).toBeUndefined();
});

test("does not mistake a start page for a file", async () => {
  const { files } = packFiles(singlePage);
  expect(await files.readText("unet/config.json")).toBeUndefined();
  await expect(files.openSession("vae_encoder/model.onnx")).rejects.toMatchObject({ code: "damaged-model" });
});

test("brings a graph's weights along", async () => {
  const { files, opened } = packFiles(plain);
  await files.openSession("unet/model.onnx");
  expect(opened).toHaveLength(1);
  expect(opened[0]?.weights.map(({ path, data }) => [path, Buffer.from(data).toString()])).toEqual([
    ["model.onnx_data", "weights"],
  ]);
});

test("reads a borrowed graph and its weights from the pack beside it", async () => {
  const { files, opened } = packFiles(plain);
  await files.openSession("../lender/vae_decoder/model.onnx");
  expect(opened[0]?.weights.map(({ data }) => Buffer.from(data).toString())).toEqual(["lent"]);
  expect(Object.keys(files.hashes)).toEqual([
    "../lender/vae_decoder/model.onnx",
    "../lender/vae_decoder/model.onnx_data",
  ]);
});

test.each([
  ["is missing", "vae_decoder/model.onnx", "vae_decoder/model.onnx is missing"],
  ["is no graph", "unet/broken.onnx", "unet/broken.onnx is damaged"],
  ["lacks its weights", "unet/lost.onnx", "unet/gone.bin is missing"],
  ["refers to files outside the pack", "unet/outside.onnx", "outside the model"],
])("names the file when a graph %s", async (_, path, message) => {
  const { files, opened } = packFiles(plain);
  await expect(files.openSession(path)).rejects.toMatchObject({
    code: "damaged-model",
    message: expect.stringContaining(message),
  });
  expect(opened).toEqual([]);
});

test("names the file when the server does not answer", async () => {
  const files = new WebPackFiles({
    url: new URL("http://127.0.0.1:9/tiny/"),
    runtime: { openSession: () => Promise.reject(new Error("not reached")) },
    files: { ...servedFiles, find: () => Promise.reject(new TypeError("Failed to fetch")) },
  });
  await expect(files.readText("model_index.json")).rejects.toMatchObject({
    code: "damaged-model",
    message: expect.stringContaining("model_index.json could not be fetched: Failed to fetch"),
  });
});

test("knows the hash of every file it has read", async () => {
  const { files } = packFiles(plain);
  await files.readText("model_index.json");
  await files.openSession("unet/model.onnx");
  expect(Object.keys(files.hashes)).toEqual(["model_index.json", "unet/model.onnx", "unet/model.onnx_data"]);
  expect(files.hashes["unet/model.onnx_data"]).toBe(createHash("sha256").update("weights").digest("hex"));
});
