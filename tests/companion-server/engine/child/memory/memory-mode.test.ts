import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { memoryBudget } from "../../../../../companion-server/engine/child/memory/memory-budget.ts";
import {
  drawingMemory,
  loadedWeights,
  memoryMode,
} from "../../../../../companion-server/engine/child/memory/memory-mode.ts";
import { inspectModelFiles } from "../../../../../companion-server/models/files/open-model-files.ts";
import { heldTogether } from "../../../../../shared/planning/memory/model-memory.ts";
import type { Device } from "../../../../../shared/protocol/api.ts";
import type { Precision } from "../../../../../shared/protocol/models/precision.ts";
import { inRepository } from "../../../../support/repository.ts";
import { temporaryFolder } from "../../../../support/temporary-folder.ts";

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

  test("is an equal part of it for each of several engines that draw on one memory", () => {
    expect(memoryBudget("cpu", { machineBytes: 16 * GIB, sharers: 2 })).toBe(4 * GIB);
    expect(memoryBudget("webgpu", { cardBytes: 24 * GIB, wanted: "6", sharers: 2 })).toBe(3 * GIB);
  });

  test.each(["much", "-1", "0", "Infinity"])("is not taken from %j", (wanted) => {
    expect(() => memoryBudget("cpu", { wanted })).toThrow("OVERPAINT_MEMORY");
  });
});

const weights = (gibibytes: Readonly<Record<string, number>>) =>
  new Map(Object.entries(gibibytes).map(([network, each]) => [network, each * GIB]));

describe("memoryMode", () => {
  test.each([
    ["a model within the budget stays loaded", { text_encoder: 1, unet: 6.5 }, "fast"],
    ["one that leaves no room for the program takes turns", { text_encoder: 1, unet: 6.6 }, "lean"],
  ] as const)("%s", (_, networks, mode) => {
    expect(memoryMode(weights(networks), 8 * GIB)).toBe(mode);
  });
});

describe("drawingMemory", () => {
  test.each([
    ["leaves what a model and the program do not take", { text_encoder: 1, unet: 4, vae: 0.5 }, "cpu", 2, false],
    ["gains from batches on cards", { text_encoder: 1, unet: 4, vae: 0.5 }, "webgpu", 2, true],
  ] as const)("%s", (_, networks, device, left, gainsFromBatches) => {
    expect(drawingMemory(weights(networks), device, 8 * GIB)).toEqual({ budget: left * GIB, gainsFromBatches });
  });

  test("of networks in turn tells what each turn holds", () => {
    const networks = weights({ text_encoder: 5, text_encoder_2: 2, unet: 6, control_net_0: 1, vae: 0.5 });
    expect(drawingMemory(networks, "cpu", 8 * GIB)).toEqual({
      budget: 7.5 * GIB,
      turns: { reading: 5 * GIB, denoising: 7 * GIB, coding: 0.5 * GIB },
      gainsFromBatches: false,
    });
  });
});

describe("loadedWeights", () => {
  test.each([
    // What a processor reads of a graph it lays out anew, and what lies beside one it maps.
    ["cpu", 4 * 10 + 1.5 * 100],
    ["webgpu", 10 + 100],
  ] as const)("counts a network's graph and its external weights on %s, and nothing else", async (device, taken) => {
    await using temporary = await temporaryFolder();
    const folder = temporary.path;
    await mkdir(join(folder, "unet"));
    await writeFile(join(folder, "unet/model.onnx"), new Uint8Array(10));
    await writeFile(join(folder, "unet/model.onnx_data"), new Uint8Array(100));
    await writeFile(join(folder, "unet/config.json"), "{}");
    await writeFile(join(folder, "README.md"), "a pack");
    const files = { builtComponents: new Map(), weightFiles: [] };
    expect(await loadedWeights({ folder }, { files, precision: undefined, device })).toEqual(
      new Map([["unet", taken]]),
    );
  });

  // The fixture's weights are of 32 bits.
  const places = { folder: inRepository("tests/fixtures/checkpoints/base") };
  const taken = async (precision: Precision, device: Device) =>
    await loadedWeights(places, { files: await inspectModelFiles(places), precision, device });

  test("counts a checkpoint as it is computed with: autoencoders in single precision, the others as asked", async () => {
    const [fp32, fp16] = [await taken("fp32", "webgpu"), await taken("fp16", "webgpu")];
    expect([...fp32.keys()].sort()).toEqual(["text_encoder", "unet", "vae"]);
    for (const network of ["unet", "text_encoder"]) expect(fp16.get(network)).toBe((fp32.get(network) ?? 0) / 2);
    expect(fp16.get("vae")).toBe(fp32.get("vae"));
  });

  test("counts what is rounded as less, convolutions on processors alone, and the autoencoder as it is", async () => {
    const total = async (precision: Precision, device: Device) => heldTogether(await taken(precision, device));
    expect(await total("int8", "cuda")).toBeLessThan(await total("fp32", "cuda"));
    expect(await total("int4", "cuda")).toBeLessThan(await total("int8", "cuda"));
    // What is mapped on a processor counts a tenth more.
    expect((await taken("int8", "cpu")).get("unet")! / 1.1).toBeLessThan((await taken("int8", "cuda")).get("unet")!);
    expect((await taken("int8", "cuda")).get("vae")).toBe((await taken("fp32", "cuda")).get("vae"));
  });
});
