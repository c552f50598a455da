import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { convolution } from "../../../shared/networks/blocks/convolution.ts";
import { linear } from "../../../shared/networks/blocks/linear.ts";
import { GraphBuilder } from "../../../shared/networks/graph/graph-builder.ts";
import type { OnnxGraph } from "../../../shared/networks/graph/onnx-graph.ts";
import type { TensorRef } from "../../../shared/protocol/tensor-ref.ts";
import type { CheckpointComponent, ComponentName } from "../../../shared/weights/checkpoint/checkpoint.ts";
import { loraChanges, type WeightedLora } from "../../../shared/weights/lora/lora-changes.ts";
import { mergeLora } from "../../../shared/weights/lora/merge-lora.ts";
import { openLora } from "../../../shared/weights/lora/open-lora.ts";
import { readValues } from "../../../shared/weights/read-values.ts";
import { TensorTable } from "../../../shared/weights/tensor-table.ts";
import { largestDifference } from "../../support/largest-difference.ts";
import { readSafetensors } from "../../support/read-safetensors.ts";
import { type GraphTensor, runGraph } from "../../support/run-graph.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { type MadeTensor, safetensorsFile } from "../../support/weight-files.ts";

const [OUT, IN, RANK] = [6, 4, 2];
let wave = 0;
/** Numbers without a pattern. */
function made(...dims: readonly number[]): MadeTensor {
  const values = Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(++wave + i * i));
  return { dims, values };
}

const layers = {
  "conv.weight": made(OUT, IN, 3, 3),
  "conv.bias": made(OUT),
  "linear.weight": made(OUT, IN),
  "linear.bias": made(OUT),
};
const ofConvolution = { "conv.lora_down.weight": made(RANK, IN, 3, 3), "conv.lora_up.weight": made(OUT, RANK, 1, 1) };
const ofLinear = { "linear.lora_down.weight": made(RANK, IN), "linear.lora_up.weight": made(OUT, RANK) };
const core = {
  "conv.lora_down.weight": made(RANK, IN, 1, 1),
  "conv.lora_mid.weight": made(RANK, RANK, 3, 3),
  "conv.lora_up.weight": made(OUT, RANK, 1, 1),
};
const rowsOfConvolution = { "conv.dora_scale": made(OUT, 1, 1, 1) };
const rows = { "conv.dora_scale": made(OUT, 1, 1, 1), "linear.dora_scale": made(OUT, 1) };
const columns = { "conv.dora_scale": made(1, IN, 1, 1), "linear.dora_scale": made(1, IN) };

const feeds = { map: feed(1, IN, 4, 4), features: feed(3, IN) };
function feed(...dims: readonly number[]): GraphTensor {
  return { dims, data: made(...dims).values ?? new Float32Array() };
}

const disk = {
  readText: async () => undefined,
  size: async (path: string) => (await stat(path)).size,
  readBytes: async (path: string, offset: number, length: number) =>
    Uint8Array.from((await readFile(path)).subarray(offset, offset + length)),
};

/** What both layers answer, changed by LoRAs, and what they answer over weights that were merged with them. */
async function bothWays(files: readonly Readonly<Record<string, MadeTensor>>[]) {
  await using folder = await temporaryFolder();
  const model = join(folder.path, "model.safetensors");
  await writeFile(model, safetensorsFile(layers));
  const weights = new TensorTable(readSafetensors(model));
  const components = new Map<ComponentName, CheckpointComponent>([["unet", { className: "", config: {}, weights }]]);
  const loras: WeightedLora[] = [];
  for (const [index, tensors] of files.entries()) {
    const path = join(folder.path, `${index}.safetensors`);
    await writeFile(path, safetensorsFile(tensors));
    loras.push({ lora: await openLora(disk, path, components), strength: 0.5 + index });
  }
  const changes = (await loraChanges(components, loras, disk)).get("unet");
  const byReference = await runGraph(layersGraph(new GraphBuilder(weights, { changes })), feeds);

  const merged = join(folder.path, "merged.safetensors");
  await writeFile(merged, safetensorsFile(await mergedLayers(loras)));
  const overMerged = await runGraph(layersGraph(new GraphBuilder(new TensorTable(readSafetensors(merged)))), feeds);
  return { byReference, overMerged };
}

async function mergedLayers(loras: readonly WeightedLora[]): Promise<Record<string, MadeTensor>> {
  const merged: Record<string, MadeTensor> = { ...layers };
  for (const { lora, strength } of loras)
    for (const { name, change } of lora.modules) {
      if (change.type !== "low-rank") throw new Error("these are LoRAs");
      const { down, up, core, scale, magnitude } = change;
      const { dims, values } = merged[`${name}.weight`]!; // LoRAs are opened for these layers
      const changed = Float32Array.from(values ?? []);
      const read = (tensor: TensorRef) => readValues(disk, tensor);
      const parts = { down: await read(down), up: await read(up), core: core && (await read(core)) };
      const lengths = magnitude && { of: magnitude.of, values: await read(magnitude.tensor) };
      mergeLora(changed, dims, { rank: down.dims[0] ?? 0, ...parts, scale, magnitude: lengths }, strength);
      merged[`${name}.weight`] = { dims, values: changed };
    }
  return merged;
}

/** A convolution, and a linear layer whole and in two parts. */
function layersGraph(g: GraphBuilder): OnnxGraph {
  const map = g.input("map", "float32", [1, IN, 4, 4]);
  const features = g.input("features", "float32", [3, IN]);
  const halves = [0, OUT / 2].map((start) =>
    linear(g, features, "linear", { from: IN, to: OUT }, { start, count: OUT / 2 }),
  );
  g.floatOutput("convolved", convolution(g, map, "conv", { from: IN, to: OUT, stride: 2 }), [1, OUT, 2, 2]);
  g.floatOutput("whole", linear(g, features, "linear", { from: IN, to: OUT }), [3, OUT]);
  g.floatOutput("halves", g.concat(halves, 1), [3, OUT]);
  return g.build();
}

const plain = { ...ofConvolution, ...ofLinear };
test.each([
  ["a LoRA", [plain]],
  ["two LoRAs", [plain, plain]],
  ["LoCon's core", [core]],
  ["DoRA's rows", [{ ...plain, ...rows }]],
  ["DoRA's columns", [{ ...plain, ...columns }]],
  [
    "DoRAs between LoRAs",
    [plain, { ...plain, ...rows }, { ...plain, ...columns }, plain, { ...core, ...rowsOfConvolution }],
  ],
])("%s by reference compute what merged weights compute", async (_, files) => {
  const { byReference, overMerged } = await bothWays(files);
  for (const [name, { data }] of overMerged)
    expect(largestDifference(byReference.get(name)?.data ?? [], data), name).toBeLessThan(1e-5);
});
