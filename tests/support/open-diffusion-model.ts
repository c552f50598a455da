import type { ModelPackOptions } from "../../shared/diffusion/model-pack.ts";
import type { DiffusionModel } from "../../shared/diffusion/models/diffusion-model.ts";
import type { Model } from "../../shared/diffusion/models/model-family.ts";
import { openModel } from "../../shared/diffusion/models/open-model.ts";
import type { PackFiles } from "../../shared/diffusion/pack-files.ts";

/** Opens a pack whose model draws by diffusion. */
export async function openDiffusionModel(files: PackFiles, options?: ModelPackOptions): Promise<DiffusionModel> {
  return requireDiffusion(await openModel(files, options));
}

/** Narrows the type of a model that a test knows to draw. */
export function requireDiffusion(model: Model): DiffusionModel {
  if (model.type === "diffusion") return model;
  throw new Error(`A ${model.type} model draws nothing.`);
}
