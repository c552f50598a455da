import { createDenoiser } from "../denoiser/create-denoiser.ts";
import type { DiffusionModel } from "../models/diffusion-model.ts";
import type { PictureTensor } from "../picture-tensor.ts";
import { scaled } from "../tensors/weighted-sum.ts";
import { decodeBatch } from "./decode-batch.ts";
import { denoise } from "./denoise.ts";
import type { GenerationOptions } from "./generation-options.ts";
import { prepareRun, rejectMaskedModel, requireTask, requireWorkingSize } from "./prepare-run.ts";

export interface TextToImageOptions extends GenerationOptions {
  /** In pixels; multiples of the pack's `sizeMultiple`. */
  readonly width: number;
  readonly height: number;
}

/**
 * Draws a picture from a prompt. Same pack, scheduler, options and seed give the same picture as diffusers'
 * `StableDiffusionPipeline`, `StableDiffusionXLPipeline` and `LatentConsistencyModelPipeline`.
 */
export async function textToImage(model: DiffusionModel, options: TextToImageOptions): Promise<PictureTensor> {
  const [picture] = await textToImageBatch(model, options, 1);
  return picture!;
}

/** As many pictures at once, number k with seed + k. */
export async function textToImageBatch(
  model: DiffusionModel,
  options: TextToImageOptions,
  batch: number,
): Promise<readonly PictureTensor[]> {
  requireTask(model, "create");
  rejectMaskedModel(model, "draw from a prompt alone");
  requireWorkingSize(model, options);

  // 1. Encode the prompts, set up the schedule.
  const size = { width: options.width, height: options.height };
  const setup = { batch, size, pipeline: "text-to-image" } as const;
  const { noise, conditioning, scheduler, begin } = await prepareRun(model, options, setup);

  // 2. Prepare latents: pure noise.
  const { channels, cell } = model.latents;
  const cells = (size.width / cell) * (size.height / cell);
  const initialNoise = noise.normal(batch * channels * cells); // [batch, 4, height / 8, width / 8]
  const latents = scaled(initialNoise, scheduler.initialNoiseSigma);

  // 3. Denoise.
  const denoiser = await createDenoiser(model, { ...options, conditioning, batch, size });
  const clean = await denoise(latents, { ...options, denoiser, scheduler, noise, begin });

  // 4. Decode.
  return await decodeBatch(model.latents, clean, batch, size, options);
}
