import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  buildAutoencoderKlDecoder,
  buildAutoencoderKlEncoder,
  parseAutoencoderKlConfig,
} from "../../../shared/networks/autoencoder-kl.ts";
import {
  buildAutoencoderTinyDecoder,
  buildAutoencoderTinyEncoder,
  parseAutoencoderTinyConfig,
} from "../../../shared/networks/autoencoder-tiny.ts";
import { buildClipText, parseClipTextConfig } from "../../../shared/networks/clip-text.ts";
import { buildControlNet } from "../../../shared/networks/control-net.ts";
import { buildUnet2dCondition } from "../../../shared/networks/unet-2d-condition.ts";
import {
  parseControlNetConfig,
  parseUnet2dConditionConfig,
} from "../../../shared/networks/unet-2d-condition-config.ts";
import { requireUsable } from "../../../shared/weights/checkpoint/checkpoint.ts";
import { openCheckpoint } from "../../../shared/weights/checkpoint/open-checkpoint.ts";
import { openControlNetFile, openTinyVaeFile } from "../../../shared/weights/checkpoint/open-part.ts";
import { headerOf, keyLists } from "../../support/key-lists.ts";
import { inRepository } from "../../support/repository.ts";

const clipMerges = () => Promise.resolve(readFileSync(inRepository("models/clip-tokenizer/merges.txt"), "utf8"));
const open = (model: string) => openCheckpoint(headerOf(model), { file: "model.safetensors", clipMerges });
const models = Object.keys(keyLists.models).filter((name) => !["controlnet", "taesd"].includes(name));

describe.each(models)("the published checkpoint %s as a single file", (model) => {
  const { configs } = keyLists.models[model]!; // models are its keys

  test("has the configs that were published, in every field, told by names and shapes", async () => {
    const { components } = await open(model);
    expect([...components.keys()].sort()).toEqual(Object.keys(configs).sort());
    for (const [name, published] of Object.entries(configs)) {
      const { architectures: _, ...inferred } = components.get(name as "unet")?.config ?? {};
      const defaults = keyLists.defaults[name];
      expect({ ...defaults, ...inferred }).toEqual({ ...defaults, ...published });
    }
  });

  test("has every weight of diffusers' classes, with its shape", async () => {
    const { components } = await open(model);
    expect(missingOf(components, keyLists.names[model])).toEqual([]);
  });

  test("has its weights in the shapes that the networks ask for", async () => {
    const { components } = await open(model);
    for (const [name, { config, weights }] of components) {
      if (name === "unet") buildUnet2dCondition(parseUnet2dConditionConfig(config), weights);
      else if (name === "vae") {
        buildAutoencoderKlEncoder(parseAutoencoderKlConfig(config), weights);
        buildAutoencoderKlDecoder(parseAutoencoderKlConfig(config), weights);
      } else buildClipText(parseClipTextConfig(config), weights);
    }
  });

  test("has no weight of its networks that they do not have", async () => {
    const { components } = await open(model);
    const known = new Set((keyLists.names[model] ?? []).map((line) => line.split(" ").slice(0, 2).join(" ")));
    const surplus = [...components].flatMap(([component, { weights }]) =>
      [...weights.names()].map((name) => `${component} ${name}`).filter((name) => !known.has(name)),
    );
    // Stable Diffusion 2's text encoder has a last layer and a projection that are not used.
    expect(surplus.filter((name) => !/layers\.23\.|text_encoder text_projection/.test(name))).toEqual([]);
  });
});

test("a ControlNet has the published config and every weight", async () => {
  const control = await openControlNetFile(headerOf("controlnet"), "model.safetensors");
  expect(control.config).toMatchObject(keyLists.models.controlnet?.configs.controlnet ?? {});
  expect(missingOf(new Map([["controlnet", control]]), keyLists.names.controlnet)).toEqual([]);
  buildControlNet(parseControlNetConfig(control.config), control.weights);
});

test("a tiny VAE has the published config and every weight", async () => {
  const tiny = await openTinyVaeFile(headerOf("taesd"), "model.safetensors");
  expect(tiny.config).toEqual(keyLists.models.taesd?.configs.vae);
  expect(missingOf(new Map([["vae", tiny]]), keyLists.names.taesd)).toEqual([]);
  buildAutoencoderTinyEncoder(parseAutoencoderTinyConfig(tiny.config), tiny.weights);
  buildAutoencoderTinyDecoder(parseAutoencoderTinyConfig(tiny.config), tiny.weights);
});

test("a tiny VAE's original decoder, whose layers are counted from one, is the same decoder", async () => {
  const original = headerOf("taesd", (list) =>
    list
      .filter(([name]) => name.startsWith("decoder."))
      .map(
        ([name, ...dims]) =>
          [name.replace(/^decoder\.layers\.(\d+)/, (_, layer) => `${Number(layer) + 1}`), ...dims] as const,
      ),
  );
  const { config } = await openTinyVaeFile(original, "model.safetensors");
  expect(config).toMatchObject({ latent_channels: 4, num_decoder_blocks: [3, 3, 3, 1] });
});

test.each([
  ["sd-1.5", "Stable Diffusion 1", "base", "epsilon", "StableDiffusionPipeline", "PNDMScheduler"],
  [
    "sd-1.5-inpainting",
    "Stable Diffusion 1",
    "inpainting",
    "epsilon",
    "StableDiffusionInpaintPipeline",
    "PNDMScheduler",
  ],
  [
    "instruct-pix2pix",
    "Stable Diffusion 1",
    "instruct-pix2pix",
    "epsilon",
    "StableDiffusionInstructPix2PixPipeline",
    "PNDMScheduler",
  ],
  ["sd-2.1", "Stable Diffusion 2", "base", "v_prediction", "StableDiffusionPipeline", "DDIMScheduler"],
  ["sdxl-base", "Stable Diffusion XL", "base", "epsilon", "StableDiffusionXLPipeline", "EulerDiscreteScheduler"],
  [
    "sdxl-inpainting",
    "Stable Diffusion XL",
    "inpainting",
    "epsilon",
    "StableDiffusionXLInpaintPipeline",
    "EulerDiscreteScheduler",
  ],
  [
    "sdxl-refiner",
    "Stable Diffusion XL's refiner",
    "base",
    "epsilon",
    "StableDiffusionXLImg2ImgPipeline",
    "EulerDiscreteScheduler",
  ],
  [
    "x4-upscaler",
    "Stable Diffusion's x4 upscaler",
    "low-resolution",
    "v_prediction",
    "StableDiffusionUpscalePipeline",
    "DDIMScheduler",
  ],
])(
  "%s is %s (%s), predicts %s, and is drawn with by %s and %s",
  async (model, family, variant, prediction, pipeline, scheduler) => {
    const checkpoint = await open(model);
    requireUsable(checkpoint);
    const facts = Object.fromEntries(checkpoint.facts.map(({ name, value }) => [name, value]));
    expect(facts).toMatchObject({ family, variant, "prediction type": prediction });
    expect(JSON.parse((await checkpoint.readText("model_index.json")) ?? "")._class_name).toBe(pipeline);
    const config = JSON.parse((await checkpoint.readText("scheduler/scheduler_config.json")) ?? "");
    expect(config).toMatchObject({ _class_name: scheduler, prediction_type: prediction });
  },
);

test("depth-to-image models are refused by name", async () => {
  const checkpoint = await open("sd-2-depth");
  expect(() => requireUsable(checkpoint)).toThrow("depth-to-image");
});

test("nothing but the header is read of a model of two gigabytes", async () => {
  const files = headerOf("sd-1.5");
  await openCheckpoint(files, { file: "model.safetensors", clipMerges });
  expect(files.read.get("model.safetensors")).toBeLessThan(200_000);
});

function missingOf(
  components: ReadonlyMap<string, { readonly weights: { dims(name: string): readonly number[] | undefined } }>,
  names: readonly string[] = [],
): readonly string[] {
  return names.filter((line) => {
    const [component = "", name = "", shape] = line.split(" ");
    return components.get(component)?.weights.dims(name)?.join("x") !== shape;
  });
}
