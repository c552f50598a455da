import { describe, expect, test } from "vitest";
import { openCheckpoint } from "../../../../shared/weights/checkpoint/open-checkpoint.ts";
import { openComponentFolder } from "../../../../shared/weights/checkpoint/open-folder.ts";
import { keyLists } from "../../../support/key-lists.ts";
import { MemoryFiles, safetensorsHeader } from "../../../support/weight-files.ts";

type Files = Record<string, Uint8Array | string>;
type Tensors = Record<string, { readonly type: string; readonly dims: readonly number[] }>;

const { configs } = keyLists.models["sd-1.5"]!; // written by the generator
const clipMerges = () => Promise.resolve("");
/** Every file seems to end after its last tensor. */
const PRETENDED = 4e9;

function tensorsOf(component: string, rename = (name: string) => name): Tensors {
  const lines = (keyLists.names["sd-1.5"] ?? [])
    .map((line) => line.split(" "))
    .filter(([owner]) => owner === component);
  return Object.fromEntries(
    lines.map(([, name = "", shape = ""]) => [rename(name), { type: "F16", dims: shape.split("x").map(Number) }]),
  );
}
const header = (tensors: Tensors) => safetensorsHeader(tensors).bytes;

/** Stable Diffusion 1.5 as diffusers saves it, with a safety checker that is listed and not there. */
function folder(changes: Files = {}, removed: readonly string[] = []): Files {
  const files: Files = {
    "model_index.json": JSON.stringify({
      _class_name: "StableDiffusionPipeline",
      unet: ["diffusers", "UNet2DConditionModel"],
      vae: ["diffusers", "AutoencoderKL"],
      text_encoder: ["transformers", "CLIPTextModel"],
      safety_checker: ["stable_diffusion", "StableDiffusionSafetyChecker"],
      feature_extractor: [null, null],
    }),
    "scheduler/scheduler_config.json": JSON.stringify({ _class_name: "PNDMScheduler", steps_offset: 1 }),
    "unet/config.json": JSON.stringify(configs.unet),
    "vae/config.json": JSON.stringify(configs.vae),
    "text_encoder/config.json": JSON.stringify(configs.text_encoder),
    "unet/diffusion_pytorch_model.safetensors": header(tensorsOf("unet")),
    "vae/diffusion_pytorch_model.safetensors": header(tensorsOf("vae")),
    "text_encoder/model.safetensors": header(tensorsOf("text_encoder")),
    ...changes,
  };
  for (const path of removed) delete files[path];
  return files;
}
const open = (files: Files, prediction?: "v_prediction") =>
  openCheckpoint(new MemoryFiles(files, PRETENDED), { clipMerges, prediction });

const UNET = "unet/diffusion_pytorch_model.safetensors";

describe("a folder in diffusers' layout", () => {
  test("is opened as it is, its safety checker ignored", async () => {
    const { components, problems } = await open(folder());
    expect([...components.keys()]).toEqual(["unet", "vae", "text_encoder"]);
    expect(problems).toEqual([]);
    expect(components.get("unet")?.config).toEqual(configs.unet);
    expect(components.get("unet")?.weights.find("conv_in.weight")?.file).toBe(UNET);
  });

  test.each([
    ["in half precision alone", "diffusion_pytorch_model.fp16.safetensors"],
    ["named as transformers names them", "model.safetensors"],
  ])("may have weights %s", async (_, name) => {
    const { components } = await open(folder({ [`unet/${name}`]: header(tensorsOf("unet")) }, [UNET]));
    expect(components.get("unet")?.weights.find("conv_in.weight")?.file).toBe(`unet/${name}`);
  });

  test.each(["diffusion_pytorch_model.safetensors.index.json", "diffusion_pytorch_model.safetensors.index.fp16.json"])(
    "may be divided by %s",
    async (index) => {
      const all = Object.entries(tensorsOf("unet"));
      const halves = [all.slice(0, 300), all.slice(300)].map((half) => Object.fromEntries(half));
      const map = Object.fromEntries(
        halves.flatMap((half, i) => Object.keys(half).map((name) => [name, `${i}.safetensors`])),
      );
      const shards = Object.fromEntries(halves.map((half, i) => [`unet/${i}.safetensors`, header(half)]));
      const { components } = await open(
        folder({ ...shards, [`unet/${index}`]: JSON.stringify({ weight_map: map }) }, [UNET]),
      );
      expect(components.get("unet")?.weights.size).toBe(all.length);
    },
  );

  test("may have a text encoder without the prefix text_model, and an autoencoder with old names", async () => {
    const old = (name: string) =>
      name.replace("to_q", "query").replace("to_k", "key").replace("to_v", "value").replace("to_out.0", "proj_attn");
    const { components } = await open(
      folder({
        "text_encoder/model.safetensors": header(tensorsOf("text_encoder", (name) => name.replace("text_model.", ""))),
        "vae/diffusion_pytorch_model.safetensors": header(tensorsOf("vae", old)),
      }),
    );
    expect(components.get("text_encoder")?.weights.find("text_model.final_layer_norm.weight")).toBeDefined();
    for (const name of ["to_q", "to_k", "to_v", "to_out.0"])
      expect(components.get("vae")?.weights.find(`encoder.mid_block.attentions.0.${name}.weight`)).toBeDefined();
  });

  test("predicts what its scheduler says, or the user", async () => {
    const asked = await open(folder(), "v_prediction");
    const config = JSON.parse((await asked.readText("scheduler/scheduler_config.json")) ?? "");
    expect(config).toEqual({ _class_name: "PNDMScheduler", steps_offset: 1, prediction_type: "v_prediction" });
    const { facts } = await open(folder());
    expect(facts).toContainEqual({
      name: "prediction type",
      value: "epsilon",
      foundBy: "scheduler/scheduler_config.json",
    });
  });

  test("may be that of one component, such as a ControlNet's", async () => {
    const { configs: published } = keyLists.models.controlnet!; // written by the generator
    const tensors = (keyLists.names.controlnet ?? []).map((line) => line.split(" "));
    const files = new MemoryFiles(
      {
        "config.json": JSON.stringify(published.controlnet),
        "diffusion_pytorch_model.safetensors": header(
          Object.fromEntries(
            tensors.map(([, name = "", shape = ""]) => [name, { type: "F16", dims: shape.split("x").map(Number) }]),
          ),
        ),
      },
      PRETENDED,
    );
    const { config, weights } = await openComponentFolder(files, "", "ControlNetModel");
    expect(config).toEqual(published.controlnet);
    expect(weights.size).toBe(tensors.length);
  });

  test("with a config that leaves fields out is not contradicted by its weights", async () => {
    const { components } = await open(folder({ "unet/config.json": "{}" }));
    expect(components.get("unet")?.config).toEqual({});
  });

  test.each([
    ["lacks its weights", {}, [UNET], /unet has no weights/],
    [
      "has pickled weights alone",
      { "unet/diffusion_pytorch_model.bin": "x" },
      [UNET],
      /pickle, which can run any code/,
    ],
    ["lacks a config", {}, ["vae/config.json"], /vae\/config\.json is missing/],
    ["has a config that is not JSON", { "vae/config.json": "{" }, [], /vae\/config\.json is not a JSON object/],
    ["lists nothing", {}, ["model_index.json"], /model_index\.json is missing/],
    [
      "has a config for other channels",
      { "unet/config.json": JSON.stringify({ ...configs.unet, in_channels: 9 }) },
      [],
      /says in_channels = 9, and its weights have 4/,
    ],
    [
      "has a config for other widths",
      { "text_encoder/config.json": JSON.stringify({ ...configs.text_encoder, hidden_size: 1024 }) },
      [],
      /says hidden_size = 1024, and its weights have 768/,
    ],
  ])("is refused when it %s", async (_, changes: Files, removed, message) => {
    await expect(open(folder(changes, removed))).rejects.toThrow(message);
  });
});
