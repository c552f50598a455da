import type { PixelSize } from "../../protocol/geometry.ts";
import type { ModelPack } from "../model-pack.ts";
import { requireInput } from "../pack/graph-facts.ts";
import type { PictureTensor } from "../picture-tensor.ts";
import { toFloats, toGraphInput } from "../tensors/graph-values.ts";
import { requireFinite } from "../tensors/require-finite.ts";

/**
 * Decodes latents as the scheduler sees them to a picture. Used for results and for previews.
 *
 * @param latents [channels, height / scale, width / scale], still scaled and shifted.
 * @param size Of the picture, in pixels.
 */
export async function decodeLatents(pack: ModelPack, latents: Float32Array, size: PixelSize): Promise<PictureTensor> {
  const { width, height } = size;
  const { latentChannels, latentScale, scalingFactor, shiftFactor } = pack.description.vae;
  const session = await pack.session("vae_decoder");
  const input = requireInput(session, "vae_decoder", "latent_sample");

  const unscaled = new Float32Array(latents.length);
  for (let i = 0; i < unscaled.length; i++) unscaled[i] = latents[i]! / scalingFactor + shiftFactor;
  const dims = [1, latentChannels, height / latentScale, width / latentScale];
  const outputs = await session.run({ latent_sample: toGraphInput(input, dims, unscaled) });
  const data = toFloats(Object.values(outputs)[0]!); // [1, 3, height, width]
  requireFinite(data, "vae_decoder");
  return { width, height, data };
}
