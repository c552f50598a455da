import { createDenoiser } from "../denoiser/create-denoiser.ts";
import type { DiffusionModel } from "../models/diffusion-model.ts";
import type { PictureTensor } from "../picture-tensor.ts";
import { decodeBatch } from "./decode-batch.ts";
import { denoise } from "./denoise.ts";
import { type InpaintOptions, requireMaskSize } from "./inpaint-options.ts";
import { mixByMask, toSoftLatentMask } from "./latent-mask.ts";
import { prepareRun, rejectMaskedModel, requireTask, requireWorkingSize, shownSource } from "./prepare-run.ts";

/**
 * Inpainting with soft masks: each pixel changes as much as its mask value says. The lower the value, the longer the
 * pixel is held to the noised image, and the fewer steps it has to move away from it. Any model that sees no masks.
 *
 * Levin and Fried, "Differential Diffusion: Giving Each Pixel Its Strength", 2023, algorithm 1. Reference: diffusers'
 * community pipeline `pipeline_stable_diffusion_xl_differential_img2img`, whose map is 1 − our mask.
 *
 * @param batch pictures at once, number k with seed + k
 */
export async function differentialInpaintBatch(
  model: DiffusionModel,
  options: InpaintOptions,
  batch: number,
): Promise<readonly PictureTensor[]> {
  const { image, images = [image], mask, strength, isVaeTiled: isTiled = false, signal } = options;
  requireTask(model, "inpaint");
  rejectMaskedModel(model, "follow soft masks");
  requireWorkingSize(model, image);
  requireMaskSize(mask, image);

  // 1. Encode the prompts, set up the schedule.
  const setup = { batch, size: image, strength, pipeline: "own" } as const;
  const { noise, conditioning, scheduler, begin } = await prepareRun(model, options, setup);

  // 2. Prepare latents: image, then noise.
  const encoded = await model.latents.encode(images, { isTiled, signal });
  const imageLatents = model.latents.sample(encoded, batch / images.length, noise); // [batch, 4, height / 8, width / 8]
  const initialNoise = noise.normal(imageLatents.length);
  const latents = scheduler.addNoise(imageLatents, initialNoise, begin);

  // 3. Denoise. Before evaluation i of n, what is to be kept for more than i/n of the run is the noised image again.
  const change = toSoftLatentMask(mask, image, model.latents.cell);
  const evaluations = scheduler.timesteps.length - begin;
  const constrain = (sample: Float32Array, index: number): Float32Array => {
    const share = (index - begin) / evaluations;
    if (share === 1) return sample;
    const released = change.map((value) => (1 - value > share ? 0 : 1));
    return mixByMask(scheduler.addNoise(imageLatents, initialNoise, index), sample, released);
  };
  const references = shownSource(model, imageLatents, image);
  const denoiser = await createDenoiser(model, { ...options, conditioning, batch, size: image, references });
  const clean = await denoise(latents, { ...options, denoiser, scheduler, noise, begin, constrain });

  // 4. Decode.
  return await decodeBatch(model.latents, clean, batch, image, options);
}
