import { OverpaintError } from "../../protocol/overpaint-error.ts";
import { GuidedDenoiser } from "../denoiser/guided-denoiser.ts";
import type { ModelPack } from "../model-pack.ts";
import type { PictureTensor } from "../picture-tensor.ts";
import { scaled } from "../tensors/weighted-sum.ts";
import { decodeBatch } from "./decode-batch.ts";
import { denoise } from "./denoise.ts";
import type { GenerationOptions } from "./generation-options.ts";
import { checkpointOverrides, prepareRun, requireWorkingSize, wholePictureTimeIds } from "./prepare-run.ts";

export interface TextToImageOptions extends GenerationOptions {
  /** In pixels; multiples of the pack's `sizeMultiple`. */
  readonly width: number;
  readonly height: number;
}

/**
 * Draws a picture from a prompt. Same pack, scheduler, options and seed give the same picture as diffusers'
 * `StableDiffusionPipeline`, `StableDiffusionXLPipeline` and `LatentConsistencyModelPipeline`.
 */
export async function textToImage(pack: ModelPack, options: TextToImageOptions): Promise<PictureTensor> {
  const [picture] = await textToImageBatch(pack, options, 1);
  return picture!;
}

/** As many pictures at once, number k with seed + k. */
export async function textToImageBatch(
  pack: ModelPack,
  options: TextToImageOptions,
  batch: number,
): Promise<readonly PictureTensor[]> {
  requireTextToImage(pack);
  requireWorkingSize(pack, options);

  // 1. Encode the prompts, set up the schedule.
  const schedulerOverrides = checkpointOverrides(pack, "generate");
  const { noise, conditioning, scheduler } = await prepareRun(pack, options, { batch, schedulerOverrides });

  // 2. Prepare latents: pure noise.
  const { latentChannels, latentScale } = pack.description.vae;
  const width = options.width / latentScale;
  const height = options.height / latentScale;
  const initialNoise = noise.normal(batch * latentChannels * height * width); // [batch, 4, height / 8, width / 8]
  const latents = scaled(initialNoise, scheduler.initialNoiseSigma);

  // 3. Denoise.
  const timeIds = wholePictureTimeIds(options);
  const denoiser = await GuidedDenoiser.create(pack, { ...options, conditioning, batch, width, height, timeIds });
  const clean = await denoise(latents, { ...options, denoiser, scheduler, noise, begin: 0 });

  // 4. Decode.
  return await decodeBatch(pack, clean, batch, options, options.isVaeTiled);
}

function requireTextToImage(pack: ModelPack): void {
  if (pack.graph.inputChannels === pack.description.vae.latentChannels) return;
  throw new OverpaintError(
    "unsupported-model",
    `The model cannot draw from a prompt alone: its denoiser takes ${pack.graph.inputChannels} channels.`,
    `Choose a text-to-image model, whose denoiser takes ${pack.description.vae.latentChannels}.`,
  );
}
