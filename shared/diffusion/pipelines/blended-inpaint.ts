import { GuidedDenoiser } from "../denoiser/guided-denoiser.ts";
import type { ModelPack } from "../model-pack.ts";
import type { PictureTensor } from "../picture-tensor.ts";
import { scaled } from "../tensors/weighted-sum.ts";
import { encodePictures, sampleLatents } from "../vae/encode-picture.ts";
import { decodeBatch } from "./decode-batch.ts";
import { denoise } from "./denoise.ts";
import type { InpaintOptions } from "./inpaint.ts";
import { mixByMask, toLatentMask } from "./latent-mask.ts";
import { checkpointOverrides, prepareRun, wholePictureTimeIds } from "./prepare-run.ts";
import { beginIndex } from "./strength.ts";

/**
 * Inpainting with models that know nothing of masks: after each step, what lies outside the mask is taken from the image,
 * noised as much as the next step expects.
 *
 * Avrahami et al., "Blended Latent Diffusion", 2022. Reference: the 4-channel branch of diffusers'
 * `StableDiffusionInpaintPipeline`.
 */
export async function blendedInpaintBatch(
  pack: ModelPack,
  options: InpaintOptions,
  batch: number,
): Promise<readonly PictureTensor[]> {
  const { image, images = [image], mask, strength, steps, isVaeTiled } = options;
  const { latentScale } = pack.description.vae;

  // 1. Encode the prompts, set up the schedule.
  const schedulerOverrides = checkpointOverrides(pack, "inpaint");
  const { noise, conditioning, scheduler } = await prepareRun(pack, options, { batch, schedulerOverrides });
  const begin = beginIndex(scheduler, steps, strength);

  // 2. Prepare latents: image, then noise.
  const encoded = await encodePictures(pack, images, isVaeTiled);
  const imageLatents = sampleLatents(pack, encoded, batch / images.length, noise); // [batch, 4, height / 8, width / 8]
  const initialNoise = noise.normal(imageLatents.length);
  const latents =
    strength === 1
      ? scaled(initialNoise, scheduler.initialNoiseSigma)
      : scheduler.addNoise(imageLatents, initialNoise, begin);
  // diffusers also encodes the masked image here, for nothing; only its draw matters to what comes later.
  if (encoded.deviation) noise.normal(imageLatents.length);

  // 3. Denoise, with the image put back outside the mask after each step: the same noise, at the next timestep's level.
  const latentMask = toLatentMask(mask, image, latentScale);
  const constrain = (sample: Float32Array, index: number): Float32Array => {
    const isLast = index === scheduler.timesteps.length;
    const kept = isLast ? imageLatents : scheduler.addNoise(imageLatents, initialNoise, index);
    return mixByMask(kept, sample, latentMask);
  };
  const size = { width: image.width / latentScale, height: image.height / latentScale };
  const timeIds = wholePictureTimeIds(image);
  const denoiser = await GuidedDenoiser.create(pack, { ...options, ...size, conditioning, batch, timeIds });
  const clean = await denoise(latents, { ...options, denoiser, scheduler, noise, begin, constrain });

  // 4. Decode.
  return await decodeBatch(pack, clean, batch, image, isVaeTiled);
}
