import { OverpaintError } from "../../protocol/overpaint-error.ts";
import { inferClipConfig } from "../infer/clip-config.ts";
import { inferTinyVaeConfig } from "../infer/tiny-vae-config.ts";
import { inferUnetConfig } from "../infer/unet-config.ts";
import { inferVaeConfig, type VaeConvention } from "../infer/vae-config.ts";
import { fileName } from "../safetensors/foreign-file.ts";
import { readSafetensorsHeader } from "../safetensors/read-header.ts";
import { recogniseFile } from "../single-file/recognise.ts";
import { splitCheckpoint, tinyVaeWeights } from "../single-file/split-checkpoint.ts";
import type { WeightFiles } from "../weight-files.ts";
import type { CheckpointComponent } from "./checkpoint.ts";
import { namedWeights } from "./read-component.ts";
import { requireMatchingShapes } from "./require-matching-shapes.ts";

/**
 * A VAE of its own: a `.safetensors` file in the original or diffusers' layout, with or without prefix, or a whole model, of
 * which it is taken. Its latents are scaled as those of the model it is for. Throws OverpaintError whose message says "VAE".
 */
export async function openVaeFile(
  files: WeightFiles,
  path: string,
  convention: VaeConvention,
): Promise<CheckpointComponent> {
  const stored = await readSafetensorsHeader(files, path);
  const className = "AutoencoderKL";
  const weights = namedWeights(className, stored);
  if (weights.size === 0) throw wrongKind(path, "VAE", recogniseFile(stored).words);
  requireMatchingShapes(fileName(path), className, weights);
  return { className, config: { ...inferVaeConfig(weights, convention) }, weights };
}

/** A ControlNet in a `.safetensors` file, in the original or diffusers' layout. Throws OverpaintError. */
export async function openControlNetFile(files: WeightFiles, path: string): Promise<CheckpointComponent> {
  const stored = await readSafetensorsHeader(files, path);
  const { kind, words } = recogniseFile(stored);
  if (kind !== "controlnet") throw wrongKind(path, "ControlNet", words);
  const className = "ControlNetModel";
  const weights = namedWeights(className, stored);
  requireMatchingShapes(fileName(path), className, weights);
  return { className, config: { ...inferUnetConfig(weights) }, weights };
}

/**
 * A tiny autoencoder (TAESD) in a `.safetensors` file: diffusers' with both halves, or the original decoder.
 * Throws OverpaintError.
 */
export async function openTinyVaeFile(files: WeightFiles, path: string): Promise<CheckpointComponent> {
  const stored = await readSafetensorsHeader(files, path);
  const { kind, words } = recogniseFile(stored);
  if (kind !== "tiny-vae") throw wrongKind(path, "tiny VAE", words);
  const weights = tinyVaeWeights(stored);
  return { className: "AutoencoderTiny", config: { ...inferTinyVaeConfig(weights) }, weights };
}

/**
 * A text encoder to be used in the place of a model's own: alone in a `.safetensors` file, or the first of a whole model's.
 * Throws OverpaintError when it is none, or as wide as no prompt of the model.
 */
export async function openTextEncoderFile(
  files: WeightFiles,
  path: string,
  replaced: CheckpointComponent,
): Promise<CheckpointComponent> {
  const stored = await readSafetensorsHeader(files, path);
  const [encoder] = splitCheckpoint(stored).textEncoders;
  if (!encoder) throw wrongKind(path, "text encoder", recogniseFile(stored).words);
  const { weights, isOpenClip } = encoder;
  const { className } = replaced;
  requireMatchingShapes(fileName(path), className, weights);
  const projects = className === "CLIPTextModelWithProjection";
  const config = inferClipConfig(weights, { isOpenClip, layers: "all", projects });
  const { hidden_size: width, num_hidden_layers: layers } = replaced.config;
  if (config.hidden_size !== width || config.num_hidden_layers < Number(layers))
    throw new OverpaintError(
      "unsupported-model",
      `${fileName(path)} holds a text encoder of width ${config.hidden_size} and ${config.num_hidden_layers} layers, and the model's has ${width} and ${layers}.`,
      "Choose a text encoder of the same kind as the model's own.",
    );
  return { className, config: { ...config, num_hidden_layers: layers }, weights };
}

function wrongKind(path: string, wanted: string, found: string): OverpaintError {
  return new OverpaintError(
    "unsupported-model",
    `${fileName(path)} holds no ${wanted}, but ${found}.`,
    `Choose the .safetensors file of a ${wanted}.`,
  );
}
