import type { CheckpointComponent } from "../../weights/checkpoint/checkpoint.ts";
import { openComponentFolder } from "../../weights/checkpoint/open-folder.ts";
import { openTinyVaeFile } from "../../weights/checkpoint/open-part.ts";
import type { WeightFiles } from "../../weights/weight-files.ts";

const WEIGHTS = "diffusion_pytorch_model.safetensors";

/**
 * The tiny autoencoder whose decoder draws previews: where overpaint.json says, else in one of the usual places beside what it
 * is for. Undefined where there is none. https://github.com/madebyollin/taesd
 *
 * @param pipeline the class that model_index.json names: the latents of Stable Diffusion XL mean other colours than those of
 *   Stable Diffusion, in as many channels
 */
export async function findTinyDecoder(
  files: WeightFiles,
  named: string | undefined,
  pipeline: string,
): Promise<CheckpointComponent | undefined> {
  const usual = pipeline.startsWith("StableDiffusionXL") ? "taesdxl" : "taesd";
  for (const place of named === undefined ? ["tiny_vae", usual, `${usual}.safetensors`] : [named]) {
    const isFile = place.endsWith(".safetensors");
    if ((await files.size(isFile ? place : `${place}/${WEIGHTS}`)) === undefined) continue;
    return isFile ? await openTinyVaeFile(files, place) : await openComponentFolder(files, place, "AutoencoderTiny");
  }
  return undefined;
}
