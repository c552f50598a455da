import { describe, expect, test } from "vitest";
import type { CheckpointComponent, ComponentName } from "../../../../shared/weights/checkpoint/checkpoint.ts";
import { loraChanges } from "../../../../shared/weights/lora/lora-changes.ts";
import { mergeLora } from "../../../../shared/weights/lora/merge-lora.ts";
import { openLora } from "../../../../shared/weights/lora/open-lora.ts";
import { readValues } from "../../../../shared/weights/read-values.ts";
import { readSafetensorsHeader } from "../../../../shared/weights/safetensors/read-header.ts";
import { TensorTable } from "../../../../shared/weights/tensor-table.ts";
import { type FixtureRange, readFixture } from "../../../support/fixture-file.ts";
import { largestDifference } from "../../../support/largest-difference.ts";
import { type MadeTensor, MemoryFiles, safetensorsFile } from "../../../support/weight-files.ts";

interface Stored {
  readonly dims: readonly number[];
  readonly values: FixtureRange;
}

const { content, floats } = readFixture<{
  readonly weights: readonly (Stored & { readonly component: ComponentName; readonly name: string })[];
  readonly files: Readonly<
    Record<
      string,
      {
        readonly tensors: Readonly<Record<string, Stored>>;
        readonly results: readonly {
          readonly strength: number;
          readonly weights: readonly (readonly [component: string, name: string, values: FixtureRange])[];
        }[];
      }
    >
  >;
}>("checkpoints/loras");

const toTensor = ({ dims, values }: Stored): MadeTensor => ({ dims, values: floats(values) });

/** The weights of the model that the LoRAs are for: a U-Net and a text encoder. */
async function model() {
  const components = new Map<ComponentName, CheckpointComponent>();
  const files: Record<string, Uint8Array> = {};
  for (const component of ["unet", "text_encoder"] as const) {
    const own = content.weights.filter((weight) => weight.component === component);
    const path = `${component}.safetensors`;
    files[path] = safetensorsFile(Object.fromEntries(own.map((weight) => [`${weight.name}.weight`, toTensor(weight)])));
    const { tensors } = await readSafetensorsHeader(new MemoryFiles(files), path);
    components.set(component, { className: "", config: {}, weights: new TensorTable(withResnets(tensors)) });
  }
  return { components, files };
}

/** Original names count blocks: the ones without a LoRA must be there as well. */
function withResnets<Value>(tensors: ReadonlyMap<string, Value>): ReadonlyMap<string, Value> {
  const [some] = tensors.values();
  if (
    !tensors.has("conv_in.weight") &&
    some !== undefined &&
    [...tensors.keys()].some((name) => name.startsWith("down_blocks"))
  )
    return new Map([...structure.map((name) => [name, some] as const), ...tensors]);
  return tensors;
}
const structure = [
  ...["0.resnets.0", "0.attentions.0", "0.downsamplers.0", "1.resnets.0"].map(
    (name) => `down_blocks.${name}.norm.bias`,
  ),
  ...["0.resnets.0", "0.resnets.1", "0.upsamplers.0", "1.resnets.0"].map((name) => `up_blocks.${name}.norm.bias`),
];

/** The weights that a LoRA changes, changed as the networks compute with them. */
async function merge(tensors: Readonly<Record<string, MadeTensor>>, strength: number) {
  const { components, files } = await model();
  const all = new MemoryFiles({ ...files, "lora.safetensors": safetensorsFile(tensors) });
  const lora = await openLora(all, "lora.safetensors", components);
  const merged: { component: ComponentName; name: string; values: Float32Array }[] = [];
  for (const [component, layers] of await loraChanges(components, [{ lora, strength }], all))
    for (const [layer, changed] of layers) {
      const name = `${layer}.weight`;
      const weight = components.get(component)?.weights.find(name);
      const [change] = changed.type === "pairs" ? changed.pairs : [];
      if (!weight || !change) throw new Error(`${name} is changed and not there`);
      const values = await readValues(all, weight);
      const { down, up, scale, lengths } = change;
      const read = { rank: down.dims[0]!, down: await readValues(all, down), up: await readValues(all, up), scale }; // [rank, …]
      mergeLora(values, weight.dims, read, 1);
      const row = values.length / weight.dims[0]!; // [out, …]
      merged.push({
        component,
        name,
        values: values.map((value, i) => value * (lengths?.factors[Math.floor(i / row)] ?? 1)),
      });
    }
  return merged;
}

describe.each(Object.keys(content.files))("a LoRA named as %s", (style) => {
  const { tensors, results } = content.files[style]!; // the keys are its own
  const file = Object.fromEntries(Object.entries(tensors).map(([name, stored]) => [name, toTensor(stored)]));

  test.each(results)("is merged as by diffusers at strength $strength", async ({ strength, weights }) => {
    const merged = await merge(file, strength);
    expect(merged.map(({ component, name }) => `${component} ${name}`).sort()).toEqual(
      weights.map(([component, name]) => `${component} ${name}.weight`).sort(),
    );
    for (const [component, name, values] of weights) {
      const found = merged.find((weight) => weight.component === component && weight.name === `${name}.weight`);
      expect(largestDifference(found?.values ?? new Float32Array(), floats(values)), name).toBeLessThan(2e-6);
    }
  });

  test("leaves the weights as they are at strength 0, but for DoRA, which has lengths of its own", async () => {
    for (const { name, values } of style === "DoRA" ? [] : await merge(file, 0)) {
      const plain = content.weights.find((weight) => `${weight.name}.weight` === name);
      expect(values).toEqual(plain && floats(plain.values));
    }
  });
});

describe("a module's parts", () => {
  test("LoCon's core stands between both halves", () => {
    // Two ranks, one column in, one row out, a kernel of two: up · core · down, written out.
    const weight = new Float32Array(2);
    const core = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8); // [2, 2, 2]
    mergeLora(
      weight,
      [1, 1, 1, 2],
      { rank: 2, down: Float32Array.of(1, 10), up: Float32Array.of(1, 100), core, scale: 1 },
      1,
    );
    expect([...weight]).toEqual([1 + 30 + 100 * (5 + 70), 2 + 40 + 100 * (6 + 80)]);
  });

  test("magnitudes of columns set the length of columns", () => {
    const weight = Float32Array.of(3, 0, 4, 2); // [2, 2]
    const nothing = { rank: 1, down: new Float32Array(2), up: new Float32Array(2), scale: 1 };
    mergeLora(weight, [2, 2], { ...nothing, magnitude: { of: "columns", values: Float32Array.of(10, 1) } }, 1);
    expect([...weight]).toEqual([6, 0, 8, 1]);
  });
});

describe("a LoRA is refused, with a sentence that says LoRA", () => {
  const down: MadeTensor = { dims: [2, 4] };
  const stem = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q";

  test.each([
    [
      "when its modules are none of the model's",
      { "lora_unet_nowhere.lora_down.weight": down, "lora_unet_nowhere.lora_up.weight": down },
      /LoRA for another model: 1 of its 1 modules are not in it, such as "lora_unet_nowhere"/,
    ],
    [
      "when its shapes are others",
      { [`${stem}.lora_down.weight`]: { dims: [2, 64] }, [`${stem}.lora_up.weight`]: { dims: [64, 2] } },
      /LoRA for another model: 1 of its 1 modules have other shapes/,
    ],
    ["when a half is missing", { [`${stem}.lora_down.weight`]: down }, /LoRA that has one half/],
    ["when a part of a LoHa is missing", { [`${stem}.hada_w1_b`]: down }, /LoRA that has one half/],
    [
      "when a LoKr's product has another shape",
      { [`${stem}.lokr_w1`]: down, [`${stem}.lokr_w2`]: down },
      /LoRA for another model: 1 of its 1 modules have other shapes/,
    ],
    [
      "when an OFT's blocks do not make up the outputs",
      { [`${stem}.oft_blocks`]: { dims: [2, 3, 3] } },
      /LoRA for another model: 1 of its 1 modules have other shapes/,
    ],
    [
      "when it is a BOFT",
      { [`${stem}.oft_blocks`]: { dims: [2, 2, 2, 2] }, [`${stem}.alpha`]: { dims: [] } },
      /holds BOFT, a relative of LoRA that is not supported, in 1 of its 2 tensors/,
    ],
    ["when it is PEFT's OFT", { [`${stem}.oft_R.weight`]: down }, /holds PEFT's OFT, a relative of LoRA/],
    [
      "when it holds whole differences",
      { [`${stem}.diff`]: down, [`${stem}.alpha`]: { dims: [] } },
      /whole differences/,
    ],
    [
      "when its alpha is no number",
      { [`${stem}.lora_down.weight`]: down, [`${stem}.alpha`]: { dims: [], values: Float32Array.of(Number.NaN) } },
      /a LoRA whose alpha of "[^"]+" is no number/,
    ],
    ["when it is a GLoRA", { [`${stem}.a1.weight`]: down }, /holds GLoRA, a relative of LoRA/],
    ["when it is a VAE", { "decoder.conv_in.weight": down }, /holds no LoRA, but a VAE/],
  ])("%s", async (_, tensors, message) => {
    await expect(merge(tensors, 1)).rejects.toThrow(message);
  });
});
