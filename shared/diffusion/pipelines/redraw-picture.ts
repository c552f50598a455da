import type { ModelPack } from "../model-pack.ts";
import type { PictureTensor } from "../picture-tensor.ts";
import { type ImageToImageOptions, imageToImage } from "./image-to-image.ts";
import { inpaint } from "./inpaint.ts";
import { isInpaintingModel } from "./is-inpainting-model.ts";

/**
 * Draws a picture again with whatever model there is, exactly as diffusers does: image to image, or, with inpainting
 * models, inpainting of everything.
 */
export async function redrawPicture(pack: ModelPack, options: ImageToImageOptions): Promise<PictureTensor> {
  if (!isInpaintingModel(pack)) return await imageToImage(pack, options);
  const { width, height } = options.image;
  return await inpaint(pack, { ...options, mask: new Float32Array(width * height).fill(1) });
}
