import { mkdir, readdir, readFile, rm, symlink, truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { describeSource, ModelCache } from "../../../../companion-server/models/caches/model-cache.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

const BESIDE = "graph.bin";
const KEYS = ["0a", "0b", "0c"] as const;

/** A store beside a model of one file. */
async function setUp() {
  const folder = await temporaryFolder();
  onTestFinished(() => folder.remove());
  const model = join(folder.path, "model.safetensors");
  await writeFile(model, "weights");
  const place = join(folder.path, "packed");
  const store = new ModelCache(place, { file: "graph.onnx", about: z.object({ graph: z.string() }) });
  /** An entry of `bytes`, used at `second`. */
  const add = async (key: string, bytes: number, second: number): Promise<void> => {
    await store.add(key, { graph: "unet/model.onnx", sources: [await describeSource(model)] }, async (file) => {
      await writeFile(file, "");
      await writeFile(join(file, "..", BESIDE), new Uint8Array(bytes));
    });
    await utimes(join(place, key, "entry.json"), second, second);
  };
  const keys = async () => (await store.list()).map(({ key }) => key);
  return { store, add, keys, model, place };
}

test("finds what was added, and nothing that was not", async () => {
  const { store, add, place } = await setUp();
  await add("0a", 10, 1);
  expect(await store.find("0a")).toBe(join(place, "0a", "graph.onnx"));
  expect(await store.find("0b")).toBeUndefined();
  expect(await store.find("..")).toBeUndefined();
});

test.skipIf(process.platform === "win32")("tells which graphs are a model's, also by a link to its file", async () => {
  const { store, add, model } = await setUp();
  await add("0a", 10, 1);
  const link = join(model, "..", "link.safetensors");
  await symlink(model, link);
  expect((await store.listOf([link])).map(({ graph }) => graph)).toEqual(["unet/model.onnx"]);
  expect(await store.listOf([join(model, "..", "other.safetensors")])).toEqual([]);
});

test("leaves nothing of an entry that could not be written", async () => {
  const { store, place } = await setUp();
  const facts = { graph: "unet/model.onnx", sources: [] };
  const write = async (file: string) => {
    await writeFile(file, "half");
    throw new Error("no space left");
  };
  await expect(store.add("0a", facts, write)).rejects.toThrow("no space left");
  expect(await readdir(place)).toEqual([]);
});

test("neither finds nor keeps what a process that was killed left half written", async () => {
  const { store, add, keys, place } = await setUp();
  await add("0a", 10, 1);
  await add("0b", 10, 2);
  await truncate(join(place, "0b", BESIDE), 5);
  await mkdir(join(place, "0c.999999999.unfinished"));
  await mkdir(join(place, `0c.${process.pid}.unfinished`));
  expect(await store.find("0b")).toBeUndefined();
  await store.sweep();
  expect(await keys()).toEqual(["0a"]);
  expect((await readdir(place)).sort()).toEqual(["0a", `0c.${process.pid}.unfinished`]);
});

test.each<readonly [string, (model: string) => Promise<void>]>([
  ["is gone", (model) => rm(model)],
  ["was changed", (model) => writeFile(model, "other weights")],
])("goes with a model that %s", async (_, change) => {
  const { store, add, keys, model } = await setUp();
  await add("0a", 10, 1);
  await store.sweep();
  expect(await keys()).toEqual(["0a"]);
  await change(model);
  await store.sweep();
  expect(await keys()).toEqual([]);
});

test.each([
  { bytes: 30, limit: 100, isRoom: true, left: ["0a", "0b", "0c"] },
  { bytes: 50, limit: 100, isRoom: true, left: ["0b", "0c"] },
  { bytes: 75, limit: 100, isRoom: true, left: ["0c"] },
  { bytes: 101, limit: 100, isRoom: false, left: ["0a", "0b", "0c"] },
  { bytes: 1, limit: 0, isRoom: false, left: ["0a", "0b", "0c"] },
])(
  "makes room for $bytes of $limit bytes by removing what was used least recently",
  async ({ bytes, limit, isRoom, left }) => {
    const { store, add, keys } = await setUp();
    for (const [index, key] of KEYS.entries()) await add(key, 20, index + 1);
    expect(await store.makeRoom(bytes, limit)).toBe(isRoom);
    expect(await keys()).toEqual(left);
  },
);

test.each([
  { bytes: 50, isRoom: true, left: ["0a", "0c"] },
  { bytes: 75, isRoom: false, left: ["0a", "0b", "0c"] },
])("removes nothing that is to be kept, to make room for $bytes of 100 bytes", async ({ bytes, isRoom, left }) => {
  const { store, add, keys } = await setUp();
  for (const [index, key] of KEYS.entries()) await add(key, 20, index + 1);
  expect(await store.makeRoom(bytes, 100, new Set(["0a", "0c"]))).toBe(isRoom);
  expect(await keys()).toEqual(left);
});

test("what is found counts as used", async () => {
  const { store, add, keys } = await setUp();
  for (const [index, key] of KEYS.entries()) await add(key, 20, index + 1);
  await store.find("0a");
  expect(await keys()).toEqual(["0b", "0c", "0a"]);
});

test("leaves an entry that another process wrote first, and may have open", async () => {
  const { store, add, place } = await setUp();
  await add("0a", 10, 1);
  const facts = { graph: "unet/model.onnx", sources: [] };
  expect(await store.add("0a", facts, (file) => writeFile(file, "the same, later"))).toBe(join(place, "0a/graph.onnx"));
  expect(await readFile(join(place, "0a/graph.onnx"), "utf8")).toBe("");
  expect(await readdir(place)).toEqual(["0a"]);
});
