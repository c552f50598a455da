import { OverpaintError } from "../../protocol/overpaint-error.ts";
import { readSafetensorsHeader } from "../safetensors/read-header.ts";
import { readShards } from "../safetensors/read-shards.ts";
import { clipWeights } from "../single-file/clip-keys.ts";
import { controlNetKeysOf, unetWeights, vaeKeysOf, vaeWeights } from "../single-file/split-checkpoint.ts";
import type { StoredTensors } from "../tensor-table.ts";
import { TensorTable } from "../tensor-table.ts";
import type { WeightFiles } from "../weight-files.ts";

/** Names under which a component's weights are saved, without extension: diffusers' own, transformers', OpenCLIP's. */
const stems = ["diffusion_pytorch_model", "model", "open_clip_model", "open_clip_pytorch_model"];
/** Where plain and half-precision weights lie side by side, the plain ones win. */
const variants = ["", ".fp16", ".bf16", ".non_ema"];
const pickles = ["diffusion_pytorch_model.bin", "pytorch_model.bin"];

/**
 * The tensors of a component's folder: one file, or several with an index.
 * Throws OverpaintError `damaged-model` when there are none.
 */
export async function readComponentFolder(files: WeightFiles, folder: string): Promise<StoredTensors> {
  for (const variant of variants) {
    for (const stem of stems) {
      const single = inFolder(folder, `${stem}${variant}.safetensors`);
      if ((await files.size(single)) !== undefined) return await readSafetensorsHeader(files, single);
      // diffusers puts the variant behind "index", other tools before the extension.
      for (const index of [`${stem}.safetensors.index${variant}.json`, `${stem}${variant}.safetensors.index.json`])
        if ((await files.size(inFolder(folder, index))) !== undefined)
          return await readShards(files, inFolder(folder, index));
    }
  }
  for (const pickle of pickles)
    if ((await files.size(inFolder(folder, pickle))) !== undefined)
      throw new OverpaintError(
        "unsupported-model",
        `${inFolder(folder, pickle)} is a Python pickle, which can run any code when it is opened.`,
        `Put the same model's ${stems[0]}.safetensors or model.safetensors into the folder.`,
      );
  throw new OverpaintError(
    "damaged-model",
    `The model's ${folder || "folder"} has no weights: neither ${stems[0]}.safetensors nor model.safetensors is there.`,
    "Download the model again.",
  );
}

/** A path below a folder, which may be the one that paths start from. */
export function inFolder(folder: string, path: string): string {
  return folder === "" ? path : `${folder}/${path}`;
}

/** A component's weights by the names that graphs are built with, whatever names its class had when they were saved. */
export function namedWeights(className: string, stored: StoredTensors): TensorTable {
  if (className.startsWith("CLIPText")) return clipWeights(stored);
  if (className === "AutoencoderKL") return vaeWeights(vaeKeysOf(stored));
  if (className === "ControlNetModel") return unetWeights(controlNetKeysOf(stored));
  if (className === "UNet2DConditionModel") return unetWeights(stored);
  return new TensorTable(stored.tensors, stored.unreadable);
}
