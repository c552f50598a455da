import type { SchedulerName } from "../../protocol/model-facts.ts";
import { OverpaintError } from "../../protocol/overpaint-error.ts";
import { GuidedDenoiser } from "../denoiser/guided-denoiser.ts";
import type { ModelPack } from "../model-pack.ts";
import type { PictureTensor } from "../picture-tensor.ts";
import { TorchGenerator } from "../random/torch-generator.ts";
import { createScheduler } from "../schedulers/create-scheduler.ts";
import { type SchedulerConfig, withScheduler } from "../schedulers/scheduler-name.ts";
import { scaled } from "../tensors/weighted-sum.ts";
import { encodePrompts } from "../text/encode-prompt.ts";
import type { LongPrompts } from "../text/prompt-embedding.ts";
import { decodeLatents } from "../vae/decode-latents.ts";
import { encodePicture } from "../vae/encode-picture.ts";
import { denoise, type RunHooks, throwIfCancelled } from "./denoise.ts";
import { beginIndex } from "./strength.ts";

export interface InpaintOptions extends RunHooks {
  readonly prompt: string;
  readonly negativePrompt: string;
  /** Sides are multiples of the pack's `sizeMultiple`. */
  readonly image: PictureTensor;
  /** [height, width] of the image: 0 keeps, 1 repaints; the model sees it black and white at 0.5. */
  readonly mask: Float32Array;
  /** Default: the pack's own. */
  readonly scheduler?: SchedulerName | undefined;
  readonly steps: number;
  /** Guidance runs above 1. */
  readonly guidanceScale: number;
  /** Above 0 to 1. Exactly 1 starts from pure noise, less from the noised image. */
  readonly strength: number;
  readonly seed: number;
  readonly longPrompts: LongPrompts;
}

/**
 * Repaints what the mask covers. Reference: diffusers, `StableDiffusionInpaintPipeline`; same pack, scheduler, options and
 * seed give the same picture. Nothing is pasted back: the whole picture comes from the decoder.
 */
export async function inpaint(pack: ModelPack, options: InpaintOptions): Promise<PictureTensor> {
  const { image, mask, signal, onStep } = options;
  const { latentScale } = pack.description.vae;
  requireInpaintable(pack, options);
  const noise = new TorchGenerator(options.seed);

  // 1. Encode the prompts.
  throwIfCancelled(signal);
  const isGuided = options.guidanceScale > 1;
  const conditioning = await encodePrompts(pack, { ...options, isGuided });

  // 2. Set up the schedule.
  const config = inpaintSchedulerConfig(pack.description.scheduler, options.scheduler);
  const scheduler = createScheduler(config, { steps: options.steps });
  const begin = beginIndex(scheduler, options.steps, options.strength);

  // 3. Prepare latents. The order of draws is diffusers': image, then noise, then masked image.
  const imageLatents = options.strength < 1 ? await encodePicture(pack, image, noise) : undefined;
  const width = image.width / latentScale;
  const height = image.height / latentScale;
  const initialNoise = noise.normal(pack.description.vae.latentChannels * height * width);
  const latents = imageLatents
    ? scheduler.addNoise(imageLatents, initialNoise, begin)
    : scaled(initialNoise, scheduler.initialNoiseSigma);

  // 4. Prepare what the model sees of the picture: mask and masked picture.
  const latentMask = toLatentMask(mask, image, latentScale); // [1, height, width]
  const maskedLatents = await encodePicture(pack, withoutMasked(image, mask), noise); // [4, height, width]
  const extraChannels = new Float32Array(latentMask.length + maskedLatents.length);
  extraChannels.set(latentMask);
  extraChannels.set(maskedLatents, latentMask.length);

  // 5. Denoise.
  const { guidanceScale } = options;
  const denoiser = await GuidedDenoiser.create(pack, { conditioning, guidanceScale, width, height, extraChannels });
  const clean = await denoise(latents, { denoiser, scheduler, noise, begin, signal, onStep });

  // 6. Decode.
  return await decodeLatents(pack, clean, image);
}

/** Pipelines of diffusers adjust configs of old checkpoints when they load them. */
function inpaintSchedulerConfig(config: SchedulerConfig, name: SchedulerName | undefined): SchedulerConfig {
  const adjusted = { ...config, steps_offset: 1, skip_prk_steps: true };
  return name === undefined ? adjusted : withScheduler(adjusted, name);
}

/** The mask at latent size, black and white: each cell takes its top left pixel, as `interpolate(mode="nearest")` does. */
function toLatentMask(mask: Float32Array, image: PictureTensor, scale: number): Float32Array {
  const width = image.width / scale;
  const cells = new Float32Array(mask.length / scale / scale);
  for (let i = 0; i < cells.length; i++) {
    const x = (i % width) * scale;
    const y = Math.floor(i / width) * scale;
    cells[i] = mask[y * image.width + x]! >= 0.5 ? 1 : 0;
  }
  return cells;
}

/** The picture with mid-gray, 0 in [−1, 1], where the mask is white. */
function withoutMasked({ width, height, data }: PictureTensor, mask: Float32Array): PictureTensor {
  const kept = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) kept[i] = mask[i % mask.length]! < 0.5 ? data[i]! : 0;
  return { width, height, data: kept };
}

function requireInpaintable(pack: ModelPack, { image, mask }: InpaintOptions): void {
  const { inputChannels, sizeMultiple, tasks } = pack.facts;
  if (!tasks.includes("inpaint") || inputChannels !== 2 * pack.description.vae.latentChannels + 1)
    throw new OverpaintError(
      "unsupported-model",
      `The model cannot inpaint: its denoiser takes ${inputChannels} channels.`,
      "Choose an inpainting model, whose denoiser takes 9.",
    );
  if (image.width % sizeMultiple !== 0 || image.height % sizeMultiple !== 0)
    throw new OverpaintError(
      "invalid-request",
      `The model works at multiples of ${sizeMultiple} px, not at ${image.width}×${image.height}.`,
      "Resize the image first.",
    );
  if (mask.length !== image.width * image.height)
    throw new OverpaintError(
      "mask-size-mismatch",
      `The mask has ${mask.length} values, the image ${image.width}×${image.height} pixels.`,
      "Give a mask of exactly the image's size.",
    );
}
