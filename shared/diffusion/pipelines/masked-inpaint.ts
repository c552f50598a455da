import { createDenoiser } from "../denoiser/create-denoiser.ts";
import type { DiffusionModel } from "../models/diffusion-model.ts";
import type { PictureTensor } from "../picture-tensor.ts";
import { eachOnce } from "../tensors/each-once.ts";
import { scaled } from "../tensors/weighted-sum.ts";
import { decodeBatch } from "./decode-batch.ts";
import { denoise } from "./denoise.ts";
import type { InpaintOptions } from "./inpaint-options.ts";
import { toLatentMask, withoutMasked } from "./latent-mask.ts";
import { prepareRun } from "./prepare-run.ts";

/**
 * Inpainting with models that see mask and masked picture beside the latents. Reference: the 9-channel branch of diffusers'
 * `StableDiffusionInpaintPipeline`.
 */
export async function maskedInpaintBatch(
  model: DiffusionModel,
  options: InpaintOptions,
  batch: number,
): Promise<readonly PictureTensor[]> {
  const { image, images = [image], mask, strength, isVaeTiled: isTiled = false, signal } = options;
  const repeats = batch / images.length;
  const { channels, cell } = model.latents;

  // 1. Encode the prompts, set up the schedule.
  const setup = { batch, size: image, strength, pipeline: "inpaint" } as const;
  const { noise, conditioning, scheduler, begin } = await prepareRun(model, options, setup);

  // 2. Prepare latents. The order of draws is diffusers': image, then noise, then masked image.
  const cells = (image.width / cell) * (image.height / cell);
  const encoded = strength < 1 ? await model.latents.encode(images, { isTiled, signal }) : undefined;
  const imageLatents = encoded && model.latents.sample(encoded, repeats, noise); // [batch, 4, height / 8, width / 8]
  const initialNoise = noise.normal(batch * channels * cells);
  const latents = imageLatents
    ? scheduler.addNoise(imageLatents, initialNoise, begin)
    : scaled(initialNoise, scheduler.initialNoiseSigma);

  // 3. Prepare what the model sees of the picture: mask and masked picture.
  const latentMask = toLatentMask(mask, image, cell); // [1, height / 8, width / 8]
  const pictures = eachOnce(images, (picture) => withoutMasked(picture, mask));
  const encodedMasked = await model.latents.encode(pictures, { isTiled, signal });
  const maskedLatents = model.latents.sample(encodedMasked, repeats, noise); // [batch, 4, height / 8, width / 8]
  const masked = { mask: latentMask, latents: maskedLatents };

  // 4. Denoise.
  const denoiser = await createDenoiser(model, { ...options, conditioning, batch, size: image, masked });
  const clean = await denoise(latents, { ...options, denoiser, scheduler, noise, begin });

  // 5. Decode.
  return await decodeBatch(model.latents, clean, batch, image, options);
}
