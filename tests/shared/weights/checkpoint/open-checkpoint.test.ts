import { describe, expect, test } from "vitest";
import {
  type Checkpoint,
  type ComponentName,
  requireUsable,
} from "../../../../shared/weights/checkpoint/checkpoint.ts";
import { openCheckpoint } from "../../../../shared/weights/checkpoint/open-checkpoint.ts";
import { openVaeFile } from "../../../../shared/weights/checkpoint/open-part.ts";
import { openLora } from "../../../../shared/weights/lora/open-lora.ts";
import type { WeightFiles } from "../../../../shared/weights/weight-files.ts";
import { headerOf, type KeyList, keyLists } from "../../../support/key-lists.ts";
import { MemoryFiles, safetensorsFile, safetensorsHeader } from "../../../support/weight-files.ts";

const clipMerges = () => Promise.resolve("");
const options = { file: "model.safetensors", clipMerges };
const without = (pattern: RegExp) => (list: KeyList["tensors"]) => list.filter(([name]) => !pattern.test(name));
const open = (model: string, change?: (list: KeyList["tensors"]) => KeyList["tensors"]) =>
  openCheckpoint(headerOf(model, change), options);

describe("half of a model names what it lacks", () => {
  test.each([
    ["no VAE", /^first_stage_model/, /has no VAE/],
    ["no text encoder", /^cond_stage_model/, /has no text encoder/],
    ["only a U-Net", /^(first_stage_model|cond_stage_model)/, /has no VAE: it holds a U-Net alone/],
    ["only a text encoder", /^(first_stage_model|model\.)/, /has no U-Net: it holds a text encoder alone/],
    ["only a VAE", /^(cond_stage_model|model\.)/, /has no U-Net: it holds a VAE alone/],
  ])("%s", async (_, pattern, message) => {
    const checkpoint = await open("sd-1.5", without(pattern));
    expect(() => requireUsable(checkpoint)).toThrow(message);
  });

  test.each([
    ["no CLIP-L", "sdxl-base", /^conditioner\.embedders\.0/, /has no first text encoder \(CLIP-L\): it holds a second/],
    ["no OpenCLIP", "sdxl-base", /^conditioner\.embedders\.1/, /has no second text encoder \(OpenCLIP bigG\): it/],
    ["no text encoder", "sdxl-base", /^conditioner/, /has no first text encoder/],
    ["no VAE", "sdxl-base", /^first_stage_model/, /has no VAE/],
    ["no U-Net", "sdxl-base", /^model\./, /has no U-Net: it holds a first text encoder \(CLIP-L\) and second/],
    ["no OpenCLIP", "sdxl-refiner", /^conditioner/, /has no second text encoder/],
    ["no U-Net", "sdxl-refiner", /^model\./, /has no U-Net/],
  ])("%s, of %s", async (_, model, pattern, message) => {
    const checkpoint = await open(model, without(pattern));
    expect(() => requireUsable(checkpoint)).toThrow(message);
    const { value } = checkpoint.facts.find(({ name }) => name === "family") ?? {};
    expect(value).toBe(model === "sdxl-base" ? "Stable Diffusion XL" : "Stable Diffusion XL's refiner");
  });

  test("OpenCLIP numbered as the only conditioner, of a base model", async () => {
    const checkpoint = await open("sdxl-base", (list) =>
      without(/^conditioner\.embedders\.0/)(list).map(
        ([name, ...dims]) => [name.replace("embedders.1", "embedders.0"), ...dims] as const,
      ),
    );
    expect(() => requireUsable(checkpoint)).toThrow(/has no first text encoder \(CLIP-L\)/);
    expect(checkpoint.facts[0]?.value).toBe("Stable Diffusion XL");
  });

  test("a U-Net of averaged weights alone", async () => {
    const checkpoint = await open("sd-1.5", (list) =>
      list.map(
        ([name, ...dims]) =>
          [name.replace(/^model\.(.*)/, (_, rest) => `model_ema.${rest.replaceAll(".", "")}`), ...dims] as const,
      ),
    );
    expect(() => requireUsable(checkpoint)).toThrow(/U-Net as averaged \(EMA\) weights alone/);
  });

  test("and is whole once that comes from elsewhere", async () => {
    const checkpoint = await open("sd-1.5", without(/^first_stage_model/));
    expect(() => requireUsable(checkpoint, new Set(["vae"]))).not.toThrow();
  });
});

describe("a file that is no model", () => {
  test("of averaged weights alone is refused", async () => {
    const list = (tensors: KeyList["tensors"]) =>
      tensors.map(([name, ...dims]) => [`model_ema.${name.replaceAll(".", "")}`, ...dims] as const);
    await expect(open("sd-1.5", list)).rejects.toThrow(/averaged \(EMA\) weights alone/);
  });

  test("but a LoRA is refused, with what to do with it", async () => {
    const files = new MemoryFiles({
      "model.safetensors": safetensorsFile({ "lora_unet_x.lora_down.weight": { dims: [1] } }),
    });
    await expect(openCheckpoint(files, options)).rejects.toThrow(/holds a LoRA, not a model that draws/);
  });

  test("but a ControlNet is refused", async () => {
    await expect(open("controlnet")).rejects.toThrow(/holds a ControlNet/);
  });

  test("of another family is refused by its name", async () => {
    const files = new MemoryFiles({
      "model.safetensors": safetensorsFile({ "double_blocks.0.img_attn.proj.weight": { dims: [1] } }),
    });
    await expect(openCheckpoint(files, options)).rejects.toThrow(/a model of the FLUX family/);
  });

  test("of any other keys is refused", async () => {
    const files = new MemoryFiles({ "model.safetensors": safetensorsFile({ x: { dims: [1] } }) });
    await expect(openCheckpoint(files, options)).rejects.toThrow(/no model that is known here/);
  });
});

describe("weights that contradict each other", () => {
  test("are refused when a bias has another length than its weight", async () => {
    const change = (list: KeyList["tensors"]) =>
      list.map((tensor) =>
        tensor[0].endsWith("input_blocks.1.0.in_layers.2.bias") ? ([tensor[0], 7] as const) : tensor,
      );
    await expect(open("sd-1.5", change)).rejects.toThrow(
      /"down_blocks.0.resnets.0.conv1.bias" is \[7\] beside weights of \[320, 320, 3, 3\]/,
    );
  });

  test.each([
    ["sd-1.5", /model\.diffusion_model\.out\.2\.bias/, /unet that lacks the weights "conv_out\.bias"/],
    ["sd-1.5", /first_stage_model\.quant_conv\.bias/, /vae that lacks the weights "quant_conv\.bias"/],
    ["sd-1.5", /layers\.3\.mlp\.fc1\.bias/, /text_encoder that lacks the weights "text_model.*mlp\.fc1\.bias"/],
    ["sd-2.1", /resblocks\.3\.attn\.in_proj_bias/, /text_encoder that lacks the weights "text_model.*q_proj\.bias"/],
  ])("are refused when %s lacks a bias: %s", async (model, pattern, message) => {
    await expect(open(model, without(pattern))).rejects.toThrow(message);
  });

  test("are refused when a network is incomplete", async () => {
    await expect(open("sd-1.5", without(/input_blocks\.0\.0/))).rejects.toThrow();
  });
});

describe("what a model predicts", () => {
  const predictionOf = async (
    model: string,
    markers: readonly string[],
    metadata?: Readonly<Record<string, string>>,
    stated?: "epsilon",
  ) => {
    const tensors = [...(keyLists.models[model]?.tensors ?? []), ...markers.map((name) => [name] as const)];
    const entries = Object.fromEntries(tensors.map(([name, ...dims]) => [name, { type: "F16", dims }]));
    const { bytes, dataBytes } = safetensorsHeader(entries, metadata);
    const files = new MemoryFiles({ "model.safetensors": bytes }, dataBytes);
    const checkpoint = await openCheckpoint(files, { ...options, prediction: stated });
    const config = JSON.parse((await checkpoint.readText("scheduler/scheduler_config.json")) ?? "");
    const { foundBy } = checkpoint.facts.find(({ name }) => name === "prediction type") ?? {};
    return { type: config.prediction_type, zero: config.rescale_betas_zero_snr, foundBy };
  };

  test("is what its family usually does", async () => {
    expect(await predictionOf("sdxl-base", [])).toMatchObject({
      type: "epsilon",
      foundBy: expect.stringContaining("usual"),
    });
    expect(await predictionOf("sd-2.1", [])).toMatchObject({
      type: "v_prediction",
      foundBy: expect.stringContaining("usual"),
    });
  });

  test("is what a key marks", async () => {
    expect(await predictionOf("sdxl-base", ["v_pred", "ztsnr"])).toEqual({
      type: "v_prediction",
      zero: true,
      foundBy: "key v_pred in the file",
    });
  });

  test("is what the metadata says", async () => {
    expect(await predictionOf("sdxl-base", [], { "modelspec.prediction_type": "v" })).toMatchObject({
      type: "v_prediction",
    });
    expect(await predictionOf("sd-2.1", [], { "modelspec.architecture": "stable-diffusion-v2-512" })).toMatchObject({
      type: "epsilon",
    });
  });

  test("is what the user says, before everything else", async () => {
    expect(await predictionOf("sdxl-base", ["v_pred"], {}, "epsilon")).toMatchObject({
      type: "epsilon",
      foundBy: "said by the user",
    });
  });

  test.each([
    [0.2, "v_prediction"],
    [0.05, "epsilon"],
  ])("is told by a bias of Stable Diffusion 2 whose values spread by %s: %s", async (spread, type) => {
    const name = "model.diffusion_model.output_blocks.11.1.transformer_blocks.0.norm1.bias";
    const list = (keyLists.models["sd-2.1"]?.tensors ?? []).filter(([other]) => other !== name);
    const values = Float32Array.from({ length: 320 }, (_, i) => (i % 2 === 0 ? spread : -spread));
    const entries = Object.fromEntries(list.map(([other, ...dims]) => [other, { dims }]));
    const { bytes, dataBytes } = safetensorsHeader({ [name]: { dims: [320] }, ...entries });
    const file = new Uint8Array(bytes.length + values.byteLength);
    file.set(bytes);
    file.set(new Uint8Array(values.buffer), bytes.length);
    const checkpoint = await openCheckpoint(new MemoryFiles({ "model.safetensors": file }, dataBytes), options);
    expect(checkpoint.facts.find((fact) => fact.name === "prediction type")).toMatchObject({ value: type });
    expect(checkpoint.components.get("unet")?.config.sample_size).toBe(type === "epsilon" ? 64 : 96);
  });

  test("cannot be EDM's", async () => {
    const checkpoint = await open("sdxl-base", (list) => [...list, ["edm_mean", 4]]);
    expect(() => requireUsable(checkpoint)).toThrow(/EDM/);
  });
});

describe("narrow models of the same structure", () => {
  /** Sizes that are no widths: words, and noise levels. */
  const counts = new Set([49_408, 1000]);
  const narrow = (list: KeyList["tensors"]) =>
    list.map(
      ([name, ...dims]) => [name, ...dims.map((dim) => (dim >= 256 && !counts.has(dim) ? dim / 4 : dim))] as const,
    );

  test.each([
    ["sd-1.5", "Stable Diffusion 1", 8],
    ["sd-2.1", "Stable Diffusion 2", [1, 2, 5, 5]],
    ["sdxl-base", "Stable Diffusion XL", [1, 2, 5]],
    ["sdxl-refiner", "Stable Diffusion XL's refiner", [1, 3, 6, 6]],
    ["x4-upscaler", "Stable Diffusion's x4 upscaler", 8],
  ])("%s is still %s", async (model, family, heads) => {
    const checkpoint = await open(model, narrow);
    requireUsable(checkpoint);
    expect(checkpoint.facts[0]?.value).toBe(family);
    const published = keyLists.models[model]?.configs.unet ?? {};
    expect(checkpoint.components.get("unet")?.config).toEqual({
      ...published,
      ...checkpoint.components.get("unet")?.config,
      attention_head_dim: heads,
      block_out_channels: (published.block_out_channels as readonly number[]).map((width) => width / 4),
      cross_attention_dim: Number(published.cross_attention_dim) / 4,
      ...("addition_time_embed_dim" in published && { addition_time_embed_dim: 64 }),
      ...("only_cross_attention" in published && { only_cross_attention: published.only_cross_attention }),
    });
  });
});

describe("a VAE of its own", () => {
  const convention = { scalingFactor: 0.18215, sampleSize: 512 };

  test.each([
    ["with its prefix", (name: string) => name],
    ["without", (name: string) => name.replace("first_stage_model.", "")],
    ["with another prefix", (name: string) => name.replace("first_stage_model.", "vae.")],
  ])("is the same %s", async (_, rename) => {
    const files = headerOf("sd-1.5", (list) =>
      list
        .filter(([name]) => name.startsWith("first_stage_model."))
        .map(([name, ...dims]) => [rename(name), ...dims] as const),
    );
    const { config, weights } = await openVaeFile(files, "model.safetensors", convention);
    expect(config).toMatchObject(keyLists.models["sd-1.5"]?.configs.vae ?? {});
    expect(weights.dims("decoder.mid_block.attentions.0.to_out.0.weight")).toEqual([512, 512]);
  });

  test("is refused when it is something else", async () => {
    await expect(openVaeFile(headerOf("controlnet"), "model.safetensors", convention)).rejects.toThrow(
      /holds no VAE, but a ControlNet/,
    );
  });
});

describe("a text encoder in the place of a model's own", () => {
  /** A model with the text encoders of another model's file. */
  const replace = async (
    model: string,
    text: string,
    change?: (list: KeyList["tensors"]) => KeyList["tensors"],
    changeText?: typeof change,
  ) => {
    const own = headerOf(model, change);
    const other = headerOf(text, changeText);
    const files = new JoinedFiles(own, other);
    const textEncoders = [{ folder: "@other", file: "model.safetensors" }];
    return await openCheckpoint(files, { ...options, textEncoders });
  };
  const fileOf = (checkpoint: Checkpoint, name: ComponentName) =>
    checkpoint.components.get(name)?.weights.find("text_model.final_layer_norm.weight")?.file;
  const OTHER = "@other/model.safetensors";

  test.each([
    ["sd-1.5", "sdxl-base", ["text_encoder"]],
    ["sd-2.1", "x4-upscaler", ["text_encoder"]],
    ["sdxl-base", "sd-1.5", ["text_encoder"]],
    ["sdxl-base", "sdxl-refiner", ["text_encoder_2"]],
    ["sdxl-base", "sdxl-inpainting", ["text_encoder", "text_encoder_2"]],
  ] as const)("of %s is that of %s, with the same config", async (model, text, replaced) => {
    const plain = await open(model);
    const checkpoint = await replace(model, text);
    for (const name of ["text_encoder", "text_encoder_2"] as const) {
      expect(checkpoint.components.get(name)?.config).toEqual(plain.components.get(name)?.config);
      expect(fileOf(checkpoint, name) === OTHER, name).toBe(replaced.some((each) => each === name));
    }
  });

  test.each([
    ["sd-1.5", "sdxl-base", /^cond_stage_model/],
    ["sd-2.1", "x4-upscaler", /^cond_stage_model/],
    ["sdxl-base", "sd-1.5", /^conditioner\.embedders\.0/],
    ["sdxl-base", "sdxl-refiner", /^conditioner\.embedders\.1/],
    ["sdxl-refiner", "sdxl-base", /^conditioner/],
  ])("makes %s without its own whole, from %s", async (model, text, pattern) => {
    const checkpoint = await replace(model, text, without(pattern));
    requireUsable(checkpoint);
    for (const [name, { config }] of (await open(model)).components)
      expect(checkpoint.components.get(name)?.config).toEqual(config);
    expect(await checkpoint.readText("model_index.json")).toEqual(
      await (await open(model)).readText("model_index.json"),
    );
  });

  test("is refused when it is another kind", async () => {
    await expect(replace("sd-1.5", "sd-2.1")).rejects.toThrow(
      /width 1024 and 24 layers, and the model's has 768 and 12/,
    );
  });

  test("is refused when it knows other words", async () => {
    const fewer = (list: KeyList["tensors"]) =>
      list.map((tensor) => (tensor[0].endsWith("token_embedding.weight") ? ([tensor[0], 1000, 768] as const) : tensor));
    await expect(replace("sd-1.5", "sd-1.5", undefined, fewer)).rejects.toThrow(
      /has a vocab_size of 1000, and the model's of 49408/,
    );
  });

  test("is refused when the file holds none", async () => {
    await expect(replace("sd-1.5", "controlnet")).rejects.toThrow(/holds no text encoder, but a ControlNet/);
  });
});

/** A model's files, and those of another one under `@other`. */
class JoinedFiles implements WeightFiles {
  readonly #own: WeightFiles;
  readonly #other: WeightFiles;

  constructor(own: WeightFiles, other: WeightFiles) {
    this.#own = own;
    this.#other = other;
  }

  #at(path: string) {
    return path.startsWith("@other/") ? ([this.#other, path.slice(7)] as const) : ([this.#own, path] as const);
  }

  readText(path: string) {
    const [files, name] = this.#at(path);
    return files.readText(name);
  }

  size(path: string) {
    const [files, name] = this.#at(path);
    return files.size(name);
  }

  readBytes(path: string, offset: number, length: number) {
    const [files, name] = this.#at(path);
    return files.readBytes(name, offset, length);
  }
}

test("a LoRA of Stable Diffusion 1 does not fit XL", async () => {
  const { components } = await open("sdxl-base");
  const stem = "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k";
  const lora = safetensorsFile({
    [`${stem}.lora_down.weight`]: { dims: [4, 768] },
    [`${stem}.lora_up.weight`]: { dims: [640, 4] },
  });
  await expect(openLora(new MemoryFiles({ "l.safetensors": lora }), "l.safetensors", components)).rejects.toThrow(
    /LoRA for another model/,
  );
});
