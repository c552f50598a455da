import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { graphBytes, memoryMode } from "../../../companion-server/engine/child/memory-mode.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const GIB = 1024 ** 3;

describe("memoryMode", () => {
  test.each([
    ["a small pack stays loaded", 1, "cpu", 16, "fast"],
    ["a pack beyond half of the machine takes turns", 9, "cpu", 16, "lean"],
    ["the same pack fits a larger machine", 9, "cpu", 32, "fast"],
    ["a large pack takes turns on a card, however much memory the machine has", 5, "cuda", 128, "lean"],
    ["a usual pack stays loaded on a card", 2, "webgpu", 8, "fast"],
  ] as const)("%s", (_, pack, device, machine, mode) => {
    expect(memoryMode(pack * GIB, device, machine * GIB)).toBe(mode);
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
    expect(await graphBytes(folder)).toBe(110);
  });
});
