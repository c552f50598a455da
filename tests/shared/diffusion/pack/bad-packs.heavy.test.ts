import { cp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { textToImage } from "../../../../shared/diffusion/pipelines/text-to-image.ts";
import type { ErrorCode } from "../../../../shared/protocol/error-data.ts";
import { NodePackFiles } from "../../../support/node-pack-files.ts";
import { openDiffusionModel } from "../../../support/open-diffusion-model.ts";
import { inRepository } from "../../../support/repository.ts";
import { type TemporaryFolder, temporaryFolder } from "../../../support/temporary-folder.ts";

/** A copy of the base pack, free to be damaged. */
let folder: TemporaryFolder;
const inPack = (path: string) => join(folder.path, path);

beforeEach(async () => {
  folder = await temporaryFolder();
  await cp(inRepository("tests/fixtures/packs/base"), folder.path, { recursive: true });
});
afterEach(() => folder.remove());

/** What goes wrong when the pack is opened and draws. */
async function draw(...layers: readonly string[]): Promise<unknown> {
  const folders = layers.map((layer) => inRepository(`tests/fixtures/packs/${layer}`));
  const pack = await openDiffusionModel(new NodePackFiles(folder.path, ...folders));
  try {
    return await textToImage(pack, {
      prompt: "a cat",
      negativePrompt: "",
      width: 64,
      height: 64,
      steps: 3,
      guidanceScale: 5,
      seed: 1,
      longPrompts: "truncate",
    });
  } finally {
    await pack.release();
  }
}

async function editJson(path: string, changes: object): Promise<void> {
  const content = JSON.parse(await readFile(inPack(path), "utf8")) as object;
  await writeFile(inPack(path), JSON.stringify({ ...content, ...changes }));
}

function failure(code: ErrorCode, message: string): object {
  return { code, message: expect.stringContaining(message) };
}

describe("a pack that cannot run says what is wrong", () => {
  it("draws while nothing is damaged", async () => {
    await expect(draw()).resolves.toMatchObject({ width: 64, height: 64 });
  });

  it.each([
    "model_index.json",
    "scheduler/scheduler_config.json",
    "tokenizer/vocab.json",
    "tokenizer/merges.txt",
    "text_encoder/model.onnx",
    "unet/model.onnx",
    "vae_decoder/model.onnx",
  ])("names %s when it is missing", async (path) => {
    await rm(inPack(path));
    await expect(draw()).rejects.toMatchObject(failure("damaged-model", `${path} is missing`));
  });

  it.each(["model_index.json", "scheduler/scheduler_config.json", "unet/config.json", "tokenizer/vocab.json"])(
    "names %s when it is cut off",
    async (path) => {
      await truncate(inPack(path), 20);
      await expect(draw()).rejects.toMatchObject(failure("damaged-model", `${path} is not JSON`));
    },
  );

  it("names a field of a config that has a wrong value", async () => {
    await editJson("unet/config.json", { in_channels: "four" });
    await expect(draw()).rejects.toMatchObject(
      failure("damaged-model", 'unet/config.json has a wrong value at "in_channels"'),
    );
  });

  it.each([
    ["unet/model.onnx", 1000],
    ["unet/model.onnx_data", 1000],
  ])("names the graph when %s is cut off", async (path, length) => {
    await truncate(inPack(path), length);
    await expect(draw()).rejects.toMatchObject(failure("damaged-model", "unet/model.onnx"));
  });

  it("names the graph whose operators the runtime lacks", async () => {
    await expect(draw("unknown-operator")).rejects.toMatchObject(
      failure("damaged-model", "vae_decoder/model.onnx cannot be loaded"),
    );
  });

  it("tells a denoiser of another model by its channels", async () => {
    await cp(inRepository("tests/fixtures/packs/inpaint/unet/model.onnx"), inPack("unet/model.onnx"));
    await expect(draw()).rejects.toMatchObject(
      failure("damaged-model", "takes 9 channels, its unet/config.json says 4"),
    );
  });

  it("tells a denoiser of another model by its text width", async () => {
    await rm(inPack("unet/config.json"));
    await cp(inRepository("tests/fixtures/packs/xl/unet/model.onnx"), inPack("unet/model.onnx"));
    await expect(draw()).rejects.toMatchObject(failure("damaged-model", "the rest of the model gives 2×77×16"));
  });

  it("rejects a denoiser of an unknown kind", async () => {
    await rm(inPack("unet/config.json"));
    await cp(inRepository("tests/fixtures/packs/upscale/unet/model.onnx"), inPack("unet/model.onnx"));
    await expect(draw()).rejects.toMatchObject(failure("unsupported-model", "takes 7 channels"));
  });

  it("rejects a denoiser with an input nothing provides", async () => {
    await cp(inRepository("tests/fixtures/packs/xl/unet"), inPack("unet"), { recursive: true });
    await cp(inRepository("tests/fixtures/packs/xl/text_encoder"), inPack("text_encoder"), { recursive: true });
    await editJson("unet/config.json", { in_channels: 4 });
    await expect(draw()).rejects.toMatchObject({ code: expect.stringMatching(/damaged|unsupported/) });
  });

  it("rejects a pipeline of another family", async () => {
    await editJson("model_index.json", { _class_name: "FluxPipeline" });
    await expect(draw()).rejects.toMatchObject(failure("unsupported-model", "FluxPipeline"));
  });

  it("rejects a scheduler it does not have", async () => {
    await editJson("scheduler/scheduler_config.json", { _class_name: "DEISMultistepScheduler" });
    await expect(draw()).rejects.toMatchObject(failure("unsupported-model", "DEISMultistepScheduler"));
  });

  it("names a scheduler option it does not know", async () => {
    await editJson("scheduler/scheduler_config.json", { warp_factor: 9 });
    await expect(draw()).rejects.toMatchObject(failure("unsupported-model", "warp_factor = 9"));
  });

  it("names the value of a scheduler option it does not support", async () => {
    await editJson("scheduler/scheduler_config.json", { beta_schedule: "sigmoid" });
    await expect(draw()).rejects.toMatchObject(failure("unsupported-model", 'beta_schedule = "sigmoid"'));
  });

  it("finds weights that are not numbers, with the step at which they show", async () => {
    const { byteLength } = await readFile(inPack("unet/model.onnx_data"));
    const weights = new Float32Array(byteLength / 4).fill(Number.NaN);
    await writeFile(inPack("unet/model.onnx_data"), new Uint8Array(weights.buffer));
    await expect(draw()).rejects.toMatchObject(failure("invalid-output", "NaN values (unet at step 1 of 4)"));
  });
});
