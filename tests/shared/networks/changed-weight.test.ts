import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { convolution } from "../../../shared/networks/blocks/convolution.ts";
import { linear } from "../../../shared/networks/blocks/linear.ts";
import { GraphBuilder } from "../../../shared/networks/graph/graph-builder.ts";
import type { OnnxGraph } from "../../../shared/networks/graph/onnx-graph.ts";
import type { CheckpointComponent, ComponentName } from "../../../shared/weights/checkpoint/checkpoint.ts";
import { loraChanges } from "../../../shared/weights/lora/lora-changes.ts";
import { openLora } from "../../../shared/weights/lora/open-lora.ts";
import { TensorTable } from "../../../shared/weights/tensor-table.ts";
import { type FixtureRange, readFixture } from "../../support/fixture-file.ts";
import { largestDifference } from "../../support/largest-difference.ts";
import { readSafetensors } from "../../support/read-safetensors.ts";
import { runGraph } from "../../support/run-graph.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { type MadeTensor, safetensorsFile } from "../../support/weight-files.ts";

type StoredTensors = Readonly<Record<string, { readonly dims: readonly number[]; readonly values: FixtureRange }>>;
interface Result {
  readonly strength: number;
  readonly conv: FixtureRange;
  readonly linear: FixtureRange;
}

const { content, floats } = readFixture<{
  readonly weights: StoredTensors;
  readonly files: Readonly<Record<string, { readonly tensors: StoredTensors; readonly results: readonly Result[] }>>;
}>("checkpoints/lora-relatives");

const [OUT, IN] = [12, 8];
const biases = { "conv.bias": made(OUT), "linear.bias": made(OUT) };
const feeds = {
  map: { dims: [1, IN, 4, 4], data: made(IN * 16).values },
  features: { dims: [3, IN], data: made(3 * IN).values },
};

function made(count: number) {
  return { dims: [count], values: Float32Array.from({ length: count }, (_, i) => Math.sin(1 + i * i)) };
}

const fileOf = (tensors: StoredTensors): Record<string, MadeTensor> =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, { dims, values }]) => [name, { dims, values: floats(values) }]),
  );

const layersWith = (weights: Pick<Result, "conv" | "linear">) => ({
  ...biases,
  "conv.weight": { dims: [OUT, IN, 3, 3], values: floats(weights.conv) },
  "linear.weight": { dims: [OUT, IN], values: floats(weights.linear) },
});
const ownLayers = layersWith({ conv: content.weights.conv!.values, linear: content.weights.linear!.values }); // the generator's

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

const disk = {
  readText: async () => undefined,
  size: async (path: string) => (await readFile(path)).length,
  readBytes: async (path: string, offset: number, length: number) =>
    Uint8Array.from((await readFile(path)).subarray(offset, offset + length)),
};

/** What the layers answer with changes from files. */
async function answers(layers: Record<string, MadeTensor>, loras: readonly (readonly [StoredTensors, number])[]) {
  await using folder = await temporaryFolder();
  const model = join(folder.path, "model.safetensors");
  await writeFile(model, safetensorsFile(layers));
  const weights = new TensorTable(readSafetensors(model));
  const components = new Map<ComponentName, CheckpointComponent>([["unet", { className: "", config: {}, weights }]]);
  const opened = [];
  for (const [k, [tensors, strength]] of loras.entries()) {
    const path = join(folder.path, `${k}.safetensors`);
    await writeFile(path, safetensorsFile(fileOf(tensors)));
    opened.push({ lora: await openLora(disk, path, components), strength });
  }
  const changes = (await loraChanges(components, opened, disk)).get("unet");
  return await runGraph(layersGraph(new GraphBuilder(weights, { changes })), feeds);
}

describe.each(Object.entries(content.files))("%s", (_, { tensors, results }) => {
  test.each(results)("changes layers as LyCORIS does at strength $strength", async (result) => {
    const found = await answers(ownLayers, [[tensors, result.strength]]);
    const wanted = await answers(layersWith(result), []);
    for (const [name, { data }] of wanted)
      expect(largestDifference(found.get(name)?.data ?? [], data), name).toBeLessThan(1e-5);
  });

  test("changes nothing at strength 0, but for lengths of its own", async () => {
    const hasLengths = Object.keys(tensors).some((name) => /dora_scale|rescale/.test(name));
    const found = await answers(ownLayers, [[tensors, 0]]);
    for (const [name, { data }] of await answers(ownLayers, [])) {
      const difference = largestDifference(found.get(name)?.data ?? [], data);
      if (hasLengths) expect(difference, name).toBeGreaterThan(1e-2);
      else expect(difference, name).toBeLessThan(1e-5);
    }
  });
});

test("several change one layer after another, a LoRA between them", async () => {
  const { OFT: turn, LoHa: loha } = content.files;
  const pair = {
    "linear.lora_down.weight": content.files.LoHa!.tensors["linear.hada_w1_b"]!, // [3, 8]
    "linear.lora_up.weight": content.files.LoHa!.tensors["linear.hada_w1_a"]!, // [12, 3]
  };
  const [first] = loha!.results;
  const found = await answers(ownLayers, [
    [loha!.tensors, first!.strength],
    [pair, 0.5],
    [turn!.tensors, -0.6],
  ]);
  // The same in two parts, the first of which is the fixture's own result.
  const wanted = await answers(layersWith(first!), [
    [pair, 0.5],
    [turn!.tensors, -0.6],
  ]);
  const withoutPair = await answers(layersWith(first!), [[turn!.tensors, -0.6]]);
  for (const [name, { data }] of wanted)
    expect(largestDifference(found.get(name)?.data ?? [], data), name).toBeLessThan(1e-5);
  expect(largestDifference(withoutPair.get("whole")?.data ?? [], wanted.get("whole")?.data ?? [])).toBeGreaterThan(
    1e-2,
  );
});
