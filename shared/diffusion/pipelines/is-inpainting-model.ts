import type { ModelPack } from "../model-pack.ts";

/** Inpainting models take mask and masked picture beside the latents. */
export function isInpaintingModel({ facts }: ModelPack): boolean {
  return facts.seesMask;
}
