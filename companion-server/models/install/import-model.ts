import { constants } from "node:fs";
import { copyFile, link, mkdir, readdir, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { pickled } from "../../../shared/hub/choose-files.ts";
import { TransferMeter, type TransferProgress } from "../../../shared/hub/transfer-meter.ts";
import type { ModelId } from "../../../shared/protocol/models/model-facts.ts";
import { idFromName } from "../../../shared/protocol/models/model-facts.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import { readSafetensorsHeader } from "../../../shared/weights/safetensors/read-header.ts";
import { type FileKind, recogniseFile } from "../../../shared/weights/single-file/recognise.ts";
import { requireDataFolder } from "../../data-folder.ts";
import { hashFile } from "../digests/file-digests.ts";
import { OWNERS_WORDS } from "../digests/hash-pack.ts";
import { DiskCheckpoint } from "../files/disk-checkpoint.ts";
import { listModelFiles, listPackFiles, type PackFile } from "../files/list-pack-files.ts";
import { inspectPack } from "../inspect-pack.ts";
import type { ModelPlace } from "../model-place.ts";
import type { ModelRecord } from "../model-records.ts";
import type { ModelStore } from "../model-store.ts";
import { checkpointsIn, controlNetAt, entriesIn, packIn, REFERENCE, unusedId, vaeAt, WEIGHTS } from "../place-at.ts";
import { unfinishedFolder } from "./unfinished.ts";

export interface ImportOptions {
  readonly store: ModelStore;
  /** "refer": the files stay where they are. "copy", "take": they come among the models. */
  readonly how: "refer" | "copy" | "take";
  /** As it is to be called. Default: as its file or folder is. */
  readonly name?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress: (progress: TransferProgress) => void;
}

export interface ImportedModel {
  readonly id: ModelId;
  readonly name: string;
  /** What it turned out to be: "a model", "a LoRA". */
  readonly kind: string;
  /** Where what is no model is used. */
  readonly use: string | undefined;
  /** Its folder, or that of the reference to it. */
  readonly folder: string;
}

/** What goes beside models, and where it is then found. */
const uses: Readonly<Partial<Record<FileKind, string>>> = {
  lora: "it changes the models that it fits: choose it under Advanced, or with --lora",
  controlnet: "it holds a model to a picture: choose it under Advanced, or with --control-model",
  vae: "it takes the place of a model's own autoencoder: name it with --vae",
  "text-encoder": "it takes the place of a model's own text encoder: name it with --text-encoder",
  "tiny-vae": "it draws previews for the models whose .overpaint.json names it as tinyVae",
};

/**
 * Takes a model of this machine among the installed ones, under any name; also what goes beside models. A model stays where it
 * is unless it is to be copied; what goes beside models is linked or copied. What its files are is recorded.
 *
 * Throws OverpaintError `unknown-model`, `unsupported-model` or `damaged-model`, saying what is missing and what to do.
 */
export async function importModel(path: string, options: ImportOptions): Promise<ImportedModel> {
  const { store, how } = options;
  await requireDataFolder(store.dataFolder);
  const found = await recognise(await existing(path));
  const name = options.name ?? basename(found.path).replace(WEIGHTS, "");
  const taken = new Map((await entriesIn(store.models)).map((entry) => [entry.id as string, entry.path]));
  const again = [...taken].find(([, place]) => place === found.path);
  if (again && how === "refer")
    throw new OverpaintError(
      "invalid-request",
      `${found.path} is already imported, as ${again[0]}.`,
      "Use it as it is.",
    );
  const id = unusedId(idFromName(name), (candidate) => taken.has(candidate));
  const unfinished = unfinishedFolder(store.downloads, `import-${id}`);
  const files = await filesOf(found.place);
  try {
    await mkdir(unfinished, { recursive: true });
    const isReference = how === "refer" && found.use === undefined;
    const target = { folder: unfinished, isLink: how !== "copy" };
    const hashed = await transfer(files, isReference ? undefined : target, options);
    if (isReference) await writeFile(join(unfinished, REFERENCE), JSON.stringify({ path: found.path, name }));
    const folder = join(store.models, id);
    await mkdir(store.models, { recursive: true });
    const record: Omit<ModelRecord, "version"> = {
      name,
      source: { type: "import", path: how === "take" ? basename(found.path) : found.path, isCopy: !isReference },
      recordedAt: Date.now(),
      files: hashed.filter(({ name: file }) => !OWNERS_WORDS.test(file)),
    };
    if (isReference) await store.record(id, found.place.folder, record);
    else await store.record(id, folder, record, unfinished);
    await rename(unfinished, folder);
    return { id, name, kind: found.kind, use: found.use, folder };
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

async function existing(path: string): Promise<string> {
  return await realpath(resolve(path)).catch((cause) => {
    throw new OverpaintError("unknown-model", `There is nothing at ${path}.`, "Check the path.", { cause });
  });
}

interface Recognised {
  readonly path: string;
  readonly place: ModelPlace;
  readonly kind: string;
  readonly use: string | undefined;
}

async function recognise(path: string): Promise<Recognised> {
  if ((await stat(path)).isDirectory()) return await recogniseFolder(path);
  const file = basename(path);
  if (/\.(ckpt|pt|pth|bin)$/i.test(file)) throw pickled(file);
  if (/\.onnx$/i.test(file))
    throw new OverpaintError(
      "unsupported-model",
      `${file} is a graph alone, and nothing beside it says what it is for.`,
      "Import the folder of its model, with model_index.json in it.",
    );
  const place = { folder: dirname(path), file };
  const { kind, words } = recogniseFile(await readSafetensorsHeader(new DiskCheckpoint(place), file));
  if (kind === "model") {
    await inspectPack(place);
    return { path, place, kind: "a model", use: undefined };
  }
  const use = uses[kind];
  if (use !== undefined) return { path, place, kind: words, use };
  throw new OverpaintError("unsupported-model", `${file} is ${words}, which is not supported.`, remedyFor(kind));
}

function remedyFor(kind: FileKind): string {
  if (kind === "ip-adapter")
    return "Put it into a folder under models/ in the data folder, with the folder image_encoder beside it.";
  if (kind === "ema-only") return "Take the file with the plain weights too.";
  return "Import a checkpoint, a folder in the layout of diffusers, a LoRA, a ControlNet or a VAE.";
}

async function recogniseFolder(path: string): Promise<Recognised> {
  const pack = await packIn(path, idFromName(basename(path)));
  if (pack && pack.file === undefined) {
    await inspectPack({ folder: path });
    return { path, place: { folder: path }, kind: "a model", use: undefined };
  }
  const names = await readdir(path);
  const hasConfig = names.includes("config.json");
  const controlNet = await controlNetAt(path);
  if (pack?.file !== undefined && !controlNet && !hasConfig)
    return { ...(await recognise(join(path, pack.file))), path };
  if (controlNet) return { path, place: controlNet, kind: "a ControlNet", use: uses.controlnet };
  if (hasConfig && (await vaeAt(path))) return { path, place: { folder: path }, kind: "a VAE", use: uses.vae };
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

/** Those that take part in drawing. */
async function filesOf(place: ModelPlace): Promise<readonly PackFile[]> {
  return await listModelFiles(place).catch(() => listPackFiles(place));
}

interface Target {
  readonly folder: string;
  /** A second name of the same bytes does where disks allow it. */
  readonly isLink: boolean;
}

/** Hashes files, and brings them into a folder if there is one. */
async function transfer(files: readonly PackFile[], target: Target | undefined, { signal, onProgress }: ImportOptions) {
  const meter = new TransferMeter(
    files.reduce((sum, { size }) => sum + size, 0),
    () => performance.now(),
  );
  const hashed = [];
  for (const { name, path, size } of files) {
    signal?.throwIfAborted();
    if (target) await bring(path, join(target.folder, name), target.isLink);
    const onBytes = (bytes: number) => onProgress(meter.report(name, bytes));
    // What was brought is hashed, so that a copy that went wrong is not taken for right.
    hashed.push({ name, size, sha256: await hashFile(target ? join(target.folder, name) : path, { signal, onBytes }) });
  }
  return hashed;
}

async function bring(from: string, to: string, isLink: boolean): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  const copy = () => copyFile(from, to, constants.COPYFILE_FICLONE);
  if (isLink) await link(from, to).catch(copy);
  else await copy();
}
