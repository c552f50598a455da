import { appendFile, mkdir, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { listPackFiles, packFingerprint } from "../../../../companion-server/models/files/list-pack-files.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

test.each<[string, (file: string) => Promise<void>]>([
  ["grows", (file) => appendFile(file, "x")],
  ["is rewritten with the same size", (file) => utimes(file, 1_000, 2_000)],
  ["is removed", (file) => rm(file)],
  ["gets a neighbour", (file) => writeFile(`${file}_data`, "")],
])("changes when a file of the pack %s", async (_name, change) => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, "unet/model.onnx");
  await mkdir(join(folder.path, "unet"));
  await writeFile(file, "graph");
  const before = await packFingerprint({ folder: folder.path });
  expect(await packFingerprint({ folder: folder.path })).toBe(before);
  await change(file);
  expect(await packFingerprint({ folder: folder.path })).not.toBe(before);
});

test("has one for a folder that is gone", async () => {
  expect(await packFingerprint({ folder: "/nowhere/at/all" })).toBe("");
});

test("what a single file is drawn with includes the recommendations beside it, and nothing else that lies there", async () => {
  await using folder = await temporaryFolder();
  for (const name of ["a.safetensors", "overpaint.json", "b.safetensors", "b.overpaint.json"])
    await writeFile(join(folder.path, name), "{}");
  const names = async (file: string) => (await listPackFiles({ folder: folder.path, file })).map(({ name }) => name);
  expect(await names("a.safetensors")).toEqual(["a.safetensors", "overpaint.json"]);
  expect(await names("b.safetensors")).toEqual(["b.overpaint.json", "b.safetensors"]);
});
