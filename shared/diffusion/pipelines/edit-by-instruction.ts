import { createDenoiser } from "../denoiser/create-denoiser.ts";
import type { DiffusionModel, ReferencePicture } from "../models/diffusion-model.ts";
import type { PictureTensor } from "../picture-tensor.ts";
import { scaled } from "../tensors/weighted-sum.ts";
import { decodeBatch } from "./decode-batch.ts";
import { denoise } from "./denoise.ts";
import type { GenerationOptions } from "./generation-options.ts";
import { prepareRun, requireTask, requireWorkingSize } from "./prepare-run.ts";

export interface InstructionOptions extends GenerationOptions {
  /** What the model looks at: the picture to change, then others that the prompt may speak of. Sizes may differ. */
  readonly pictures: readonly [PictureTensor, ...PictureTensor[]];
}

/**
 * Draws a picture anew as a prompt says, of the size of the first one. Same model, options and seed give the same picture as
 * diffusers' `Flux2KleinPipeline` with pictures.
 */
export async function editByInstructionBatch(
  model: DiffusionModel,
  options: InstructionOptions,
  batch: number,
): Promise<readonly PictureTensor[]> {
  const { pictures, isVaeTiled: isTiled = false, signal } = options;
  const [size] = pictures;
  requireTask(model, "edit");
  for (const picture of pictures) requireWorkingSize(model, picture);

  // 1. Encode the prompts, set up the schedule.
  const setup = { batch, size, pipeline: "text-to-image" } as const;
  const { noise, conditioning, scheduler, begin } = await prepareRun(model, options, setup);

  // 2. Prepare latents: pure noise.
  const { channels, cell } = model.latents;
  const cells = (size.width / cell) * (size.height / cell);
  const latents = scaled(noise.normal(batch * channels * cells), scheduler.initialNoiseSigma);

  // 3. Prepare what the model looks at.
  const references: ReferencePicture[] = [];
  for (const picture of pictures) {
    const encoded = model.latents.mean(await model.latents.encode([picture], { isTiled, signal })); // [channels, height, width]
    references.push({
      latents: repeated(encoded, batch),
      width: picture.width / cell,
      height: picture.height / cell,
    });
  }

  // 4. Denoise.
  const denoiser = await createDenoiser(model, { ...options, conditioning, batch, size, references });
  const clean = await denoise(latents, { ...options, denoiser, scheduler, noise, begin });

  // 5. Decode.
  return await decodeBatch(model.latents, clean, batch, size, options);
}

function repeated(values: Float32Array, times: number): Float32Array {
  const all = new Float32Array(values.length * times);
  for (let k = 0; k < times; k++) all.set(values, k * values.length);
  return all;
}
