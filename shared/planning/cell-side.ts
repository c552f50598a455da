import type { ModelFacts } from "../protocol/model-facts.ts";

/** Pixels of a working picture along a latent cell. An upscaler's latents, and a network's, have the small picture's size. */
export function cellSide({ family, latentScale }: Pick<ModelFacts, "family" | "latentScale">): number {
  return family === "stable-diffusion-x4-upscaler" || family === "super-resolution" ? 1 : latentScale;
}
