import { OverpaintError } from "../../protocol/overpaint-error.ts";
import { inferTinyVaeConfig } from "../infer/tiny-vae-config.ts";
import { inferUnetConfig } from "../infer/unet-config.ts";
import { inferVaeConfig, type VaeConvention } from "../infer/vae-config.ts";
import { fileName } from "../safetensors/foreign-file.ts";
import { readSafetensorsHeader } from "../safetensors/read-header.ts";
import { recogniseFile } from "../single-file/recognise.ts";
import { tinyVaeWeights } from "../single-file/split-checkpoint.ts";
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

function wrongKind(path: string, wanted: string, found: string): OverpaintError {
  return new OverpaintError(
    "unsupported-model",
    `${fileName(path)} holds no ${wanted}, but ${found}.`,
    `Choose the .safetensors file of a ${wanted}.`,
  );
}
