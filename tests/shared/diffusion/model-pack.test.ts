import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { ValueInfo } from "../../../shared/diffusion/model-session.ts";
import type { PackFiles } from "../../../shared/diffusion/pack-files.ts";
import { openDiffusionModel } from "../../support/open-diffusion-model.ts";
import { inRepository } from "../../support/repository.ts";

interface PackOnPaper {
  /** Files by path, replacing those of the layers; `undefined` takes one away. */
  readonly files?: Readonly<Record<string, object | undefined>>;
  readonly layers?: readonly string[];
  readonly sample?: readonly (number | string)[];
  readonly extraInputs?: readonly ValueInfo[];
  /** Whether the denoiser reads a prompt; default: it does. */
  readonly readsText?: boolean;
}

/** A pack of which only configs and the denoiser's declaration exist. */
function packOnPaper({
  files = {},
  layers = ["base"],
  sample,
  extraInputs = [],
  readsText = true,
}: PackOnPaper): PackFiles {
  const text: ValueInfo = { name: "encoder_hidden_states", type: "float32", shape: ["batch", "sequence", 16] };
  return {
    async readText(path) {
      if (path in files) return files[path] && JSON.stringify(files[path]);
      for (const layer of layers.toReversed()) {
        try {
          return readFileSync(inRepository(`tests/fixtures/packs/${layer}/${path}`), "utf8");
        } catch {
          // The next layer may have it.
        }
      }
      return undefined;
    },
    async openSession(path) {
      throw new Error(`${path} must not be loaded`);
    },
    async readDeclaration() {
      return {
        inputs: [
          { name: "sample", type: "float32", shape: sample ?? ["batch", 4, "height", "width"] },
          { name: "timestep", type: "float32", shape: [] },
          ...(readsText ? [text] : []),
          ...extraInputs,
        ],
        outputs: [],
      };
    },
  };
}

async function factsOf(pack: PackOnPaper) {
  return (await openDiffusionModel(packOnPaper(pack))).facts;
}

/** An upscaler's index that names no text encoder. */
const upscaleIndex = {
  "model_index.json": { _class_name: "StableDiffusionUpscalePipeline", vae: ["diffusers", "OnnxRuntimeModel"] },
};

const scheduler = (changes: object) => ({
  "scheduler/scheduler_config.json": { _class_name: "DDIMScheduler", ...changes },
});

describe("what inspecting a pack tells, without loading a graph", () => {
  it("text-to-image models draw, redraw and repaint", async () => {
    expect(await factsOf({})).toMatchObject({
      kind: "diffusion",
      family: "stable-diffusion",
      tasks: expect.arrayContaining(["inpaint", "outpaint", "restyle", "create"]),
      nativeSize: 64,
      sizeMultiple: 16,
      cell: 8,
      seesMask: false,
      readsPrompt: true,
      isGuidable: true,
      canInvert: true,
      fixedSize: undefined,
      defaults: { scheduler: "pndm", steps: 30, guidanceScale: 7.5 },
    });
  });

  it("inpainting models do the same, by what is masked", async () => {
    const facts = await factsOf({ layers: ["base", "inpaint"], sample: ["batch", 9, "height", "width"] });
    expect(facts.tasks).toEqual(expect.arrayContaining(["inpaint", "outpaint", "restyle", "create"]));
    expect(facts.seesMask).toBe(true);
  });

  it("without a vae_encoder there is nothing to start from but noise", async () => {
    const index = { _class_name: "StableDiffusionPipeline", text_encoder: ["diffusers", "OnnxRuntimeModel"] };
    expect((await factsOf({ files: { "model_index.json": index } })).tasks).toEqual(["create"]);
  });

  it("upscalers work on the small picture", async () => {
    const facts = await factsOf({ layers: ["base", "upscale"], sample: ["batch", 7, 8, 8] });
    expect(facts).toMatchObject({
      tasks: ["upscale"],
      nativeSize: 8,
      cell: 1,
      enlarging: { method: "diffusion", factor: 4, maxNoiseLevel: 350 },
      fixedSize: { width: 8, height: 8 },
      defaults: { steps: 75, guidanceScale: 9 },
    });
  });

  it("the autoencoder works in tiles of the size it was trained on, unless its graphs have one size", async () => {
    expect((await factsOf({})).memory?.codedSide).toBe(8);
    const upscaler = { layers: ["base", "upscale"], sample: ["batch", 7, "height", "width"] };
    const files = { "vae/config.json": { sample_size: 64, block_out_channels: [4, 4, 4] } };
    expect((await factsOf({ ...upscaler, files })).memory?.codedSide).toBe(16);
    expect((await factsOf({ sample: [2, 4, 8, 12] })).memory?.codedSide).toBeUndefined();
  });

  it("each ControlNet takes as much memory as the denoiser", async () => {
    const index = JSON.parse(readFileSync(inRepository("tests/fixtures/packs/base/model_index.json"), "utf8"));
    const controlNet = ["diffusers", "ControlNetModel"];
    const files = { "model_index.json": { ...index, control_net_0: controlNet, control_net_1: controlNet } };
    const [alone, held] = [await factsOf({}), await factsOf({ files })];
    expect(held.memory?.denoiser.perCell).toBe(3 * (alone.memory?.denoiser.perCell ?? Number.NaN));
    expect(held.memory?.denoiser.perCellPair).toBe(3 * (alone.memory?.denoiser.perCellPair ?? Number.NaN));
  });

  it("upscalers trained without text have nothing to be guided by", async () => {
    const files = { ...upscaleIndex, "overpaint.json": { defaults: { steps: 4, guidanceScale: 1, noiseLevel: 0 } } };
    const layers = ["base", "upscale"];
    const sample = ["batch", 7, "height", "width"];
    const pack = await openDiffusionModel(packOnPaper({ files, layers, sample, readsText: false }));
    expect(pack.facts).toMatchObject({ tasks: ["upscale"], defaults: { steps: 4, noiseLevel: 0 } });
    const conditioning = await pack.encodePrompt({ prompt: "a cat", isGuided: true, longPrompts: "truncate" });
    expect(conditioning).toMatchObject({ prompt: { tokens: 0 }, negative: undefined });
  });

  it.each([
    ["in vae, as diffusers exports it", { "vae_decoder/config.json": undefined }, "vae/model.onnx"],
    ["in vae_decoder, as Optimum exports it", { "vae/config.json": undefined }, "vae_decoder/model.onnx"],
    ["in vae where both are there", {}, "vae/model.onnx"],
    [
      "in vae where neither has a config",
      { "vae/config.json": undefined, "vae_decoder/config.json": undefined },
      "vae/model.onnx",
    ],
  ])("an upscaler's decoder is looked for %s", async (_, files, decoder) => {
    const layers = ["base", "upscale"];
    const model = await openDiffusionModel(packOnPaper({ files, layers, sample: ["batch", 7, "height", "width"] }));
    expect(model.graphs).toEqual(["unet/model.onnx", "text_encoder/model.onnx", decoder]);
    expect([model.latents.cell, model.latents.channels]).toEqual([4, 4]);
  });

  it("a denoiser that reads a prompt needs a text encoder", async () => {
    const sample = ["batch", 7, "height", "width"];
    const opened = factsOf({ files: upscaleIndex, layers: ["base", "upscale"], sample });
    await expect(opened).rejects.toMatchObject({
      code: "damaged-model",
      message: expect.stringContaining("lists no text_encoder"),
    });
  });

  it("the sizes of graphs with fixed shapes are in pixels", async () => {
    expect((await factsOf({ sample: [2, 4, 8, 12] })).fixedSize).toEqual({ width: 96, height: 64 });
  });

  it("configs that exporters leave out are the family's", async () => {
    const facts = await factsOf({ layers: ["script"] });
    expect(facts).toMatchObject({ nativeSize: 512, sizeMultiple: 64, cell: 8, seesMask: false });
  });

  it.each([
    [true, { prediction_type: "v_prediction" }],
    [true, { prediction_type: "sample" }],
    [false, { prediction_type: "flow_prediction" }],
    [false, { _class_name: "FlowMatchEulerDiscreteScheduler" }],
  ])("that DDIM can be run backwards is %s when its scheduler says %j", async (canInvert, config) => {
    expect((await factsOf({ files: scheduler(config) })).canInvert).toBe(canInvert);
  });

  it.each([
    ["distilled for few steps", scheduler({ _class_name: "TCDScheduler" }), { steps: 4, guidanceScale: 1 }],
    [
      "turbo models",
      scheduler({ _class_name: "EulerDiscreteScheduler", timestep_spacing: "trailing" }),
      { steps: 4, guidanceScale: 1 },
    ],
    [
      "as its makers recommend",
      { "overpaint.json": { defaults: { steps: 12, guidanceScale: 3 } } },
      { steps: 12, guidanceScale: 3 },
    ],
  ])("runs by default %s", async (_, files, defaults) => {
    expect((await factsOf({ files })).defaults).toMatchObject(defaults);
  });

  it.each([
    ["Stable Diffusion", {}, { inpaint: 7.5, others: 7.5 }],
    ["Stable Diffusion XL", { layers: ["base", "xl"] }, { inpaint: 7.5, others: 5 }],
    ["an upscaler", { layers: ["base", "upscale"], sample: ["batch", 7, 8, 8] }, { inpaint: 9, others: 9 }],
    ["turbo models", { files: scheduler({ _class_name: "TCDScheduler" }) }, { inpaint: 7.5, others: 7.5 }],
    ["a recommendation", { files: { "overpaint.json": { defaults: { guidanceScale: 3 } } } }, undefined],
  ])("guides plain runs as diffusers' pipelines guide %s", async (_, pack, guidance) => {
    expect((await factsOf(pack)).defaults?.plainGuidance).toEqual(guidance);
  });

  it("is told of a style as its makers recommend", async () => {
    const styleWords = { flat: { template: "{prompt}, flat style", negativePrompt: "3d style" } };
    expect((await factsOf({ files: { "overpaint.json": { styleWords } } })).styleWords).toEqual(styleWords);
    const wordless = { flat: { template: "flat style", negativePrompt: "" } };
    await expect(factsOf({ files: { "overpaint.json": { styleWords: wordless } } })).rejects.toMatchObject({
      code: "damaged-model",
    });
  });

  it("has nothing to be guided by where the denoiser reads no prompt", async () => {
    const pack = {
      files: upscaleIndex,
      layers: ["base", "upscale"],
      sample: ["batch", 7, "height", "width"],
      readsText: false,
    };
    expect((await factsOf(pack)).isGuidable).toBe(false);
  });

  it("takes the guidance scale as an input where the denoiser was distilled with it", async () => {
    const extraInputs: ValueInfo[] = [{ name: "timestep_cond", type: "float32", shape: ["batch", 256] }];
    const pack = await openDiffusionModel(packOnPaper({ extraInputs }));
    expect(pack.facts.isGuidable).toBe(false);
    expect(pack.facts.defaults).toMatchObject({ steps: 4, guidanceScale: 8.5 });
  });

  it("reads the infinities Python writes into JSON", async () => {
    const files = packOnPaper({});
    const config = '{"_class_name": "DPMSolverMultistepScheduler", "lambda_min_clipped": -Infinity}';
    const readText = async (path: string) =>
      path === "scheduler/scheduler_config.json" ? config : await files.readText(path);
    const pack = await openDiffusionModel({ ...files, readText });
    expect(pack.facts.defaults?.scheduler).toBe("dpmpp-2m");
  });
});
