import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decodeImage } from "../../../companion-server/images/decode-image.ts";
import { type RecordedRun, writeParityInputs } from "../../companion-server/support/parity.ts";
import { pngOf } from "../../companion-server/support/pictures.ts";
import { readSingleFile, withTensors, writeSingleFile } from "../../companion-server/support/single-files.ts";
import { buildPage } from "../../support/build-page.ts";
import { type FixtureRange, readFixture } from "../../support/fixture-file.ts";
import { launchBrowser, softwareWebGpuArguments } from "../../support/launch-browser.ts";
import { inRepository } from "../../support/repository.ts";
import { type StaticServer, serveFolders } from "../../support/serve-folder.ts";
import { type TemporaryFolder, temporaryFolder } from "../../support/temporary-folder.ts";
import { safetensorsFile } from "../../support/weight-files.ts";

/** 8-bit levels. */
const LARGEST_DIFFERENCE = 2;
const MEAN_DIFFERENCE = 0.15;

const folders = readFixture<{ readonly runs: readonly RecordedRun[] }>("pipelines/runs");
const files = readFixture<{ readonly runs: readonly RecordedRun[] }>("checkpoints/runs");
const controls = readFixture<{
  readonly pictures: readonly FixtureRange[];
  readonly runs: readonly (RecordedRun & { readonly controls: readonly { readonly strength: number }[] })[];
}>("checkpoints/controls");
const references = readFixture<{
  readonly runs: readonly (RecordedRun & {
    readonly references: {
      readonly pictures: readonly { readonly size: readonly [number, number]; readonly pixels: FixtureRange }[];
      readonly strength: number;
    };
  })[];
}>("checkpoints/picture-prompts");
const loras = readFixture<{
  readonly files: Readonly<Record<string, { readonly tensors: Readonly<Record<string, StoredTensor>> }>>;
  readonly runs: readonly (RecordedRun & { readonly style: string; readonly loraStrength: number })[];
}>("checkpoints/loras");
interface StoredTensor {
  readonly dims: readonly number[];
  readonly values: FixtureRange;
}

const checkpoint = (name: string) => inRepository(`tests/fixtures/checkpoints/${name}`);
const isOf = (task: string, layer: string) => (run: RecordedRun) => run.task === task && `${run.layers}` === layer;
const [controlled] = controls.content.runs;
const [referring] = references.content.runs;
const styled = loras.content.runs.find(({ style }) => style === "PEFT");

let folder: TemporaryFolder;
let server: StaticServer;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  folder = await temporaryFolder();
  await mkdir(join(folder.path, "files"));
  await writeParityInputs(join(folder.path, "files"));
  await writeModels(join(folder.path, "models"));
  const shown = controls.bytes(controls.content.pictures[0]!); // of the first ControlNet
  await writeFile(inFiles("control.png"), await pngOf({ width: 64, height: 64, channels: 3 }, shown));
  const { size, pixels } = referring!.references.pictures[0]!; // the first run has one
  const reference = await pngOf({ width: size[0], height: size[1], channels: 3 }, references.bytes(pixels));
  await writeFile(inFiles("reference.png"), reference);
  await buildPage(inRepository("tests/plugin/engine-worker/harness"), join(folder.path, "page"));
  server = await serveFolders({
    folders: {
      "/": join(folder.path, "page"),
      "/files/": join(folder.path, "files"),
      "/models/": join(folder.path, "models"),
    },
    fallbackHtml: "<!doctype html><title>An application</title>",
  });
  browser = await launchBrowser({ args: softwareWebGpuArguments });
  page = await browser.newPage();
  await page.goto(`${server.origin}/`);
  await page.waitForFunction(() => "harness" in window);
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
  await folder?.remove();
});

const inFiles = (name: string) => join(folder.path, "files", name);

/** The models as they are served: each in a folder called by its id. */
async function writeModels(models: string): Promise<void> {
  const write = async (path: string, bytes: Uint8Array) => {
    await mkdir(dirname(join(models, path)), { recursive: true });
    await writeFile(join(models, path), bytes);
  };
  await cp(inRepository("models/clip-tokenizer"), join(models, "clip-tokenizer"), { recursive: true });
  for (const name of ["base", "inpaint", "fp16"]) await cp(checkpoint("base"), join(models, name), { recursive: true });
  for (const part of ["unet", "vae", "text_encoder"]) await rm(join(models, "fp16", part), { recursive: true });
  for (const name of ["inpaint", "fp16", "control-net"])
    await cp(checkpoint(name), join(models, name), { recursive: true });
  await cp(checkpoint("ip-adapter/image_encoder"), join(models, "adapter/image_encoder"), { recursive: true });
  await cp(checkpoint("ip-adapter/ip-adapter.safetensors"), join(models, "adapter/checkpoint.safetensors"));
  await mkdir(join(models, "file"));
  await writeSingleFile("sd1-inpaint", join(models, "file/checkpoint.safetensors"));
  const sd1 = readSingleFile("sd1");
  const part = (isWanted: (name: string) => boolean) => withTensors(sd1, (name) => (isWanted(name) ? name : undefined));
  const isVae = (name: string) => name.startsWith("first_stage_model.");
  await write("vae/checkpoint.safetensors", part(isVae));
  await write(
    "without-vae/checkpoint.safetensors",
    part((name) => !isVae(name)),
  );
  const tensors = Object.entries(loras.content.files.PEFT!.tensors); // the generator writes one
  const made = tensors.map(([name, { dims, values }]) => [name, { dims, values: loras.floats(values) }] as const);
  await write("lora/checkpoint.safetensors", safetensorsFile(Object.fromEntries(made)));
}

const pictures = { imageUrl: "/files/picture.png", maskUrl: "/files/mask.png" };
const onBase = { model: "base" };
const drawings = [
  ["latents blended in the mask", folders.content.runs.find(isOf("inpaint", "base")), folders, onBase, pictures],
  [
    "a denoiser that sees the mask",
    folders.content.runs.find(isOf("inpaint", "base,inpaint")),
    folders,
    { model: "inpaint" },
    pictures,
  ],
  ["weights in 16 bits", files.content.runs.find(isOf("text-to-image", "fp16")), files, { model: "fp16" }, {}],
  ["a LoRA", styled, loras, { ...onBase, loras: [{ id: "lora", strength: styled?.loraStrength }] }, {}],
  [
    "a ControlNet",
    controlled,
    controls,
    { ...onBase, controls: [{ model: "control-net", kind: "raw", strength: controlled?.controls[0]?.strength }] },
    { controlUrls: ["/files/control.png"] },
  ],
  [
    "an IP-Adapter",
    referring,
    references,
    { ...onBase, referenceModel: "adapter", referenceStrength: referring?.references.strength },
    { referenceUrl: "/files/reference.png" },
  ],
] as const;
/** On the processor alone: an imitated graphics card takes minutes for vocabularies of real size. */
const onProcessor = [
  ["a folder of diffusers", folders.content.runs.find(isOf("text-to-image", "base")), folders, onBase, {}],
  ["a single file", files.content.runs.find(isOf("inpaint", "sd1-inpaint")), files, { model: "file" }, pictures],
  [
    "another autoencoder",
    files.content.runs.find(isOf("text-to-image", "sd1")),
    files,
    { model: "without-vae", vae: "vae" },
    {},
  ],
] as const;

describe.each(["wasm", "webgpu"] as const)("draws in the browser what diffusers draws, on %s", (device) => {
  beforeAll(() => page.evaluate((wanted) => window.harness.prepare(wanted), device));

  test.each(device === "wasm" ? [...drawings, ...onProcessor] : drawings)(
    "with %s",
    async (_what, run, fixture, model, given) => {
      const { task, seed, options, pixels } = run!; // the generator records each of them
      const { prompt, negativePrompt, steps, guidanceScale, strength, scheduler } = options;
      const request = {
        ...(task === "inpaint" ? { task } : { task: "create", width: 64, height: 64 }),
        ...{ plain: true, seed, prompt, negativePrompt, steps, guidanceScale, strength, scheduler, ...model },
      };
      const { events, layers } = await page.evaluate((edit) => window.harness.run(edit), { ...given, request });
      const done = events.at(-1);
      if (done?.type !== "done") throw new Error(JSON.stringify(done));
      const provider = expect.stringContaining(device === "wasm" ? "onnxruntime-web" : "with plain attention");
      expect(done.results[0]?.recipe.engine).toMatchObject({ place: "browser", device, provider });
      const { data } = await decodeImage(Buffer.from(layers[0]!, "base64"), "the layer"); // it is done
      const drawn = data.filter((_, i) => i % 4 !== 3);
      const expected = fixture.bytes(pixels);
      expect(drawn).toHaveLength(expected.length);
      const differences = Array.from(expected, (level, i) => Math.abs(level - drawn[i]!)); // of the same length
      expect(Math.max(...differences)).toBeLessThanOrEqual(LARGEST_DIFFERENCE);
      const mean = differences.reduce((sum, difference) => sum + difference, 0) / differences.length;
      expect(mean).toBeLessThanOrEqual(MEAN_DIFFERENCE);
    },
  );
});
