import { createDenoiser } from "../denoiser/create-denoiser.ts";
import type { DiffusionModel } from "../models/diffusion-model.ts";
import type { PictureTensor } from "../picture-tensor.ts";
import { scaled } from "../tensors/weighted-sum.ts";
import { decodeBatch } from "./decode-batch.ts";
import { denoise } from "./denoise.ts";
import type { InpaintOptions } from "./inpaint-options.ts";
import { mixByMask, toLatentMask, toMiddleLatentMask } from "./latent-mask.ts";
import { prepareRun, shownSource } from "./prepare-run.ts";

/**
 * Inpainting with models that know nothing of masks: after each step, what lies outside the mask is taken from the image,
 * noised as much as the next step expects.
 *
 * Avrahami et al., "Blended Latent Diffusion", 2022. Reference: the 4-channel branch of diffusers'
 * `StableDiffusionInpaintPipeline`; `Flux2KleinInpaintPipeline`, `ZImageInpaintPipeline`.
 */
export async function blendedInpaintBatch(
  model: DiffusionModel,
  options: InpaintOptions,
  batch: number,
): Promise<readonly PictureTensor[]> {
  const { image, images = [image], mask, strength, isVaeTiled: isTiled = false, signal } = options;

  // 1. Encode the prompts, set up the schedule.
  const setup = { batch, size: image, strength, pipeline: "inpaint" } as const;
  const { noise, conditioning, scheduler, begin } = await prepareRun(model, options, setup);

  // 2. Prepare latents: image, then noise.
  const encoded = await model.latents.encode(images, { isTiled, signal });
  const imageLatents = model.latents.sample(encoded, batch / images.length, noise); // [batch, 4, height / 8, width / 8]
  const initialNoise = noise.normal(imageLatents.length);
  const latents =
    strength === 1
      ? scaled(initialNoise, scheduler.initialNoiseSigma)
      : scheduler.addNoise(imageLatents, initialNoise, begin);
  // diffusers also encodes the masked image here, for nothing; only its draw matters to what comes later.
  if (encoded.deviation) noise.normal(imageLatents.length);

  // 3. Denoise, with the image put back outside the mask after each step: the same noise, at the next timestep's level.
  const toCells = model.blending.mask === "corner" ? toLatentMask : toMiddleLatentMask;
  const latentMask = toCells(mask, image, model.latents.cell);
  const constrain = (sample: Float32Array, index: number): Float32Array => {
    const isLast = index === scheduler.timesteps.length;
    const kept = isLast ? imageLatents : scheduler.addNoise(imageLatents, initialNoise, index);
    return mixByMask(kept, sample, latentMask);
  };
  const references = shownSource(model, imageLatents, image);
  const denoiser = await createDenoiser(model, { ...options, conditioning, batch, size: image, references });
  const clean = await denoise(latents, { ...options, denoiser, scheduler, noise, begin, constrain });

  // 4. Decode.
  return await decodeBatch(model.latents, clean, batch, image, options);
}
