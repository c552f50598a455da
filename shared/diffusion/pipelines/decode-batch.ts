import type { PixelSize } from "../../protocol/geometry.ts";
import type { ModelPack } from "../model-pack.ts";
import type { PictureTensor } from "../picture-tensor.ts";
import { decodeLatents } from "../vae/decode-latents.ts";

/** Decodes [batch, channels, height, width] latents one picture at a time: decoders take the most memory of all. */
export async function decodeBatch(
  pack: ModelPack,
  latents: Float32Array,
  batch: number,
  size: PixelSize,
  isTiled: boolean | undefined,
): Promise<readonly PictureTensor[]> {
  const length = latents.length / batch;
  const pictures: PictureTensor[] = [];
  for (let image = 0; image < batch; image++) {
    const one = latents.subarray(image * length, (image + 1) * length);
    pictures.push(await decodeLatents(pack, one, size, isTiled));
  }
  return pictures;
}
