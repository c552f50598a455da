import { OverpaintError } from "../../protocol/overpaint-error.ts";
import { createDenoiser } from "../denoiser/create-denoiser.ts";
import type { DiffusionModel } from "../models/diffusion-model.ts";
import type { PictureTensor } from "../picture-tensor.ts";
import { eachOnce } from "../tensors/each-once.ts";
import { scaled } from "../tensors/weighted-sum.ts";
import { blendedInpaintBatch } from "./blended-inpaint.ts";
import { decodeBatch } from "./decode-batch.ts";
import { denoise } from "./denoise.ts";
import type { GenerationOptions } from "./generation-options.ts";
import { toLatentMask, withoutMasked } from "./latent-mask.ts";
import { prepareRun, requireTask, requireWorkingSize } from "./prepare-run.ts";

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
 * Repaints what the mask covers, with models that see masks, and with any other by latent blending.
 * Same pack, scheduler, options and seed give the same picture as diffusers' `StableDiffusionInpaintPipeline` and
 * `StableDiffusionXLInpaintPipeline`. Nothing is pasted back: the whole picture comes from the decoder.
 */
export async function inpaint(model: DiffusionModel, options: InpaintOptions): Promise<PictureTensor> {
  const [picture] = await inpaintBatch(model, options, 1);
  return picture!;
}

/** As many pictures at once, number k with seed + k. */
export async function inpaintBatch(
  model: DiffusionModel,
  options: InpaintOptions,
  batch: number,
): Promise<readonly PictureTensor[]> {
  requireTask(model, "inpaint");
  requireWorkingSize(model, options.image);
  requireMaskSize(options.mask, options.image);
  return await (model.facts.seesMask ? maskedInpaintBatch : blendedInpaintBatch)(model, options, batch);
}

/** With models that see mask and masked picture beside the latents. */
async function maskedInpaintBatch(
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

export function requireMaskSize(mask: Float32Array, image: PictureTensor): void {
  if (mask.length === image.width * image.height) return;
  throw new OverpaintError(
    "mask-size-mismatch",
    `The mask has ${mask.length} values, the image ${image.width}×${image.height} pixels.`,
    "Give a mask of exactly the image's size.",
  );
}
