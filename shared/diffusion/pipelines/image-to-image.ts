import { OverpaintError } from "../../protocol/overpaint-error.ts";
import { GuidedDenoiser } from "../denoiser/guided-denoiser.ts";
import type { ModelPack } from "../model-pack.ts";
import type { PictureTensor } from "../picture-tensor.ts";
import { schedulerNameOf } from "../schedulers/scheduler-name.ts";
import { encodePicture, sampleLatents } from "../vae/encode-picture.ts";
import { decodeBatch } from "./decode-batch.ts";
import { denoise } from "./denoise.ts";
import type { GenerationOptions } from "./generation-options.ts";
import { checkpointOverrides, prepareRun, requireWorkingSize, wholePictureTimeIds } from "./prepare-run.ts";
import { beginIndex } from "./strength.ts";

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
export async function imageToImage(pack: ModelPack, options: ImageToImageOptions): Promise<PictureTensor> {
  const [picture] = await imageToImageBatch(pack, options, 1);
  return picture!;
}

/** As many pictures at once, number k with seed + k. */
export async function imageToImageBatch(
  pack: ModelPack,
  options: ImageToImageOptions,
  batch: number,
): Promise<readonly PictureTensor[]> {
  const { image, strength, steps } = options;
  requireImageToImage(pack);
  requireWorkingSize(pack, image);

  // 1. Encode the prompts, set up the schedule. Consistency models choose all their steps below the strength; the others
  //    leave the first ones out.
  const choosesByStrength = pack.description.isLatentConsistency && usesLcm(pack, options);
  const { noise, conditioning, scheduler } = await prepareRun(pack, options, {
    batch,
    schedulerOverrides: checkpointOverrides(pack, "generate"),
    ...(choosesByStrength ? { distilledStrength: strength } : {}),
  });
  const begin = choosesByStrength ? 0 : beginIndex(scheduler, steps, strength);

  // 2. Prepare latents: the image, then noise on it.
  const encoded = await encodePicture(pack, image, options.isVaeTiled);
  const imageLatents = sampleLatents(pack, encoded, batch, noise); // [batch, 4, height / 8, width / 8]
  const latents = scheduler.addNoise(imageLatents, noise.normal(imageLatents.length), begin);

  // 3. Denoise.
  const { latentScale } = pack.description.vae;
  const size = { width: image.width / latentScale, height: image.height / latentScale };
  const timeIds = wholePictureTimeIds(image);
  const denoiser = await GuidedDenoiser.create(pack, { ...options, ...size, conditioning, batch, timeIds });
  const clean = await denoise(latents, { ...options, denoiser, scheduler, noise, begin });

  // 4. Decode.
  return await decodeBatch(pack, clean, batch, image, options.isVaeTiled);
}

function usesLcm(pack: ModelPack, { scheduler }: ImageToImageOptions): boolean {
  return (scheduler ?? schedulerNameOf(pack.description.scheduler)) === "lcm";
}

function requireImageToImage(pack: ModelPack): void {
  const { graphs, vae } = pack.description;
  if (pack.graph.inputChannels === vae.latentChannels && graphs.vae_encoder) return;
  throw new OverpaintError(
    "unsupported-model",
    `The model cannot restyle pictures: its denoiser takes ${pack.graph.inputChannels} channels${
      graphs.vae_encoder ? "" : ", and it has no vae_encoder"
    }.`,
    `Choose a model with a vae_encoder whose denoiser takes ${vae.latentChannels}.`,
  );
}
