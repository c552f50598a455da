import type { ModelPack } from "../model-pack.ts";

/** Inpainting models take mask and masked picture beside the latents. */
export function isInpaintingModel({ facts, description }: ModelPack): boolean {
  return facts.inputChannels > description.vae.latentChannels;
}
