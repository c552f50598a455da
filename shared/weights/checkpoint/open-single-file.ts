import { OverpaintError } from "../../protocol/overpaint-error.ts";
import { type ClipPadding, clipSettingFiles, clipVocabularyFiles } from "../clip-vocabulary.ts";
import { inferClipConfig } from "../infer/clip-config.ts";
import {
  type Family,
  type Found,
  familyConventions,
  inferFamily,
  inferVariant,
  toFact,
  type Variant,
} from "../infer/family.ts";
import { type ConfigFile, lowResolutionScheduler, modelIndex, schedulerConfig } from "../infer/pipeline-files.ts";
import { inferPrediction, type Prediction } from "../infer/prediction.ts";
import { inferUnetConfig, type TimeIds } from "../infer/unet-config.ts";
import { inferVaeConfig } from "../infer/vae-config.ts";
import { readValues } from "../read-values.ts";
import { fileName } from "../safetensors/foreign-file.ts";
import { readSafetensorsHeader } from "../safetensors/read-header.ts";
import { recogniseFile } from "../single-file/recognise.ts";
import { type SplitCheckpoint, splitCheckpoint } from "../single-file/split-checkpoint.ts";
import type { WeightFiles } from "../weight-files.ts";
import type { Checkpoint, CheckpointComponent, ComponentName, Fact } from "./checkpoint.ts";
import { describeWeights } from "./describe-weights.ts";
import { findProblems } from "./find-problems.ts";
import type { OpenCheckpointOptions } from "./open-checkpoint.ts";
import { replaceTextEncoders, type TextEncoderSlot } from "./other-text-encoders.ts";
import { requireMatchingShapes } from "./require-matching-shapes.ts";

type Components = ReadonlyMap<ComponentName, CheckpointComponent>;

/** Latent channels where the file has no autoencoder that tells. */
const USUAL_LATENT_CHANNELS = 4;

/**
 * Opens a file that holds a whole model, as model sites have them: its networks are told by their keys, their configs by
 * shapes, and the rest by the family. Throws OverpaintError when the file is no model at all; parts that are missing are
 * problems of the checkpoint.
 */
export async function openSingleFile(
  files: WeightFiles,
  path: string,
  options: OpenCheckpointOptions,
): Promise<Checkpoint> {
  const stored = await readSafetensorsHeader(files, path);
  const { kind, words } = recogniseFile(stored);
  if (kind !== "model" && kind !== "vae" && kind !== "text-encoder") throw notAModel(path, kind, words);
  const split = splitCheckpoint(stored);
  const family = inferFamily(split);
  const components = describeTextEncoders(split, family.value);
  const places = { slots: textEncoderSlots(family.value), unet: split.unet };
  await replaceTextEncoders(files, options.textEncoders ?? [], components, places);
  describeOthers(split, family.value, components);
  const unet = components.get("unet");
  const variant = unet && inferVariant(Number(unet.config.in_channels), latentChannels(components));
  const prediction =
    unet && variant
      ? await inferPrediction({
          family: family.value,
          variant: variant.value,
          markers: split.markers,
          metadata: stored.metadata,
          unet: unet.weights,
          stated: options.prediction,
          readValues: async (name) => {
            const tensor = unet.weights.find(name);
            return tensor && (await readValues(files, tensor));
          },
        })
      : undefined;
  // Stable Diffusion 2 was trained to predict v on pictures of 768 pixels, and noise on those of 512.
  if (unet && family.value === "stable-diffusion-2" && prediction?.value === "epsilon")
    components.set("unet", {
      ...unet,
      config: { ...unet.config, sample_size: familyConventions["stable-diffusion-1"].sampleSize },
    });
  for (const [name, { weights }] of components) requireMatchingShapes(fileName(path), name, weights);
  return {
    layout: "single-file",
    components,
    facts: describeFacts(family, variant, prediction, components),
    problems: findProblems({ file: fileName(path), split, family: family.value, variant: variant?.value, components }),
    metadata: stored.metadata,
    readText: textFiles(family.value, variant?.value ?? "base", prediction, components, options.clipMerges),
  };
}

function describeTextEncoders(split: SplitCheckpoint, family: Family): Map<ComponentName, CheckpointComponent> {
  const components = new Map<ComponentName, CheckpointComponent>();
  const isXl = family === "stable-diffusion-xl";
  const isRefiner = family === "stable-diffusion-xl-refiner";
  for (const { weights, isOpenClip, isSecond: isNumberedSecond } of split.textEncoders) {
    const isSecond = isRefiner || (isXl && (isNumberedSecond || isOpenClip));
    const isSd2 = family === "stable-diffusion-2" || family === "stable-diffusion-x4-upscaler";
    const config = inferClipConfig(weights, {
      isOpenClip,
      layers: isSd2 ? "all but the last" : "all",
      projects: isSecond,
    });
    const className = isSecond ? "CLIPTextModelWithProjection" : "CLIPTextModel";
    components.set(isSecond ? "text_encoder_2" : "text_encoder", { className, config: { ...config }, weights });
  }
  return components;
}

/** What the U-Net is told beside the prompt depends on how wide a text encoder's pooled embedding is. */
function describeOthers(
  { unet, vae }: SplitCheckpoint,
  family: Family,
  components: Map<ComponentName, CheckpointComponent>,
): void {
  const { vae: convention } = familyConventions[family];
  const isRefiner = family === "stable-diffusion-xl-refiner";
  if (unet) {
    const pooledWidth = components.get("text_encoder_2")?.config.projection_dim;
    const timeIds: TimeIds | undefined =
      typeof pooledWidth === "number" ? { pooledWidth, count: isRefiner ? 5 : 6 } : undefined;
    const config = { ...inferUnetConfig(unet, timeIds), sample_size: familyConventions[family].sampleSize };
    components.set("unet", { className: "UNet2DConditionModel", config, weights: unet });
  }
  if (vae)
    components.set("vae", { className: "AutoencoderKL", config: { ...inferVaeConfig(vae, convention) }, weights: vae });
}

function textEncoderSlots(family: Family): readonly TextEncoderSlot[] {
  const usesAll = family !== "stable-diffusion-2" && family !== "stable-diffusion-x4-upscaler";
  const first: TextEncoderSlot = {
    name: "text_encoder",
    className: "CLIPTextModel",
    hiddenAct: usesAll ? "quick_gelu" : "gelu",
    layers: usesAll ? "all" : "all but the last",
  };
  const second: TextEncoderSlot = {
    name: "text_encoder_2",
    className: "CLIPTextModelWithProjection",
    hiddenAct: "gelu",
    layers: "all",
  };
  if (family === "stable-diffusion-xl-refiner") return [second];
  return family === "stable-diffusion-xl" ? [first, second] : [first];
}

function latentChannels(components: Components): number {
  return Number(components.get("vae")?.config.latent_channels ?? USUAL_LATENT_CHANNELS);
}

function describeFacts(
  family: Found<Family>,
  variant: Found<Variant> | undefined,
  prediction: Prediction | undefined,
  components: Components,
): readonly Fact[] {
  return [
    toFact("family", { value: familyConventions[family.value].words, foundBy: family.foundBy }),
    ...(variant ? [toFact("variant", variant)] : []),
    ...(prediction ? [toFact("prediction type", prediction)] : []),
    ...(prediction?.hasZeroTerminalSnr
      ? [{ name: "noise schedule", value: "ends in pure noise", foundBy: "key ztsnr in the file" }]
      : []),
    ...[...components].map(([name, { weights }]) => describeWeights(name, weights)),
    { name: "scheduler, tokenizer, VAE scaling", value: "the family's", foundBy: "usual for the family; no file says" },
  ];
}

function notAModel(path: string, kind: string, words: string): OverpaintError {
  const remedies: Readonly<Record<string, string>> = {
    lora: "Use it beside a model: --lora FILE.",
    controlnet: "Use it beside a model: --control KIND:IMAGE.",
    "ip-adapter": "Use it beside a model: --reference IMAGE.",
    "tiny-vae": "Use it beside a model, for previews.",
    "ema-only": "Choose the file with the plain weights of the same model.",
  };
  return new OverpaintError(
    "unsupported-model",
    `${fileName(path)} holds ${words}, not a model that draws.`,
    remedies[kind] ?? "Choose a Stable Diffusion 1, 2 or XL checkpoint.",
  );
}

/** Writes the files of a diffusers folder as they are asked for. */
function textFiles(
  family: Family,
  variant: Variant,
  prediction: Prediction | undefined,
  components: Components,
  clipMerges: () => Promise<string>,
): Checkpoint["readText"] {
  const configs = new Map<string, ConfigFile>();
  for (const [name, { className, config }] of components)
    configs.set(`${name}/config.json`, { _class_name: className, ...config });
  if (prediction) {
    const scheduler = schedulerConfig(family, prediction);
    configs.set("scheduler/scheduler_config.json", scheduler);
    configs.set(
      "model_index.json",
      modelIndex(family, variant, new Set(components.keys()), { className: String(scheduler._class_name) }),
    );
  }
  if (family === "stable-diffusion-x4-upscaler")
    configs.set("low_res_scheduler/scheduler_config.json", lowResolutionScheduler);
  const paddings = new Map<string, ClipPadding>();
  // Made of 49,000 tokens, and asked for file by file; the same for both tokenizers.
  let vocabulary: Promise<ReadonlyMap<string, string>> | undefined;
  for (const [folder, encoder] of [
    ["tokenizer", "text_encoder"],
    ["tokenizer_2", "text_encoder_2"],
  ] as const) {
    const hidden = components.get(encoder)?.config.hidden_act;
    if (hidden !== undefined) paddings.set(folder, hidden === "gelu" ? "exclamation mark" : "end");
  }
  return async (path) => {
    const config = configs.get(path);
    if (config) return JSON.stringify(config, null, 2);
    const [folder = "", file = ""] = path.split("/");
    const padding = paddings.get(folder);
    if (padding === undefined) return undefined;
    vocabulary ??= clipMerges().then(clipVocabularyFiles);
    return clipSettingFiles(padding).get(file) ?? (await vocabulary).get(file);
  };
}
