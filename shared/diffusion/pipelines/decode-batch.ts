import type { PixelSize } from "../../protocol/geometry.ts";
import type { LatentSpace } from "../models/diffusion-model.ts";
import type { PictureTensor } from "../picture-tensor.ts";
import type { GenerationOptions } from "./generation-options.ts";

/** Decodes [batch, channels, height, width] latents one picture at a time: decoders take the most memory of all. */
export async function decodeBatch(
  space: LatentSpace,
  latents: Float32Array,
  batch: number,
  size: PixelSize,
  { isVaeTiled: isTiled = false, signal }: GenerationOptions,
): Promise<readonly PictureTensor[]> {
  const length = latents.length / batch;
  const pictures: PictureTensor[] = [];
  for (let image = 0; image < batch; image++) {
    const one = latents.subarray(image * length, (image + 1) * length);
    pictures.push(await space.decode(one, size, { isTiled, signal }));
  }
  return pictures;
}
