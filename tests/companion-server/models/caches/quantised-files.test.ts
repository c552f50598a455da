import { readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { QuantisedFiles } from "../../../../companion-server/models/caches/quantised-files.ts";
import { DiskCheckpoint } from "../../../../companion-server/models/files/disk-checkpoint.ts";
import { planQuantisedFile } from "../../../../shared/weights/quantise/quantised-file.ts";
import { readSafetensorsHeader } from "../../../../shared/weights/safetensors/read-header.ts";
import { TensorTable } from "../../../../shared/weights/tensor-table.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";
import { safetensorsFile } from "../../../support/weight-files.ts";

const MODEL = "model.safetensors";
const modelOf = (value: number) =>
  safetensorsFile({ "proj.weight": { dims: [2, 32], values: new Float32Array(64).fill(value) } });
const noRanges = async () => new Map();

async function setUp(value = 1) {
  const folder = await temporaryFolder();
  const model = join(folder.path, MODEL);
  await writeFile(model, modelOf(value));
  const disk = new DiskCheckpoint({ folder: folder.path, file: MODEL });
  const quantisedWeights = join(folder.path, "quantised");
  const cache = new QuantisedFiles(quantisedWeights);
  const make = async () => {
    const weights = new TensorTable((await readSafetensorsHeader(disk, MODEL)).tensors);
    return await cache.make(planQuantisedFile(weights, "@quantised/unet.int8.safetensors", 8), disk, noRanges);
  };
  const kept = () => readdir(quantisedWeights);
  return { model, cache, make, kept, [Symbol.asyncDispose]: folder.remove };
}

test("a file is made once for a model as it is, and nothing else is left beside it", async () => {
  await using setup = await setUp();
  const path = await setup.make();
  const { mtimeMs, size } = await stat(path);
  expect(await setup.make()).toBe(path);
  expect((await stat(path)).mtimeMs).toBe(mtimeMs);
  expect(size).toBeGreaterThan(2 * 32);
  expect((await readdir(join(path, ".."))).sort()).toEqual(["entry.json", "weights.safetensors"]);
});

test("a file that is cut short is made again", async () => {
  await using setup = await setUp();
  const path = await setup.make();
  const { size } = await stat(path);
  await writeFile(path, "half");
  expect(await setup.make()).toBe(path);
  expect((await stat(path)).size).toBe(size);
});

test("of a model that was replaced, another file is made and the old one removed", async () => {
  await using setup = await setUp();
  const before = await setup.make();
  await writeFile(setup.model, modelOf(2));
  await utimes(setup.model, 1, 1);
  expect(await setup.make()).not.toBe(before);
  expect(await setup.kept()).toHaveLength(1);
});

test("what was made of a model goes with it", async () => {
  await using setup = await setUp();
  await setup.make();
  await setup.cache.sweep();
  expect(await setup.kept()).toHaveLength(1);
  await rm(setup.model);
  await setup.cache.sweep();
  expect(await setup.kept()).toEqual([]);
});

test("nothing is left of a file that could not be made", async () => {
  await using setup = await setUp(Number.NaN);
  await expect(setup.make()).rejects.toMatchObject({ code: "damaged-model" });
  expect(await setup.kept()).toEqual([]);
});

test("convolutions, which are measured in pictures, are made anew for what those are drawn with; linear layers are not", async () => {
  await using folder = await temporaryFolder();
  const values = new Float32Array(32 * 32 * 9).fill(0.5);
  await writeFile(join(folder.path, MODEL), safetensorsFile({ "block.conv.weight": { dims: [32, 32, 3, 3], values } }));
  const disk = new DiskCheckpoint({ folder: folder.path, file: MODEL });
  const weights = new TensorTable((await readSafetensorsHeader(disk, MODEL)).tensors);
  const measured: string[] = [];
  for (const drawnWith of ["epsilon", "v", "epsilon"])
    await new QuantisedFiles(join(folder.path, "quantised"), drawnWith).make(
      planQuantisedFile(weights, "@quantised/unet.int8.safetensors", 8, { convolutions: true }),
      disk,
      async () => {
        measured.push(drawnWith);
        return new Map([["block.conv", { input: [-1, 1], output: [-1, 1] }]]);
      },
    );
  expect(measured).toEqual(["epsilon", "v"]);
});
