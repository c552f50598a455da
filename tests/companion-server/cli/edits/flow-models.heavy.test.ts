import { existsSync } from "node:fs";
import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decodeImage } from "../../../../companion-server/images/decode-image.ts";
import { DiskCheckpoint } from "../../../../companion-server/models/files/disk-checkpoint.ts";
import { readValues } from "../../../../shared/weights/read-values.ts";
import { readSafetensorsHeader } from "../../../../shared/weights/safetensors/read-header.ts";
import {
  describeFlowRun,
  type FlowFamily,
  type FlowRun,
  flowFixture,
  flowFolder,
} from "../../../support/flow-models.ts";
import { largestDifference } from "../../../support/largest-difference.ts";
import { type TemporaryFolder, temporaryFolder } from "../../../support/temporary-folder.ts";
import { safetensorsFile } from "../../../support/weight-files.ts";
import { pngOf } from "../../support/pictures.ts";
import { runOverpaint } from "../../support/run-overpaint.ts";

/** 8-bit levels. */
const LARGEST_DIFFERENCE = 2;
const { content, bytes } = flowFixture;

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await temporaryFolder();
  for (const [name, range] of Object.entries(content.inputs.pictures))
    await writeFile(join(folder.path, `${name}.png`), await pngOf({ ...sizeOf(name), channels: 3 }, bytes(range)));
  for (const [name, range] of Object.entries(content.inputs.masks))
    await writeFile(join(folder.path, `mask-${name}.png`), await pngOf({ ...sizeOf(name), channels: 1 }, bytes(range)));
});
afterAll(() => folder.remove());

function sizeOf(name: string): { readonly width: number; readonly height: number } {
  const [width = 0, height = 0] = name.split("x").map(Number);
  return { width, height };
}

const fileOf = (size: readonly number[]) => `${size.join("x")}.png`;

function commandOf({ task, source, references, seed, options }: FlowRun): readonly string[] {
  const [width, height] = source;
  const image = fileOf(source);
  const commands: Readonly<Record<FlowRun["task"], readonly string[]>> = {
    "text-to-image": ["imagine", "--width", `${width}`, "--height", `${height}`],
    "image-to-image": ["restyle", image],
    inpaint: ["inpaint", image, "--mask", `mask-${image}`],
    edit: ["edit", image, ...references.flatMap((reference) => ["--reference", fileOf(reference)])],
  };
  const { prompt, steps, negativePrompt, guidanceScale, strength } = options;
  const said = { "--prompt": prompt, "--steps": steps, "--negative": negativePrompt, "--guidance": guidanceScale };
  const all = Object.entries({ ...said, "--strength": strength, "--seed": seed });
  return [...commands[task], ...all.flatMap(([name, value]) => (value === undefined ? [] : [name, `${value}`]))];
}

/** What the core's own tests do not draw: sizes that have to be fitted, and one of each command. */
const odd = (["klein", "z-image"] as const).flatMap((family) =>
  content[family].runs
    .filter(
      ({ config, source }, k) => config.is_distilled !== false && (source.some((side) => side % 16 > 0) || k === 0),
    )
    .map((run) => ({ family, run, title: describeFlowRun(run) })),
);

describe("overpaint --plain draws what diffusers draws with FLUX.2 klein and Z-Image", () => {
  test.each(odd)("$family: $title", async ({ family, run }) => {
    const options = ["--plain", "--device", "cpu", "--model", flowFolder(family), "-o", "out.png"];
    const { code, stderr } = await runOverpaint([...commandOf(run), ...options], folder.path);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const { width, height, data } = await decodeImage(await readFile(join(folder.path, "out.png")), "out.png");
    expect([width, height]).toEqual(run.size);
    const drawn = data.filter((_, i) => i % 4 !== 3);
    expect(largestDifference(drawn, bytes(run.pixels))).toBeLessThanOrEqual(LARGEST_DIFFERENCE);
  });
});

interface Refusal {
  readonly family: FlowFamily;
  readonly args: readonly string[];
  /** What its one line says. */
  readonly words: string;
  /** Fields of model_index.json. */
  readonly index?: object;
}

const picture = "64x64.png";
const prompt = ["--prompt", "night"];
const refusals: readonly Refusal[] = [
  { family: "klein", args: ["restyle", picture, ...prompt], words: "cannot restyle plainly" },
  {
    family: "klein",
    args: ["imagine", ...prompt, "--width", "64", "--height", "64", "--reference", picture],
    words: "--reference",
  },
  {
    family: "klein",
    args: ["imagine", ...prompt, "--width", "64", "--height", "64"],
    words: "lists no transformer",
    index: { transformer: [null, null] },
  },
  {
    family: "klein",
    args: ["imagine", ...prompt, "--width", "64", "--height", "64"],
    words: "QwenImagePipeline",
    index: { _class_name: "QwenImagePipeline" },
  },
];

describe("overpaint --plain refuses what the families have no pipeline for", () => {
  test.each(refusals)("$family: $words, $args", async ({ family, args, words, index }) => {
    const model = join(folder.path, "refused");
    await rm(model, { recursive: true, force: true });
    await cp(flowFolder(family), model, { recursive: true });
    const file = join(model, "model_index.json");
    if (index) await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, "utf8")), ...index }));
    const output = join(folder.path, "refused.png");
    const { code, stderr } = await runOverpaint([...args, "--plain", "--model", model, "-o", output], folder.path);
    expect(stderr.trim().split("\n")).toEqual([expect.stringContaining(words)]);
    expect({ code, isWritten: existsSync(output) }).toEqual({ code: 2, isWritten: false });
  });
});

test("an edit within a mask leaves every pixel outside of its soft edge bit-identical, and has the source's size", async () => {
  const model = join(folder.path, "small");
  await cp(flowFolder("klein"), model, { recursive: true });
  await writeFile(join(model, "overpaint.json"), JSON.stringify({ nativeSize: 64 }));
  const options = ["--device", "cpu", "--model", model, "--mask", "mask-75x90.png", "-o", "masked.png"];
  const args = ["edit", "75x90.png", ...prompt, "--reference", picture, ...options];
  const { code, stderr } = await runOverpaint(args, folder.path);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const read = async (name: string) => await decodeImage(await readFile(join(folder.path, name)), name);
  const [source, edited] = [await read("75x90.png"), await read("masked.png")];
  expect([edited.width, edited.height]).toEqual([75, 90]);
  const mask = bytes(content.inputs.masks["75x90"]!); // the generator stores it
  const isFar = (pixel: number) => isAwayFrom(mask, pixel, 75, 3);
  const changed = { inside: 0, outside: 0 };
  for (let pixel = 0; pixel < 75 * 90; pixel++) {
    const isSame = [0, 1, 2, 3].every((c) => source.data[pixel * 4 + c] === edited.data[pixel * 4 + c]);
    if (!isSame && mask[pixel]! > 127) changed.inside += 1;
    if (!isSame && isFar(pixel)) changed.outside += 1;
  }
  expect(changed.outside).toBe(0);
  expect(changed.inside).toBeGreaterThan(500);
});

/** Of each task one, and both families. */
const ownRuns: readonly { readonly family: FlowFamily; readonly args: readonly string[] }[] = [
  { family: "klein", args: ["inpaint", "75x90.png", "--mask", "mask-75x90.png"] },
  { family: "klein", args: ["restyle", "75x90.png"] },
  { family: "klein", args: ["edit", "75x90.png", "--reference", picture, "--reference", "75x90.png"] },
  { family: "z-image", args: ["outpaint", "75x90.png", "--left", "21"] },
  { family: "z-image", args: ["upscale", "75x90.png", "--scale", "2"] },
];

test.each(ownRuns)(
  "$family, $args: draws a size that is no multiple of 16, and again from its recipe",
  async ({ family, args }) => {
    const model = join(folder.path, `own-${family}`);
    await cp(flowFolder(family), model, { recursive: true });
    await writeFile(join(model, "overpaint.json"), JSON.stringify({ nativeSize: 64, defaults: { steps: 2 } }));
    const options = ["--device", "cpu", "--model", model];
    const drawn = await runOverpaint([...args, ...prompt, ...options, "--json", "-o", "drawn.png"], folder.path);
    expect(drawn).toMatchObject({ code: 0 });
    const [file] = JSON.parse(drawn.stdout).files;
    const sources = args.flatMap((arg, k) => {
      const option = ({ "--mask": "--mask", "--reference": "--reference" } as const)[`${args[k - 1]}`];
      return option ? [option, arg] : arg.endsWith(".png") ? ["--image", arg] : [];
    });
    const again = await runOverpaint(["recipe", "run", file, ...sources, ...options, "-o", "again.png"], folder.path);
    expect(again).toMatchObject({ code: 0 });
    expect(await readFile(join(folder.path, "again.png"))).toEqual(await readFile(join(folder.path, file)));
  },
);

/** Its rows' halves stand the other way round in the model. */
const shiftBeforeScale = "diffusion_model.final_layer.adaLN_modulation.1";
/** A LoRA's modules by a file's names, and the model's layers that each stands for. */
const loraModules: Readonly<Record<FlowFamily, Readonly<Record<string, readonly string[]>>>> = {
  klein: {
    "diffusion_model.double_blocks.0.img_attn.qkv": ["to_q", "to_k", "to_v"].map(
      (q) => `transformer_blocks.0.attn.${q}`,
    ),
    "transformer.single_transformer_blocks.1.attn.to_out": ["single_transformer_blocks.1.attn.to_out"],
    [shiftBeforeScale]: ["norm_out.linear"],
  },
  "z-image": {
    lora_unet_layers_0_attention_qkv: ["to_q", "to_k", "to_v"].map((q) => `layers.0.attention.${q}`),
    "transformer.layers.1.feed_forward.w1": ["layers.1.feed_forward.w1"],
  },
};
const RANK = 2;

test.each(["klein", "z-image"] as const)(
  "%s with a LoRA draws what it draws with its weights merged",
  async (family) => {
    const [model, merged] = [join(folder.path, `plain-${family}`), join(folder.path, `merged-${family}`)];
    for (const copy of [model, merged]) await cp(flowFolder(family), copy, { recursive: true });
    const file = "transformer/diffusion_pytorch_model.safetensors";
    const disk = new DiskCheckpoint({ folder: model });
    const tensors: Record<string, { dims: readonly number[]; values: Float32Array }> = {};
    for (const [name, tensor] of (await readSafetensorsHeader(disk, file)).tensors)
      tensors[name] = { dims: tensor.dims, values: await readValues(disk, tensor) };
    const lora: Record<string, { dims: readonly number[]; values: Float32Array }> = {};
    for (const [module, layers] of Object.entries(loraModules[family])) {
      const [rows = 0, columns = 0] = tensors[`${layers[0]}.weight`]!.dims; // one of the model's
      const down = waves(RANK * columns, 1.5);
      const up = waves(RANK * rows * layers.length, 1.5);
      const [a, b] = module.startsWith("lora_") ? ["lora_down", "lora_up"] : ["lora_A", "lora_B"];
      lora[`${module}.${a}.weight`] = { dims: [RANK, columns], values: down };
      lora[`${module}.${b}.weight`] = { dims: [rows * layers.length, RANK], values: up };
      for (const [index, layer] of layers.entries()) {
        const { values } = tensors[`${layer}.weight`]!; // one of the model's
        for (let row = 0; row < rows; row++) {
          const theirs = module === shiftBeforeScale ? (row + rows / 2) % rows : index * rows + row;
          for (let column = 0; column < columns; column++)
            for (let k = 0; k < RANK; k++)
              values[row * columns + column]! += 0.5 * up[theirs * RANK + k]! * down[k * columns + column]!;
        }
      }
    }
    await writeFile(join(merged, file), safetensorsFile(tensors));
    await writeFile(join(folder.path, "tiny-lora.safetensors"), safetensorsFile(lora));
    const draw = async (of: string, ...options: readonly string[]) => {
      const size = ["--width", "64", "--height", "64", "--steps", "2", "--guidance", "0", "--plain"];
      const args = ["imagine", ...prompt, ...size, "--device", "cpu", "--model", of, ...options, "-o", "lora.png"];
      expect(await runOverpaint(args, folder.path)).toMatchObject({ code: 0, stderr: "" });
      return (await decodeImage(await readFile(join(folder.path, "lora.png")), "lora.png")).data;
    };
    const changed = await draw(model, "--lora", "./tiny-lora.safetensors:0.5");
    expect(largestDifference(changed, await draw(merged))).toBeLessThanOrEqual(1);
    expect(largestDifference(changed, await draw(model))).toBeGreaterThan(LARGEST_DIFFERENCE);
  },
);

function waves(length: number, height: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => height * Math.sin(1.7 * i + 0.3));
}

/** Whether nothing of a mask is white within some pixels of a place. */
function isAwayFrom(mask: Uint8Array, pixel: number, width: number, distance: number): boolean {
  const [x, y] = [pixel % width, Math.floor(pixel / width)];
  return mask.every(
    (level, i) => level === 0 || Math.abs((i % width) - x) > distance || Math.abs(Math.floor(i / width) - y) > distance,
  );
}
