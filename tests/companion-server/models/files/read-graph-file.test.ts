import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readGraphFile } from "../../../../companion-server/models/files/read-graph-file.ts";
import { inRepository } from "../../../support/repository.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

const denoiser = inRepository("models/starter/unet/model.onnx");

test("reads names, types and shapes of a graph's inputs and outputs", async () => {
  const { inputs, outputs } = await readGraphFile(denoiser, "unet/model.onnx");
  expect(inputs).toMatchObject([
    { name: "sample", type: "float32", shape: [expect.any(String), 9, expect.any(String), expect.any(String)] },
    { name: "timestep" },
    { name: "encoder_hidden_states", type: "float32" },
  ]);
  expect(outputs.map(({ name }) => name)).toEqual(["out_sample"]);
});

async function damaged(change: (whole: Buffer) => Uint8Array | string) {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "model.onnx");
  await writeFile(path, change(await readFile(denoiser)));
  return await readGraphFile(path, "unet/model.onnx").catch((error) => error);
}

test.each<[string, (whole: Buffer) => Uint8Array | string]>([
  ["cut off at the end", (whole) => whole.subarray(0, whole.length - 1)],
  ["cut in half", (whole) => whole.subarray(0, whole.length / 2)],
  ["empty", () => ""],
  ["a text", () => "version https://git-lfs.github.com/spec/v1"],
  ["zeros", (whole) => new Uint8Array(whole.length)],
])("names a graph file that is %s", async (_name, change) => {
  expect(await damaged(change)).toMatchObject({
    code: "damaged-model",
    message: expect.stringContaining("unet/model.onnx"),
  });
});

test("names a graph file that is missing", async () => {
  await expect(readGraphFile("/nowhere/model.onnx", "unet/model.onnx")).rejects.toMatchObject({
    code: "damaged-model",
    message: "The model's file unet/model.onnx is missing.",
  });
});
