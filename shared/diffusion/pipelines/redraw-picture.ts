import type { DiffusionModel } from "../models/diffusion-model.ts";
import type { PictureTensor } from "../picture-tensor.ts";
import { type ImageToImageOptions, imageToImage } from "./image-to-image.ts";
import { inpaint } from "./inpaint.ts";

/**
 * Draws a picture again with whatever model there is, exactly as diffusers does: image to image, or, with inpainting
 * models, inpainting of everything.
 */
export async function redrawPicture(model: DiffusionModel, options: ImageToImageOptions): Promise<PictureTensor> {
  if (!model.facts.seesMask) return await imageToImage(model, options);
  const { width, height } = options.image;
  return await inpaint(model, { ...options, mask: new Float32Array(width * height).fill(1) });
}
