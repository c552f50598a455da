import { writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { PackedGraphs, packedLimit } from "../../../../companion-server/models/caches/packed-graphs.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

test("goes with the runtime and the processor it was packed for", async () => {
  await using folder = await temporaryFolder();
  const store = new PackedGraphs(folder.path);
  const facts = { graph: "unet/model.onnx", runtime: "runtime 1, processor a", sources: [] };
  await store.add("0a", facts, (file) => writeFile(file, "graph"));
  const keys = async () => (await store.list()).map(({ key }) => key);
  await store.sweepFor(undefined);
  await store.sweepFor("runtime 1, processor a");
  expect(await keys()).toEqual(["0a"]);
  await store.sweepFor("runtime 2, processor a");
  expect(await keys()).toEqual([]);
});

test.each([
  ["", 20],
  ["0", 0],
  ["1.5", 1.5],
])("OVERPAINT_PACKED %j allows %d GB", (text, gigabytes) => {
  expect(packedLimit(text)).toBe(gigabytes * 1024 ** 3);
});

test.each(["-1", "much", "Infinity"])("refuses OVERPAINT_PACKED %j", (text) => {
  expect(() => packedLimit(text)).toThrow(`OVERPAINT_PACKED is "${text}", which is no number of gigabytes.`);
});
