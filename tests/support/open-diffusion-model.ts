import type { ModelPackOptions } from "../../shared/diffusion/model-pack.ts";
import type { DiffusionModel } from "../../shared/diffusion/models/diffusion-model.ts";
import { requireDiffusion } from "../../shared/diffusion/models/model-family.ts";
import { openModel } from "../../shared/diffusion/models/open-model.ts";
import type { PackFiles } from "../../shared/diffusion/pack-files.ts";

/** Opens a pack whose model draws by diffusion. */
export async function openDiffusionModel(files: PackFiles, options?: ModelPackOptions): Promise<DiffusionModel> {
  return requireDiffusion(await openModel(files, options));
}
