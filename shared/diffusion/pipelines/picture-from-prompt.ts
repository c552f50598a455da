import type { ModelPack } from "../model-pack.ts";
import type { PictureTensor } from "../picture-tensor.ts";
import { inpaint } from "./inpaint.ts";
import { type TextToImageOptions, textToImage } from "./text-to-image.ts";

/**
 * Draws a picture from a prompt with whatever model there is: text-to-image models draw it as they do, inpainting models
 * repaint a grey picture that is masked everywhere, which is what they were shown of pictures to draw whole.
 */
export async function pictureFromPrompt(pack: ModelPack, options: TextToImageOptions): Promise<PictureTensor> {
  const isInpaintingModel = pack.facts.inputChannels > pack.description.vae.latentChannels;
  if (!isInpaintingModel) return await textToImage(pack, options);
  const { width, height } = options;
  const image = { width, height, data: new Float32Array(3 * width * height) };
  return await inpaint(pack, { ...options, image, mask: new Float32Array(width * height).fill(1), strength: 1 });
}
