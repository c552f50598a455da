import { OverpaintError } from "../../protocol/overpaint-error.ts";
import { type Checkpoint, type ComponentName, requireUsable } from "../../weights/checkpoint/checkpoint.ts";
import { openCheckpoint } from "../../weights/checkpoint/open-checkpoint.ts";
import type { WeightFiles } from "../../weights/weight-files.ts";
import { listsComponent, modelIndexSchema } from "../pack/model-index.ts";
import { parseJson } from "../pack/parse-json.ts";
import { recommendationSchema } from "../pack/recommendation.ts";
import type { PackFiles } from "../pack-files.ts";
import type { Half } from "./checkpoint-graphs.ts";
import {
  type CheckpointChoice,
  type CheckpointStorage,
  predictionTypeOf,
  textEncoderFolder,
} from "./checkpoint-storage.ts";

/** Which part of a checkpoint answers for a folder of the ONNX layout. */
export const partOfFolder: Readonly<Record<string, { readonly part: ComponentName; readonly half: Half }>> = {
  unet: { part: "unet", half: undefined },
  transformer: { part: "transformer", half: undefined },
  text_encoder: { part: "text_encoder", half: undefined },
  text_encoder_2: { part: "text_encoder_2", half: undefined },
  vae: { part: "vae", half: "decoder" },
  vae_encoder: { part: "vae", half: "encoder" },
  vae_decoder: { part: "vae", half: "decoder" },
};
export const everyPart: ReadonlySet<ComponentName> = new Set(Object.values(partOfFolder).map(({ part }) => part));
/** Classes of graphs that are there, as exporters call them in model_index.json. */
const GRAPH_CLASS = /^(Onnx|ORT)/;

/** The parts of a folder that are listed and have no ONNX graph. */
export async function partsWithoutGraph(
  pack: PackFiles,
  storage: CheckpointStorage,
  borrowed: readonly string[],
): Promise<Set<ComponentName>> {
  const text = await pack.readText("model_index.json");
  const missing = new Set<ComponentName>();
  if (text === undefined) return missing;
  const index = parseJson("model_index.json", text, modelIndexSchema);
  for (const [folder, { part }] of Object.entries(partOfFolder)) {
    if (!listsComponent(index, folder) || borrowed.includes(folder)) continue;
    const [, className] = index[folder] as readonly unknown[];
    if (typeof className === "string" && GRAPH_CLASS.test(className)) continue;
    const places = folder === "vae" ? ["vae", "vae_decoder"] : [folder];
    const found = await Promise.all(places.map((place) => hasGraph(storage, `${place}/model.onnx`)));
    if (!found.includes(true)) missing.add(part);
  }
  return missing;
}

function hasGraph(storage: CheckpointStorage, path: string): Promise<boolean> {
  return storage.size(path).then((size) => size !== undefined);
}

/** What a pack's overpaint.json recommends, where there is one. */
export async function readRecommended(pack: PackFiles) {
  const text = await pack.readText("overpaint.json");
  return text === undefined ? undefined : parseJson("overpaint.json", text, recommendationSchema);
}

/** Opens the single file, or what the folder holds beside ONNX graphs. Throws as `requireUsable` does. */
export async function openParts(
  storage: CheckpointStorage,
  choice: CheckpointChoice,
  built: ReadonlySet<ComponentName>,
): Promise<Checkpoint> {
  const { file, vae, textEncoders = [] } = choice;
  requireBuiltText(textEncoders, built);
  const files = file === undefined ? listingOnly(built, storage) : storage;
  const checkpoint = await openCheckpoint(files, {
    file,
    prediction: predictionTypeOf(choice),
    textEncoders: textEncoders.map((place, k) => ({ folder: textEncoderFolder(k), file: place.file })),
    clipMerges: () => storage.clipMerges(),
  });
  const supplied = new Set([...everyPart].filter((part) => !built.has(part)));
  if (vae) supplied.add("vae");
  requireUsable(checkpoint, supplied);
  return checkpoint;
}

function requireBuiltText(
  replacements: NonNullable<CheckpointChoice["textEncoders"]>,
  built: ReadonlySet<ComponentName>,
): void {
  if (replacements.length > 0 && !built.has("text_encoder") && !built.has("text_encoder_2")) throw fixedText();
}

/** Why a pack of ONNX graphs keeps its text encoder. */
export function fixedText(): OverpaintError {
  return new OverpaintError(
    "unsupported-model",
    "The model's text encoder is a ready-made ONNX graph, whose place no other one takes.",
    "Choose the same model as safetensors.",
  );
}

/** A folder whose index lists some of its parts alone. */
function listingOnly(parts: ReadonlySet<ComponentName>, storage: CheckpointStorage): WeightFiles {
  return {
    size: (path) => storage.size(path),
    readBytes: (path, offset, length) => storage.readBytes(path, offset, length),
    readText: async (path) => {
      const text = await storage.readText(path);
      if (path !== "model_index.json" || text === undefined) return text;
      const index = Object.entries(parseJson(path, text, modelIndexSchema));
      return JSON.stringify(Object.fromEntries(index.filter(([name]) => !isOtherPart(name, parts))));
    },
  };
}

function isOtherPart(name: string, parts: ReadonlySet<ComponentName>): boolean {
  const part = [...everyPart].find((known) => known === name);
  return part !== undefined && !parts.has(part);
}
