import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { memoryBudget } from "../../../companion-server/engine/child/memory-budget.ts";
import { drawingMemory, graphBytes, memoryMode } from "../../../companion-server/engine/child/memory-mode.ts";
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

test.each([
  ["fp16", "webgpu", "fast"],
  ["fp32", "webgpu", "lean"],
  ["fp32", "cpu", "fast"], // mapped
  ["int8", "webgpu", "fast"],
] as const)("a checkpoint of 5 GB computed in %s on %s is loaded %s", (precision, device, mode) => {
  expect(memoryMode({ inside: 0, beside: 0, mapped: 5 * GIB, precision }, device, 8 * GIB)).toBe(mode);
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
});

test.each([
  ["fp16", "lean"],
  ["int8", "lean"],
  ["int4", "fast"],
] as const)("a checkpoint of 16 GB counts what it takes in %s", (precision, mode) => {
  const graphs = { inside: 0, beside: 0, mapped: 16 * GIB, precision };
  expect(memoryMode(graphs, "webgpu", 8 * GIB)).toBe(mode);
});
