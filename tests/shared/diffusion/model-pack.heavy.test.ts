import { afterEach, describe, expect, it } from "vitest";
import { ModelPack, type ModelPackOptions } from "../../../shared/diffusion/model-pack.ts";
import type { DiffusionModel } from "../../../shared/diffusion/models/diffusion-model.ts";
import type { PackFiles } from "../../../shared/diffusion/pack-files.ts";
import { textToImage } from "../../../shared/diffusion/pipelines/text-to-image.ts";
import { NodePackFiles } from "../../support/node-pack-files.ts";
import { openDiffusionModel } from "../../support/open-diffusion-model.ts";
import { packFolders } from "./pipelines/reference-fixture.ts";

/** A pack's files that keep account of which graphs are loaded. */
class CountingFiles implements PackFiles {
  readonly #files: PackFiles;
  readonly loaded = new Set<string>();
  readonly history: string[] = [];
  /** The most graphs of each kind held at a time. */
  heldTogether: string[][] = [];

  constructor(...layers: readonly string[]) {
    this.#files = new NodePackFiles(...packFolders(layers));
  }

  readText(path: string) {
    return this.#files.readText(path);
  }

  async openSession(path: string) {
    const session = await this.#files.openSession(path);
    this.loaded.add(path);
    this.history.push(path);
    this.heldTogether.push([...this.loaded]);
    return {
      ...session,
      release: async () => {
        this.loaded.delete(path);
        await session.release();
      },
    };
  }
}

const options = {
  prompt: "a cat",
  negativePrompt: "",
  width: 64,
  height: 64,
  steps: 2,
  guidanceScale: 5,
  seed: 1,
  longPrompts: "truncate",
} as const;

const decoderOnly = { graphs: { vae_decoder: "vae_decoder/model.onnx" }, borrowed: undefined };

let last: DiffusionModel | undefined;
afterEach(async () => {
  await last?.release();
  last = undefined;
});

async function open(files: PackFiles, packOptions?: ModelPackOptions): Promise<DiffusionModel> {
  const model = await openDiffusionModel(files, packOptions);
  last = model;
  return model;
}

describe("a model pack in use", () => {
  it("opens graphs when they are needed, once, and frees all of them", async () => {
    const files = new CountingFiles("base");
    const model = await open(files);
    expect(files.history).toEqual(["unet/model.onnx"]);
    await textToImage(model, options);
    await textToImage(model, options);
    expect(files.history).toEqual(["unet/model.onnx", "text_encoder/model.onnx", "vae_decoder/model.onnx"]);
    await model.release();
    expect(files.loaded.size).toBe(0);
  });

  it("opens a graph once when it is asked for twice at a time", async () => {
    const files = new CountingFiles("base");
    const pack = new ModelPack(files, {}, decoderOnly);
    const [first, second] = await Promise.all([pack.session("vae_decoder"), pack.session("vae_decoder")]);
    expect(first).toBe(second);
    await pack.release();
  });

  it("tries again after a graph could not be opened", async () => {
    const files = new CountingFiles("base");
    const openSession = files.openSession.bind(files);
    let isFull = true;
    files.openSession = async (path) => {
      if (isFull && path.startsWith("vae")) throw new Error("no room");
      return await openSession(path);
    };
    const pack = new ModelPack(files, {}, decoderOnly);
    await expect(pack.session("vae_decoder")).rejects.toThrow("no room");
    isFull = false;
    await expect(pack.session("vae_decoder")).resolves.toBeDefined();
    await pack.release();
  });

  it("holds what reads prompts, what denoises and what decodes in turn when memory is short", async () => {
    const files = new CountingFiles("base", "xl");
    const model = await open(files, { memory: "lean" });
    const lean = await textToImage(model, options);
    const heavy = (path: string) => /^(unet|text_encoder|vae)/.test(path);
    for (const held of files.heldTogether) expect(held.filter(heavy).length).toBeLessThanOrEqual(1);
    await model.release();
    const fast = await textToImage(await open(new CountingFiles("base", "xl")), options);
    expect(lean.data).toEqual(fast.data);
  });

  it("tells how long each graph ran", async () => {
    let clock = 0;
    const runs: [string, number][] = [];
    const timing = {
      now: () => clock++,
      onSessionRun: (component: string, milliseconds: number) => void runs.push([component, milliseconds]),
    };
    const model = await open(new CountingFiles("base"), { timing });
    await textToImage(model, { ...options, scheduler: "ddim" });
    expect(runs).toEqual([
      ["text_encoder", 1],
      ["text_encoder", 1],
      ["unet", 1],
      ["unet", 1],
      ["vae_decoder", 1],
    ]);
  });
});

describe("previews", () => {
  const latents = Float32Array.from({ length: 4 * 8 * 8 }, (_, i) => Math.sin(i));
  const size = { width: 64, height: 64 };

  it("come from the tiny decoder where there is one", async () => {
    const files = new CountingFiles("base", "tiny-decoder");
    const model = await open(files);
    const preview = await model.latents.decodePreview(latents, size, { isTiled: false });
    expect([preview.width, preview.height, preview.data.length]).toEqual([64, 64, 3 * 64 * 64]);
    expect(files.history).toContain("tiny_vae_decoder/model.onnx");
    expect(files.history).not.toContain("vae_decoder/model.onnx");
  });

  it("come from the full decoder where there is none", async () => {
    const model = await open(new CountingFiles("base"));
    const preview = await model.latents.decodePreview(latents, size, { isTiled: false });
    expect(preview.data).toEqual((await model.latents.decode(latents, size, { isTiled: false })).data);
  });
});
