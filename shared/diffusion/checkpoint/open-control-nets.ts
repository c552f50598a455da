import { z } from "zod";
import { parseControlNetConfig, parseUnet2dConditionConfig } from "../../networks/unet-2d-condition-config.ts";
import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { CheckpointComponent, ComponentName } from "../../weights/checkpoint/checkpoint.ts";
import { openComponentFolder } from "../../weights/checkpoint/open-folder.ts";
import { openControlNetFile } from "../../weights/checkpoint/open-part.ts";
import { parseJson } from "../pack/parse-json.ts";
import { type CheckpointChoice, type CheckpointStorage, controlNetFolder } from "./checkpoint-storage.ts";

const CLASS = "ControlNetModel";
const classSchema = z.looseObject({ _class_name: z.string().optional() });

/**
 * Opens the ControlNets that a model is drawn with.
 *
 * @param built the model's components whose graphs are built: one that is read from a file cannot be changed
 * Throws OverpaintError `unsupported-model` for one that is for models of another family.
 */
export async function openControlNets(
  storage: CheckpointStorage,
  { controlNets = [] }: CheckpointChoice,
  built: ReadonlyMap<ComponentName, CheckpointComponent>,
): Promise<readonly CheckpointComponent[]> {
  const opened = [];
  for (const [k, { file }] of controlNets.entries()) {
    const unet = requireUnet(built, "ControlNets");
    const folder = controlNetFolder(k);
    const controlNet =
      file === undefined
        ? await openControlNetFolder(storage, folder)
        : await openControlNetFile(storage, `${folder}/${file}`);
    requireSameFamily(controlNet, unet);
    opened.push(controlNet);
  }
  return opened;
}

/**
 * The denoiser, where it takes what would change its graph. Throws OverpaintError `unsupported-model` for a transformer, and for an
 * ONNX graph.
 */
export function requireUnet(
  built: ReadonlyMap<ComponentName, CheckpointComponent>,
  added: "ControlNets" | "IP-Adapters",
): CheckpointComponent {
  const unet = built.get("unet");
  if (unet !== undefined) return unet;
  throw built.has("transformer")
    ? new OverpaintError(
        "unsupported-model",
        `The model draws with a transformer, for which there are no ${added} here: they are for models with a U-Net.`,
        "Leave them out, or choose a Stable Diffusion model.",
      )
    : new OverpaintError(
        "unsupported-model",
        `The model's unet is an ONNX graph, which takes no ${added}.`,
        "Choose the same model as .safetensors: a file, or a folder in the layout of diffusers.",
      );
}

async function openControlNetFolder(storage: CheckpointStorage, folder: string): Promise<CheckpointComponent> {
  const path = `${folder}/config.json`;
  const { _class_name: name = CLASS } = parseJson(path, (await storage.readText(path)) ?? "{}", classSchema);
  if (name === CLASS) return await openComponentFolder(storage, folder, CLASS);
  throw new OverpaintError(
    "unsupported-model",
    `The folder holds no ControlNet, but the class ${name}.`,
    "Choose the folder or .safetensors file of a ControlNet.",
  );
}

/** A ControlNet answers maps of the sizes that the denoiser has, and reads the same text. */
function requireSameFamily(controlNet: CheckpointComponent, unet: CheckpointComponent): void {
  const own = parseControlNetConfig(controlNet.config);
  const wanted = parseUnet2dConditionConfig(unet.config);
  const text = own.cross_attention_dim === wanted.cross_attention_dim;
  const channels = (levels: typeof own.levels) =>
    levels.map((level) => `${level.channels} × ${level.layers}`).join(", ");
  if (text && channels(own.levels) === channels(wanted.levels)) return;
  throw new OverpaintError(
    "unsupported-model",
    text
      ? `The ControlNet has levels of ${channels(own.levels)} layers, the model of ${channels(wanted.levels)}.`
      : `The ControlNet reads text of width ${own.cross_attention_dim}, the model of ${wanted.cross_attention_dim}: it is for another family.`,
    "Choose a ControlNet that was trained for models of this family.",
  );
}
