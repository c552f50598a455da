import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { memoryBudget } from "../../../companion-server/engine/child/memory-budget.ts";
import { drawingMemory, graphBytes, memoryMode } from "../../../companion-server/engine/child/memory-mode.ts";
import { inspectModelFiles } from "../../../companion-server/models/files/open-model-files.ts";
import { inRepository } from "../../support/repository.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const GIB = 1024 ** 3;

describe("memoryBudget", () => {
  test.each([
    ["half of the machine for the processor", "cpu", 16, undefined, 8],
    ["the same of a card, whatever the machine has", "cuda", 128, undefined, 4],
    ["what is wished, in GB", "cpu", 16, "2.5", 2.5],
    ["the same with an empty wish", "cpu", 16, "", 8],
  ] as const)("is %s", (_, device, machine, wanted, gigabytes) => {
    expect(memoryBudget(device, { machineBytes: machine * GIB, wanted })).toBe(gigabytes * GIB);
  });

  test("is three quarters of a card whose memory is known, and the owner's word goes before it", () => {
    expect(memoryBudget("cuda", { cardBytes: 24 * GIB })).toBe(18 * GIB);
    expect(memoryBudget("cuda", { cardBytes: 24 * GIB, wanted: "6" })).toBe(6 * GIB);
  });

  test.each(["much", "-1", "0", "Infinity"])("is not taken from %j", (wanted) => {
    expect(() => memoryBudget("cpu", { wanted })).toThrow("OVERPAINT_MEMORY");
  });
});

describe("memoryMode", () => {
  test.each([
    ["a pack within a card's budget stays loaded", 1, 6, "webgpu", "fast"],
    ["a pack beyond it takes turns", 1, 8, "webgpu", "lean"],
    ["what a processor loads of a pack counts, not its files: within the budget", 1, 2, "cpu", "fast"],
    ["beyond it, though its files are within", 1, 3, "cpu", "lean"],
  ] as const)("%s", (_, inside, beside, device, mode) => {
    expect(memoryMode({ inside: inside * GIB, beside: beside * GIB, mapped: 0 }, device, 8 * GIB)).toBe(mode);
  });
});

describe("drawingMemory", () => {
  test.each([
    ["leaves what four times the weights inside graphs do not take of a processor's", 1, 0, "cpu", 4, false],
    ["leaves what one and a half times the weights beside graphs do not take of it", 0, 4, "cpu", 2, false],
    ["leaves on a card what the files do not take, for batches too", 1, 2, "webgpu", 5, true],
    ["leaves nothing beside a pack that fills the device", 3, 0, "cpu", 0, false],
  ] as const)("%s", (_, inside, beside, device, left, gainsFromBatches) => {
    const graphs = { inside: inside * GIB, beside: beside * GIB, mapped: 0 };
    expect(drawingMemory(graphs, device, 8 * GIB)).toEqual({ budget: left * GIB, gainsFromBatches });
  });
});

describe("graphBytes", () => {
  test("counts graphs and their external weights, and nothing else", async () => {
    await using temporary = await temporaryFolder();
    const folder = temporary.path;
    await mkdir(join(folder, "unet"));
    await writeFile(join(folder, "unet/model.onnx"), new Uint8Array(10));
    await writeFile(join(folder, "unet/model.onnx_data"), new Uint8Array(100));
    await writeFile(join(folder, "unet/config.json"), "{}");
    await writeFile(join(folder, "README.md"), "a pack");
    expect(await graphBytes({ folder })).toEqual({ inside: 10, beside: 100, mapped: 0 });
  });

  // The fixture's weights are of 32 bits.
  test.each([
    ["fp32", "webgpu", (stored: number, taken: number) => taken === stored],
    ["fp16", "webgpu", (stored: number, taken: number) => taken > stored / 2 && taken < stored * 0.75],
    ["int8", "webgpu", (stored: number, taken: number) => taken < stored],
    ["int4", "webgpu", (stored: number, taken: number) => taken < stored],
    ["int8", "cpu", (stored: number, taken: number) => taken < stored],
    ["fp32", "cpu", (stored: number, taken: number) => taken === stored],
  ] as const)("counts a checkpoint as it is computed with in %s on %s", async (precision, device, isRight) => {
    const places = { folder: inRepository("tests/fixtures/checkpoints/base") };
    const files = await inspectModelFiles(places);
    const { mapped: stored } = await graphBytes(places);
    const { mapped } = await graphBytes(places, { files, precision, device });
    expect(isRight(stored, mapped), `${mapped} of ${stored}`).toBe(true);
  });

  test("counts what is rounded to four bits as less than what is to eight, and convolutions on processors alone", async () => {
    const places = { folder: inRepository("tests/fixtures/checkpoints/base") };
    const files = await inspectModelFiles(places);
    const bytes = async (precision: "int8" | "int4", device: "cpu" | "cuda") =>
      (await graphBytes(places, { files, precision, device })).mapped;
    expect(await bytes("int4", "cuda")).toBeLessThan(await bytes("int8", "cuda"));
    expect(await bytes("int8", "cpu")).toBeLessThan(await bytes("int8", "cuda"));
  });
});
