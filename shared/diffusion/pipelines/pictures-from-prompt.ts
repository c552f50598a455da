import type { DiffusionModel } from "../models/diffusion-model.ts";
import type { PictureTensor } from "../picture-tensor.ts";
import { inpaintBatch } from "./inpaint.ts";
import { type TextToImageOptions, textToImageBatch } from "./text-to-image.ts";

/**
 * Draws pictures from a prompt, number k with seed + k, with whatever model there is: text-to-image models draw them as they do, inpainting models
 * repaint a grey picture that is masked everywhere, which is what they were shown of pictures to draw whole.
 */
export async function picturesFromPrompt(
  model: DiffusionModel,
  options: TextToImageOptions,
  batch: number,
): Promise<readonly PictureTensor[]> {
  if (!model.facts.seesMask) return await textToImageBatch(model, options, batch);
  const { width, height } = options;
  const image = { width, height, data: new Float32Array(3 * width * height) };
  const mask = new Float32Array(width * height).fill(1);
  return await inpaintBatch(model, { ...options, image, mask, strength: 1 }, batch);
}
