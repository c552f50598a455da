import type { PixelSize } from "../../protocol/geometry.ts";
import type { ModelPack } from "../model-pack.ts";
import { encodePicture } from "../vae/encode-picture.ts";
import { scaleLatents } from "../vae/latent-scaling.ts";

/**
 * What an inpainting model is told beside the latents where the whole picture is to be drawn: a mask of ones, and the
 * masked picture, of which nothing but grey is left. Undefined for models that are told nothing.
 *
 * @param size in pixels
 * @param isTiled whether the autoencoder encodes it in tiles
 * @returns [1 + latent channels, height / scale, width / scale]
 */
export async function everythingMasked(
  pack: ModelPack,
  { width, height }: PixelSize,
  isTiled = false,
): Promise<Float32Array | undefined> {
  const { vae } = pack.description;
  if (pack.graph.inputChannels === vae.latentChannels) return undefined;
  const grey = { width, height, data: new Float32Array(3 * width * height) };
  const { mean } = await encodePicture(pack, grey, isTiled);
  const cells = mean.length / vae.latentChannels;
  const channels = new Float32Array(cells + mean.length).fill(1, 0, cells);
  channels.set(scaleLatents(mean.slice(), vae), cells);
  return channels;
}
