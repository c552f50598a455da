import { z } from "zod";
import type { CheckpointComponent } from "../../weights/checkpoint/checkpoint.ts";
import { openComponentFolder } from "../../weights/checkpoint/open-folder.ts";
import { openVaeFile } from "../../weights/checkpoint/open-part.ts";
import { familyConventions } from "../../weights/infer/family.ts";
import { parseJson } from "../pack/parse-json.ts";
import { type CheckpointStorage, OTHER_VAE } from "./checkpoint-storage.ts";

const classSchema = z.looseObject({ _class_name: z.string().optional() });
const ownSchema = z.looseObject({
  scaling_factor: z.number().positive().optional(),
  sample_size: z.int().positive().optional(),
});

/** What is known of the model that an autoencoder is put into. */
export interface VaeSurroundings {
  /** config.json of its own autoencoder, where it has one. */
  readonly ownConfig: string | undefined;
  /** The pipeline's class. */
  readonly pipeline: string;
}

/**
 * Opens the autoencoder that takes the place of a model's own: a folder with its config, or a file in any layout, whose
 * latents are then scaled as the model's are.
 */
export async function openOtherVae(
  storage: CheckpointStorage,
  { file }: { readonly file?: string | undefined },
  { ownConfig, pipeline }: VaeSurroundings,
): Promise<CheckpointComponent> {
  if (file === undefined) {
    const path = `${OTHER_VAE}/config.json`;
    const { _class_name: name } = parseJson(path, (await storage.readText(path)) ?? "{}", classSchema);
    return await openComponentFolder(storage, OTHER_VAE, name ?? "AutoencoderKL");
  }
  const own = parseJson("vae/config.json", ownConfig ?? "{}", ownSchema);
  const family = pipeline.includes("StableDiffusionXL") ? "stable-diffusion-xl" : "stable-diffusion-1";
  const usual = familyConventions[family].vae;
  return await openVaeFile(storage, `${OTHER_VAE}/${file}`, {
    scalingFactor: own.scaling_factor ?? usual.scalingFactor,
    sampleSize: own.sample_size ?? usual.sampleSize,
  });
}
