import { OverpaintError } from "../protocol/overpaint-error.ts";
import { requireSafePath } from "./hub-address.ts";
import type { HubFile } from "./hub-client.ts";

/** Folders of diffusers' layout that hold a network, and what of them may lie in one beside its weights. */
const NETWORKS =
  /^(unet|transformer|vae|vae_encoder|vae_decoder|text_encoder|text_encoder_2|controlnet)\/(?<file>[^/]+)$/;
const TEXTS = [
  /^(model_index|overpaint)\.json$/,
  /^(scheduler|low_res_scheduler)\/scheduler_config\.json$/,
  /^tokenizer(_2)?\/(merges\.txt|vocab\.json|tokenizer\.json|tokenizer_config\.json|special_tokens_map\.json|added_tokens\.json|chat_template\.jinja)$/,
];
const STEM = "(?:diffusion_pytorch_model|model)";
/**
 * The same weights are often there several times. The first that is there is taken: half precision takes half the bytes and
 * loses nothing that shows.
 */
const variants: readonly { readonly one: RegExp; readonly shards: RegExp; readonly index: RegExp }[] = [
  "\\.fp16",
  "",
  "\\.bf16",
].map((variant) => ({
  one: new RegExp(`^${STEM}${variant}\\.safetensors$`),
  shards: new RegExp(`^${STEM}(?:${variant}-\\d+-of-\\d+|-\\d+-of-\\d+${variant})\\.safetensors$`),
  index: new RegExp(`^${STEM}(?:${variant}\\.safetensors\\.index|\\.safetensors\\.index${variant})\\.json$`),
}));
const GRAPH = /^model\.onnx$/;
const EXTERNAL_DATA = /^(model\.onnx[._]data(_\d+)?|weights\.pb)$/;
const PICKLE = /\.(ckpt|pt|pth|bin)$/i;

/**
 * Those files of a repository that a model needs: of a folder in diffusers' layout its configurations and of each network one set of
 * weights, safetensors before ONNX; of a single network (an autoencoder, a ControlNet) the same; else the only checkpoint.
 *
 * `wanted`: the checkpoint that is meant, where a repository has several. Throws OverpaintError `unsupported-model` saying what
 * there is instead, and `damaged-model` for names that lead out of a folder.
 */
export function chooseFiles(listed: readonly HubFile[], wanted?: string): readonly HubFile[] {
  const chosen = wanted === undefined ? choose(listed) : [namedFile(listed, wanted)];
  for (const { path } of chosen) requireSafePath(path);
  return [...chosen].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function choose(listed: readonly HubFile[]): readonly HubFile[] {
  const has = (path: string) => listed.some((file) => file.path === path);
  if (has("model_index.json")) return chooseOfFolder(listed);
  const roots = listed.filter(({ path }) => !path.includes("/"));
  if (has("config.json")) {
    const weights = chooseWeights(roots, ({ path }) => path);
    if (weights.length > 0) return [...roots.filter(({ path }) => path === "config.json"), ...weights];
  }
  const checkpoints = roots.filter(({ path }) => /\.safetensors$/i.test(path));
  if (checkpoints.length === 1) return checkpoints;
  throw nothingToTake(listed, checkpoints);
}

function chooseOfFolder(listed: readonly HubFile[]): readonly HubFile[] {
  const chosen = listed.filter(({ path }) => TEXTS.some((text) => text.test(path)));
  const folders = new Set(
    listed.filter(({ path }) => NETWORKS.test(path)).map(({ path }) => path.split("/", 1)[0] ?? ""),
  );
  // Graphs of an encoder and a decoder beside the weights of both are another export of the same.
  const isBuilt = listed.some(({ path }) => /^(unet|transformer)\/.*\.safetensors$/.test(path));
  for (const folder of folders) {
    const files = listed.filter(({ path }) => path.startsWith(`${folder}/`) && NETWORKS.test(path));
    const name = ({ path }: HubFile) => path.slice(folder.length + 1);
    if (isBuilt && folder.startsWith("vae_")) continue;
    const weights = chooseWeights(files, name);
    const graphs = files.filter((file) => GRAPH.test(name(file)) || EXTERNAL_DATA.test(name(file)));
    const taken = weights.length > 0 ? weights : graphs;
    if (taken.length === 0) throw noWeights(folder, files);
    chosen.push(...files.filter((file) => name(file) === "config.json"), ...taken);
  }
  return chosen;
}

/** A network's weights with their index; none where it has none. */
function chooseWeights(files: readonly HubFile[], name: (file: HubFile) => string): readonly HubFile[] {
  for (const { one, shards, index } of variants) {
    const single = files.find((file) => one.test(name(file)));
    if (single) return [single];
    const parts = files.filter((file) => shards.test(name(file)) || index.test(name(file)));
    if (parts.length > 1) return parts;
  }
  return [];
}

function namedFile(listed: readonly HubFile[], wanted: string): HubFile {
  const file = listed.find(({ path }) => path === wanted);
  if (file && /\.safetensors$/i.test(wanted)) return file;
  if (file) throw pickled(wanted);
  const others = listed.filter(({ path }) => /\.safetensors$/i.test(path)).map(({ path }) => path);
  throw new OverpaintError(
    "unknown-model",
    `The repository has no file ${wanted}.`,
    `It has ${list(others) || "no checkpoints"}.`,
  );
}

function nothingToTake(listed: readonly HubFile[], checkpoints: readonly HubFile[]): OverpaintError {
  if (checkpoints.length > 1)
    return new OverpaintError(
      "unsupported-model",
      `The repository has ${checkpoints.length} checkpoints: ${list(checkpoints.map(({ path }) => path))}.`,
      "Name one of them with --file.",
    );
  const pickle = listed.find(({ path }) => PICKLE.test(path));
  if (pickle) return pickled(pickle.path);
  const gguf = listed.some(({ path }) => /\.gguf$/i.test(path));
  return new OverpaintError(
    "unsupported-model",
    gguf
      ? "The repository holds GGUF files, which are not read."
      : "The repository holds no image model that is known here.",
    "Take one with safetensors: a diffusers folder (model_index.json) or a single file.",
  );
}

function noWeights(folder: string, files: readonly HubFile[]): OverpaintError {
  const pickle = files.find(({ path }) => PICKLE.test(path));
  if (pickle) return pickled(pickle.path);
  return new OverpaintError(
    "unsupported-model",
    `The repository's ${folder} has no weights in safetensors.`,
    "Take a repository that has them, or another revision of it.",
  );
}

/** Why a pickle is never opened, and the safe way. */
export function pickled(path: string): OverpaintError {
  return new OverpaintError(
    "unsupported-model",
    `${path} is a Python pickle: opening one can run any code on this machine, so it is never opened.`,
    "Take the model's .safetensors file; nearly every model has one on its page.",
  );
}

/** Longer ones are cut short. */
const MOST_NAMED = 6;

function list(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMED).join(", ");
  return names.length > MOST_NAMED ? `${shown} and ${names.length - MOST_NAMED} more` : shown;
}
