import { createDenoiser } from "../denoiser/create-denoiser.ts";
import type { DiffusionModel } from "../models/diffusion-model.ts";
import type { PictureTensor } from "../picture-tensor.ts";
import { decodeBatch } from "./decode-batch.ts";
import { denoise } from "./denoise.ts";
import type { GenerationOptions } from "./generation-options.ts";
import { prepareRun, rejectMaskedModel, requireTask, requireWorkingSize } from "./prepare-run.ts";

export interface ImageToImageOptions extends GenerationOptions {
  /** Sides are multiples of the pack's `sizeMultiple`. */
  readonly image: PictureTensor;
  /** Above 0 to 1: how much noise is put on the image. Even 1 keeps a trace of it. */
  readonly strength: number;
}

/**
 * Draws a picture again after a prompt. Same pack, scheduler, options and seed give the same picture as diffusers'
 * `StableDiffusionImg2ImgPipeline`, `StableDiffusionXLImg2ImgPipeline` and `LatentConsistencyModelImg2ImgPipeline`.
 */
export async function imageToImage(model: DiffusionModel, options: ImageToImageOptions): Promise<PictureTensor> {
  const [picture] = await imageToImageBatch(model, options, 1);
  return picture!;
}

/** As many pictures at once, number k with seed + k. */
export async function imageToImageBatch(
  model: DiffusionModel,
  options: ImageToImageOptions,
  batch: number,
): Promise<readonly PictureTensor[]> {
  const { image, strength, isVaeTiled: isTiled = false, signal } = options;
  requireTask(model, "restyle");
  rejectMaskedModel(model, "restyle pictures by image to image");
  requireWorkingSize(model, image);

  // 1. Encode the prompts, set up the schedule.
  const setup = { batch, size: image, strength, pipeline: "image-to-image" } as const;
  const { noise, conditioning, scheduler, begin } = await prepareRun(model, options, setup);

  // 2. Prepare latents: the image, then noise on it.
  const encoded = await model.latents.encode([image], { isTiled, signal });
  const imageLatents = model.latents.sample(encoded, batch, noise); // [batch, 4, height / 8, width / 8]
  const latents = scheduler.addNoise(imageLatents, noise.normal(imageLatents.length), begin);

  // 3. Denoise.
  const denoiser = await createDenoiser(model, { ...options, conditioning, batch, size: image });
  const clean = await denoise(latents, { ...options, denoiser, scheduler, noise, begin });

  // 4. Decode.
  return await decodeBatch(model.latents, clean, batch, image, options);
}
