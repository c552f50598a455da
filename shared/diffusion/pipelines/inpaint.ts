import type { DiffusionModel } from "../models/diffusion-model.ts";
import type { PictureTensor } from "../picture-tensor.ts";
import { blendedInpaintBatch } from "./blended-inpaint.ts";
import { type InpaintOptions, requireMaskSize } from "./inpaint-options.ts";
import { maskedInpaintBatch } from "./masked-inpaint.ts";
import { requireTask, requireWorkingSize } from "./prepare-run.ts";

export type { InpaintOptions } from "./inpaint-options.ts";

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
