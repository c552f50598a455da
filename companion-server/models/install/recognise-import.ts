import { readdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { z } from "zod";
import { parseJson } from "../../../shared/diffusion/pack/parse-json.ts";
import { pickled } from "../../../shared/hub/choose-files.ts";
import { idFromName } from "../../../shared/protocol/models/model-facts.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import { readSafetensorsHeader } from "../../../shared/weights/safetensors/read-header.ts";
import { type FileKind, recogniseFile } from "../../../shared/weights/single-file/recognise.ts";
import { DiskCheckpoint } from "../files/disk-checkpoint.ts";
import { listModelFiles, listPackFiles, type PackFile } from "../files/list-pack-files.ts";
import { readPackText } from "../files/read-pack-text.ts";
import { inspectPack } from "../inspect-pack.ts";
import type { ModelPlace } from "../model-place.ts";
import { checkpointsIn, controlNetAt, ipAdapterAt, isFile, packIn, readFolder } from "../place-at.ts";

/** What a bare graph is until it lies alone and is opened. */
export const GRAPH = "a graph";

/** Something of this machine that can be taken among the models. */
export interface RecognisedImport {
  /** With links followed. */
  readonly path: string;
  /** In words: "a model", "a LoRA"; of a bare graph, GRAPH. */
  readonly kind: string;
  /** Where it is used, of what goes beside models. */
  readonly use: string | undefined;
  /** Where its files lie by their names, so that it can stay there; absent for what has to be brought. */
  readonly folder?: string;
  /** Those that take part in drawing, by their names among the models. */
  readonly files: readonly PackFile[];
}

/** What goes beside models, and where it is then found. */
const uses: Readonly<Partial<Record<FileKind, string>>> = {
  lora: "it changes the models that it fits: choose it under Advanced, or with --lora",
  controlnet: "it holds a model to a picture: choose it under Advanced, or with --control-model",
  "ip-adapter":
    "it has models draw after a picture, beside a prompt or as a style: choose it there, or with --reference-model",
  vae: "it takes the place of a model's own autoencoder: choose it under Advanced, or name it with --vae",
  "text-encoder":
    "it takes the place of a model's own text encoder: choose it under Advanced, or name it with --text-encoder",
  "tiny-vae": "it draws previews for the models whose .overpaint.json names it as tinyVae",
};

/** Throws OverpaintError `unknown-model`, `unsupported-model` or `damaged-model`, saying what is missing and what to do. */
export async function recogniseImport(path: string): Promise<RecognisedImport> {
  const found = await realpath(resolve(path)).catch((cause) => {
    throw new OverpaintError("unknown-model", `There is nothing at ${path}.`, "Check the path.", { cause });
  });
  return (await stat(found)).isDirectory() ? await recogniseFolder(found) : await recogniseOneFile(found);
}

async function recogniseOneFile(path: string): Promise<RecognisedImport> {
  const file = basename(path);
  if (/\.(ckpt|pt|pth|bin)$/i.test(file)) throw pickled(file);
  if (/\.onnx$/i.test(file)) return await recogniseGraph(path);
  const place = { folder: dirname(path), file };
  const { kind, words } = recogniseFile(await readSafetensorsHeader(new DiskCheckpoint(place), file));
  if (kind === "model") return await aModel(path, place);
  if (kind === "ip-adapter") return await recogniseIpAdapter(path, words);
  const use = uses[kind];
  if (use !== undefined) return { path, kind: words, use, files: await listPackFiles(place) };
  throw new OverpaintError(
    "unsupported-model",
    `${file} is ${words}, which is not supported.`,
    kind === "ema-only"
      ? "Take the file with the plain weights too."
      : "Import a checkpoint, a folder in the layout of diffusers, a LoRA, a ControlNet, an IP-Adapter or a VAE.",
  );
}

async function recogniseFolder(path: string): Promise<RecognisedImport> {
  const pack = await packIn(path, idFromName(basename(path)));
  if (pack && pack.file === undefined) return await aModel(path, { folder: path });
  const names = await readdir(path);
  const hasConfig = names.includes("config.json");
  const part = hasConfig ? await partIn(path) : undefined;
  const controlNet = await controlNetAt(path);
  if (pack?.file !== undefined && !controlNet && !hasConfig)
    return { ...(await recogniseOneFile(join(path, pack.file))), path };
  if (controlNet) return { path, kind: "a ControlNet", use: uses.controlnet, files: await filesOf(controlNet) };
  if (part) return { path, ...part, files: await filesOf({ folder: path }) };
  const pickle = names.find((name) => /\.(ckpt|pt|pth)$/i.test(name));
  if (pickle !== undefined) throw pickled(pickle);
  const checkpoints = await checkpointsIn(path);
  throw new OverpaintError(
    "unsupported-model",
    `${path} is no model's folder.`,
    checkpoints.length > 1
      ? `Import one of its ${checkpoints.length} .safetensors files.`
      : "Import the folder that has model_index.json in it, or a .safetensors file.",
  );
}

/** Classes of networks by which a folder's config.json is told for a part that goes beside models. */
const parts: readonly (readonly [className: RegExp, kind: FileKind, words: string])[] = [
  [/^AutoencoderKL/, "vae", "a VAE"],
  [/^AutoencoderTiny$/, "tiny-vae", "a tiny VAE (TAESD)"],
  [/TextModel/, "text-encoder", "a text encoder"],
];

const configSchema = z.looseObject({
  _class_name: z.string().optional(),
  architectures: z.array(z.string()).optional(),
});

/** Undefined for a folder whose config tells no class. Throws `unsupported-model` for a network that is used with others only. */
async function partIn(folder: string): Promise<Pick<RecognisedImport, "kind" | "use"> | undefined> {
  const text = await readPackText(folder, "config.json");
  const { _class_name, architectures } = parseJson("config.json", text ?? "{}", configSchema);
  const className = _class_name ?? architectures?.[0];
  if (className === undefined || className === "ControlNetModel") return undefined;
  const found = parts.find(([pattern]) => pattern.test(className));
  if (found) return { kind: found[2], use: uses[found[1]] };
  throw new OverpaintError(
    "unsupported-model",
    `${folder} is a ${className}, one network of a model.`,
    "Import the folder of the whole model, with model_index.json in it; of an IP-Adapter, the adapter's own file.",
  );
}

async function aModel(path: string, place: ModelPlace): Promise<RecognisedImport> {
  await inspectPack(place);
  return { path, kind: "a model", use: undefined, folder: place.folder, files: await filesOf(place) };
}

async function filesOf(place: ModelPlace): Promise<readonly PackFile[]> {
  return await listModelFiles(place).catch(() => listPackFiles(place));
}

/** What exporters call the weights of a graph that do not lie in it. */
const EXTERNAL_DATA = /^(\.onnx)?[._](data|onnx_data|pb)(_\d+)?$/i;

/** A network that its inputs and outputs tell, with the weights and the words that lie beside it. */
async function recogniseGraph(path: string): Promise<RecognisedImport> {
  const file = basename(path);
  const folder = dirname(path);
  for (const above of [folder, dirname(folder)])
    if (await isFile(join(above, "model_index.json")))
      throw new OverpaintError(
        "unsupported-model",
        `${file} is one network of the model in ${above}.`,
        `Import that folder: ${above}.`,
      );
  const stem = file.replace(/\.onnx$/i, "");
  const words = `${stem}.overpaint.json`;
  const beside = (await readFolder(folder)).map(({ name }) => name);
  const taken = beside.filter((name) => name.startsWith(stem) && EXTERNAL_DATA.test(name.slice(stem.length)));
  const files = [file, ...taken].map((name) => fileAt(join(folder, name), name));
  if (beside.includes(words)) files.push(fileAt(join(folder, words), "overpaint.json"));
  return { path, kind: GRAPH, use: undefined, files: await Promise.all(files) };
}

async function recogniseIpAdapter(path: string, words: string): Promise<RecognisedImport> {
  const adapter = await ipAdapterAt(path);
  if (adapter === undefined)
    throw new OverpaintError(
      "unsupported-model",
      `${basename(path)} is ${words}, and the image encoder that it reads pictures with is not beside it.`,
      "Put its folder image_encoder (config.json and model.safetensors) beside the file or into the folder above, and import the file by its path.",
    );
  const encoder = (await readFolder(adapter.encoder)).map(({ name }) => name);
  const files = [fileAt(path, basename(path))];
  for (const name of encoder)
    if (/^config\.json$|\.safetensors(\.index\.json)?$/i.test(name))
      files.push(fileAt(join(adapter.encoder, name), `image_encoder/${name}`));
  return { path, kind: words, use: uses["ip-adapter"], files: await Promise.all(files) };
}

async function fileAt(path: string, name: string): Promise<PackFile> {
  const { size, mtimeMs } = await stat(path);
  return { name, path, size, modified: mtimeMs };
}
