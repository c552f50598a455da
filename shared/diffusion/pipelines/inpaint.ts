import { OverpaintError } from "../../protocol/overpaint-error.ts";
import { GuidedDenoiser } from "../denoiser/guided-denoiser.ts";
import type { ModelPack } from "../model-pack.ts";
import type { PictureTensor } from "../picture-tensor.ts";
import { eachOnce } from "../tensors/each-once.ts";
import { scaled } from "../tensors/weighted-sum.ts";
import { encodePictures, sampleLatents } from "../vae/encode-picture.ts";
import { blendedInpaintBatch } from "./blended-inpaint.ts";
import { decodeBatch } from "./decode-batch.ts";
import { denoise } from "./denoise.ts";
import type { GenerationOptions } from "./generation-options.ts";
import { isInpaintingModel } from "./is-inpainting-model.ts";
import { toLatentMask, withoutMasked } from "./latent-mask.ts";
import { checkpointOverrides, prepareRun, requireWorkingSize, wholePictureTimeIds } from "./prepare-run.ts";
import { beginIndex } from "./strength.ts";

export interface InpaintOptions extends GenerationOptions {
  /** Sides are multiples of the pack's `sizeMultiple`. */
  readonly image: PictureTensor;
  /** Of a batch, one for each, all of the size of `image`. Default: `image` for every one. */
  readonly images?: readonly PictureTensor[] | undefined;
  /** [height, width] of the image: 0 keeps, 1 repaints; the model sees it black and white at 0.5. */
  readonly mask: Float32Array;
  /** Above 0 to 1. Exactly 1 starts from pure noise, less from the noised image. */
  readonly strength: number;
}

/**
 * Repaints what the mask covers, with inpainting models (9 channels) and with any other (4 channels, by latent blending).
 * Same pack, scheduler, options and seed give the same picture as diffusers' `StableDiffusionInpaintPipeline` and
 * `StableDiffusionXLInpaintPipeline`. Nothing is pasted back: the whole picture comes from the decoder.
 */
export async function inpaint(pack: ModelPack, options: InpaintOptions): Promise<PictureTensor> {
  const [picture] = await inpaintBatch(pack, options, 1);
  return picture!;
}

/** As many pictures at once, number k with seed + k. */
export async function inpaintBatch(
  pack: ModelPack,
  options: InpaintOptions,
  batch: number,
): Promise<readonly PictureTensor[]> {
  requireInpaintable(pack, options);
  return await (isInpaintingModel(pack) ? maskedInpaintBatch : blendedInpaintBatch)(pack, options, batch);
}

/** With models that see mask and masked picture beside the latents. */
async function maskedInpaintBatch(
  pack: ModelPack,
  options: InpaintOptions,
  batch: number,
): Promise<readonly PictureTensor[]> {
  const { image, images = [image], mask, strength, steps, isVaeTiled } = options;
  const repeats = batch / images.length;
  const { latentChannels, latentScale } = pack.description.vae;

  // 1. Encode the prompts, set up the schedule.
  const schedulerOverrides = checkpointOverrides(pack, "inpaint");
  const { noise, conditioning, scheduler } = await prepareRun(pack, options, { batch, schedulerOverrides });
  const begin = beginIndex(scheduler, steps, strength);

  // 2. Prepare latents. The order of draws is diffusers': image, then noise, then masked image.
  const width = image.width / latentScale;
  const height = image.height / latentScale;
  const encoded = strength < 1 ? await encodePictures(pack, images, isVaeTiled) : undefined;
  const imageLatents = encoded && sampleLatents(pack, encoded, repeats, noise); // [batch, 4, height / 8, width / 8]
  const initialNoise = noise.normal(batch * latentChannels * height * width);
  const latents = imageLatents
    ? scheduler.addNoise(imageLatents, initialNoise, begin)
    : scaled(initialNoise, scheduler.initialNoiseSigma);

  // 3. Prepare what the model sees of the picture: mask and masked picture.
  const latentMask = toLatentMask(mask, image, latentScale); // [1, height / 8, width / 8]
  const masked = await encodePictures(
    pack,
    eachOnce(images, (picture) => withoutMasked(picture, mask)),
    isVaeTiled,
  );
  const maskedLatents = sampleLatents(pack, masked, repeats, noise); // [batch, 4, height / 8, width / 8]
  const extraChannels = besideEachOther(latentMask, maskedLatents, batch); // [batch, 5, height / 8, width / 8]

  // 4. Denoise.
  const timeIds = wholePictureTimeIds(image);
  const size = { width, height };
  const denoiser = await GuidedDenoiser.create(pack, {
    ...options,
    ...size,
    conditioning,
    batch,
    extraChannels,
    timeIds,
  });
  const clean = await denoise(latents, { ...options, denoiser, scheduler, noise, begin });

  // 5. Decode.
  return await decodeBatch(pack, clean, batch, image, isVaeTiled);
}

/** The same mask before each image's own masked picture. */
function besideEachOther(mask: Float32Array, pictures: Float32Array, batch: number): Float32Array {
  const pictureSize = pictures.length / batch;
  const size = mask.length + pictureSize;
  const channels = new Float32Array(batch * size);
  for (let image = 0; image < batch; image++) {
    channels.set(mask, image * size);
    channels.set(pictures.subarray(image * pictureSize, (image + 1) * pictureSize), image * size + mask.length);
  }
  return channels;
}

function requireInpaintable(pack: ModelPack, { image, mask }: InpaintOptions): void {
  if (!pack.facts.tasks.includes("inpaint"))
    throw new OverpaintError(
      "unsupported-model",
      `The model cannot inpaint: its denoiser takes ${pack.graph.inputChannels} channels${
        pack.description.graphs.vae_encoder ? "" : ", and it has no vae_encoder"
      }.`,
      "Choose an inpainting model, or a text-to-image model with a vae_encoder.",
    );
  requireWorkingSize(pack, image);
  requireMaskSize(mask, image);
}

export function requireMaskSize(mask: Float32Array, image: PictureTensor): void {
  if (mask.length === image.width * image.height) return;
  throw new OverpaintError(
    "mask-size-mismatch",
    `The mask has ${mask.length} values, the image ${image.width}×${image.height} pixels.`,
    "Give a mask of exactly the image's size.",
  );
}
