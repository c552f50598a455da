import { OverpaintError } from "../../protocol/overpaint-error.ts";
import { GuidedDenoiser } from "../denoiser/guided-denoiser.ts";
import type { ModelPack } from "../model-pack.ts";
import type { PictureTensor } from "../picture-tensor.ts";
import { encodePictures, sampleLatents } from "../vae/encode-picture.ts";
import { decodeBatch } from "./decode-batch.ts";
import { denoise } from "./denoise.ts";
import { type InpaintOptions, requireMaskSize } from "./inpaint.ts";
import { mixByMask, toSoftLatentMask } from "./latent-mask.ts";
import { checkpointOverrides, prepareRun, requireWorkingSize, wholePictureTimeIds } from "./prepare-run.ts";
import { beginIndex } from "./strength.ts";

/**
 * Inpainting with soft masks: each pixel changes as much as its mask value says. The lower the value, the longer the
 * pixel is held to the noised image, and the fewer steps it has to move away from it. Any 4-channel model.
 *
 * Levin and Fried, "Differential Diffusion: Giving Each Pixel Its Strength", 2023, algorithm 1. Reference: diffusers'
 * community pipeline `pipeline_stable_diffusion_xl_differential_img2img`, whose map is 1 − our mask.
 */
export async function differentialInpaint(pack: ModelPack, options: InpaintOptions): Promise<PictureTensor> {
  const [picture] = await differentialInpaintBatch(pack, options, 1);
  return picture!;
}

/** As many pictures at once, number k with seed + k. */
export async function differentialInpaintBatch(
  pack: ModelPack,
  options: InpaintOptions,
  batch: number,
): Promise<readonly PictureTensor[]> {
  const { image, images = [image], mask, strength, steps, isVaeTiled } = options;
  const { latentScale } = pack.description.vae;
  requireDifferential(pack);
  requireWorkingSize(pack, image);
  requireMaskSize(mask, image);

  // 1. Encode the prompts, set up the schedule.
  const schedulerOverrides = checkpointOverrides(pack, "generate");
  const { noise, conditioning, scheduler } = await prepareRun(pack, options, { batch, schedulerOverrides });
  const begin = beginIndex(scheduler, steps, strength);

  // 2. Prepare latents: image, then noise.
  const encoded = await encodePictures(pack, images, isVaeTiled);
  const imageLatents = sampleLatents(pack, encoded, batch / images.length, noise); // [batch, 4, height / 8, width / 8]
  const initialNoise = noise.normal(imageLatents.length);
  const latents = scheduler.addNoise(imageLatents, initialNoise, begin);

  // 3. Denoise. Before evaluation i of n, what is to be kept for more than i/n of the run is the noised image again.
  const change = toSoftLatentMask(mask, image, latentScale);
  const evaluations = scheduler.timesteps.length - begin;
  const constrain = (sample: Float32Array, index: number): Float32Array => {
    const share = (index - begin) / evaluations;
    if (share === 1) return sample;
    const released = change.map((value) => (1 - value > share ? 0 : 1));
    return mixByMask(scheduler.addNoise(imageLatents, initialNoise, index), sample, released);
  };
  const size = { width: image.width / latentScale, height: image.height / latentScale };
  const timeIds = wholePictureTimeIds(image);
  const denoiser = await GuidedDenoiser.create(pack, { ...options, ...size, conditioning, batch, timeIds });
  const clean = await denoise(latents, { ...options, denoiser, scheduler, noise, begin, constrain });

  // 4. Decode.
  return await decodeBatch(pack, clean, batch, image, isVaeTiled);
}

function requireDifferential(pack: ModelPack): void {
  const { graphs, vae } = pack.description;
  if (pack.graph.inputChannels === vae.latentChannels && graphs.vae_encoder) return;
  throw new OverpaintError(
    "unsupported-model",
    `The model cannot follow soft masks: its denoiser takes ${pack.graph.inputChannels} channels.`,
    `Choose a model with a vae_encoder whose denoiser takes ${vae.latentChannels}.`,
  );
}
