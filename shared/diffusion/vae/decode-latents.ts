import type { PixelSize } from "../../protocol/geometry.ts";
import type { ModelPack } from "../model-pack.ts";
import type { Component } from "../pack/component.ts";
import { requireSingleInput } from "../pack/graph-facts.ts";
import type { PictureTensor } from "../picture-tensor.ts";
import { toFloats, toGraphInput } from "../tensors/graph-values.ts";
import { requireFinite } from "../tensors/require-finite.ts";
import { unscaleLatents } from "./latent-scaling.ts";
import { type Planes, runTiled, tiledRun } from "./tiling.ts";

/**
 * Decodes latents as the scheduler sees them to a picture.
 *
 * @param latents [channels, height / scale, width / scale], still scaled and shifted.
 * @param size Of the picture, in pixels.
 * @param isTiled Decode pictures larger than the autoencoder's own size in overlapping tiles, to bound the memory.
 */
export async function decodeLatents(
  pack: ModelPack,
  latents: Float32Array,
  { width, height }: PixelSize,
  isTiled = false,
): Promise<PictureTensor> {
  const { latentChannels, latentScale, sampleSize } = pack.description.vae;
  const planes: Planes = {
    channels: latentChannels,
    width: width / latentScale,
    height: height / latentScale,
    data: unscaleLatents(latents, pack.description.vae),
  };
  const decode = (tile: Planes) => runDecoder(pack, "vae_decoder", tile);
  const isLarger = width > sampleSize || height > sampleSize;
  const run = tiledRun(sampleSize / latentScale, sampleSize);
  return isTiled && isLarger ? await runTiled(planes, run, decode) : await decode(planes);
}

/**
 * Decodes with the pack's tiny decoder where it has one: good enough to watch a run, and nearly free. Otherwise like
 * `decodeLatents`.
 */
export async function decodePreview(
  pack: ModelPack,
  latents: Float32Array,
  size: PixelSize,
  isTiled = false,
): Promise<PictureTensor> {
  if (!pack.description.graphs.tiny_vae_decoder) return await decodeLatents(pack, latents, size, isTiled);
  const { latentChannels, latentScale } = pack.description.vae;
  // Tiny autoencoders take latents as the scheduler sees them.
  const planes = {
    channels: latentChannels,
    width: size.width / latentScale,
    height: size.height / latentScale,
    data: latents,
  };
  return await runDecoder(pack, "tiny_vae_decoder", planes);
}

async function runDecoder(pack: ModelPack, component: Component, latents: Planes): Promise<Planes> {
  const session = await pack.session(component);
  const input = requireSingleInput(session, component);
  const dims = [1, latents.channels, latents.height, latents.width];
  const outputs = await session.run({ [input.name]: toGraphInput(input, dims, latents.data) });
  const output = Object.values(outputs)[0]!; // [1, 3, height, width]
  const data = toFloats(output);
  requireFinite(data, component, [latents.data]);
  const [, channels, height, width] = output.dims as readonly [number, number, number, number];
  return { channels, height, width, data };
}
