import type { Dirent } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { idFromName, type ModelId, unusedId } from "../../shared/protocol/models/model-facts.ts";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import { readSafetensorsHeader } from "../../shared/weights/safetensors/read-header.ts";
import { type FileKind, recogniseFile } from "../../shared/weights/single-file/recognise.ts";
import { DiskCheckpoint } from "./files/disk-checkpoint.ts";
import { listGraphs } from "./files/list-graphs.ts";
import { readPackText } from "./files/read-pack-text.ts";
import type { IpAdapterPlace, LoraPlace, ModelPlace, ModelPlaces } from "./model-place.ts";

export interface InstalledPack extends ModelPlaces {
  readonly id: ModelId;
  /** As its file or folder is called, where that is no id. */
  readonly name?: string | undefined;
}

/** An autoencoder or text encoder that can take the place of a model's own. */
export interface InstalledPart extends ModelPlace {
  readonly id: ModelId;
}

/** A LoRA that can change a model. */
export interface InstalledLora extends Omit<LoraPlace, "strength"> {
  readonly id: ModelId;
}

export interface InstalledIpAdapter extends IpAdapterPlace {
  readonly id: ModelId;
}

interface FileOfWeights {
  readonly folder: string;
  readonly file: string;
}

export interface InstalledControlNet extends ModelPlace {
  readonly id: ModelId;
}

/** The files of weights that are models by themselves. */
const CHECKPOINT = /\.safetensors$/i;
/** What people call files of weights, whether they can be opened or not. */
export const WEIGHTS = /\.(safetensors|ckpt|pt|pth|bin|gguf)$/i;

const controlNetConfigSchema = z.looseObject({ _class_name: z.literal("ControlNetModel") });

/** Something below a root of models. */
export interface Entry {
  readonly id: ModelId;
  /** As people call it. */
  readonly name: string;
  /** Where it lies, also by reference. */
  readonly path: string;
  /** In the root. */
  readonly fileName: string;
  /** Whether its files lie elsewhere, and may be gone. */
  readonly isReference: boolean;
}

/** In the folder of a model that stays where it is: says where that is. */
export const REFERENCE = "reference.json";
const referenceSchema = z.object({ path: z.string(), name: z.string() });

/**
 * The files and folders directly below a root, by name, with the ids that requests know them by: their names as far as ids may be
 * like them, numbered where two come to the same. References are followed.
 */
export async function entriesIn(root: string): Promise<readonly Entry[]> {
  const names = (await readFolder(root)).map(({ name }) => name).filter((name) => !name.startsWith("."));
  // Who is called by an id already keeps it.
  const isId = (name: string) => idFromName(stemOf(name)) === name;
  names.sort((a, b) => Number(isId(b)) - Number(isId(a)) || (a < b ? -1 : 1));
  const taken = new Set<string>();
  const entries: Entry[] = [];
  for (const name of names) {
    const wanted = idFromName(stemOf(name));
    const id = unusedId(wanted, (candidate) => taken.has(candidate));
    taken.add(id);
    const reference = await readReference(join(root, name));
    const place = reference ?? { name: stemOf(name), path: join(root, name) };
    entries.push({ id, fileName: name, isReference: reference !== undefined, ...place });
  }
  return entries;
}

async function readReference(folder: string): Promise<z.output<typeof referenceSchema> | undefined> {
  const text = await readFile(join(folder, REFERENCE), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return referenceSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function stemOf(name: string): string {
  return name.replace(WEIGHTS, "");
}

/** Also a model whose files are gone, if it is known to be one. */
export async function installedAt({ id, name, path, isReference }: Entry): Promise<InstalledPack | undefined> {
  const isCheckpoint = CHECKPOINT.test(path) && (isReference || (await isFile(path)));
  const found = isCheckpoint ? { ...filePlace(path), id } : await packIn(path, id);
  const pack = found ?? (isReference ? { id, folder: path } : undefined);
  return pack && { ...pack, ...(name !== id && { name }) };
}

/** Throws OverpaintError `damaged-model` where there is nothing at a model's place. */
export async function requirePlace({ folder, file }: ModelPlace): Promise<void> {
  const path = file === undefined ? folder : join(folder, file);
  if (await exists(path)) return;
  throw new OverpaintError(
    "damaged-model",
    `There is nothing at ${path} any more.`,
    "Connect the disk that it lies on, or remove the model and import it from where it is now.",
  );
}

/** A folder in the layout of diffusers, one that holds a single checkpoint, or one of bare ONNX graphs. */
export async function packIn(folder: string, id: ModelId): Promise<InstalledPack | undefined> {
  if (await isFile(join(folder, "model_index.json"))) return { id, folder };
  const [file, ...others] = await checkpointsIn(folder);
  if (file !== undefined) return others.length === 0 ? { id, folder, file } : undefined;
  return (await listGraphs(folder)).length > 0 ? { id, folder } : undefined;
}

export async function checkpointsIn(folder: string): Promise<readonly string[]> {
  return (await readFolder(folder)).map(({ name }) => name).filter((name) => CHECKPOINT.test(name));
}

export function vaeAt(path: string): Promise<InstalledPart | undefined> {
  return partAt(path, "vae");
}

export function textEncoderAt(path: string): Promise<InstalledPart | undefined> {
  return partAt(path, "text_encoder");
}

/** @param folder what the part's own is called in a model's folder */
async function partAt(path: string, folder: string): Promise<InstalledPart | undefined> {
  if (await isFile(path)) return CHECKPOINT.test(path) ? filePlace(path) : undefined;
  const id = idFromName(basename(path));
  for (const place of [path, join(path, folder)])
    if (await isFile(join(place, "config.json"))) return { id, folder: place };
  const [file, ...others] = await checkpointsIn(path);
  return file !== undefined && others.length === 0 ? { id, folder: path, file } : undefined;
}

/** An autoencoder or text encoder that is no model's own: a file, or a folder, whose weights' keys are of that kind. */
export async function loosePartAt(path: string, kind: "vae" | "text-encoder"): Promise<InstalledPart | undefined> {
  const place = kind === "vae" ? await vaeAt(path) : await textEncoderAt(path);
  if (place === undefined) return undefined;
  if (place.file !== undefined) return (await isOfKind({ ...place, file: place.file }, kind)) ? place : undefined;
  if (place.folder !== path) return undefined;
  for (const file of await checkpointsIn(path)) if (await isOfKind({ folder: path, file }, kind)) return place;
  return undefined;
}

export async function ipAdapterAt(path: string): Promise<InstalledIpAdapter | undefined> {
  const [name, ...others] = (await isFile(path)) ? [path] : (await checkpointsIn(path)).map((file) => join(path, file));
  if (name === undefined || others.length > 0) return undefined;
  const { folder, file } = filePlace(name);
  // Publishers of several adapters have one encoder for all of them, in the folder above.
  for (const encoder of [join(folder, "image_encoder"), join(dirname(folder), "image_encoder")])
    if (await isFile(join(encoder, "config.json")))
      return { id: idFromName(basename(path).replace(WEIGHTS, "")), folder, file, encoder };
  return undefined;
}

export async function controlNetAt(path: string): Promise<InstalledControlNet | undefined> {
  if (await isFile(path)) {
    const place = filePlace(path);
    return CHECKPOINT.test(path) && (await isOfKind(place, "controlnet")) ? place : undefined;
  }
  const id = idFromName(basename(path));
  const config = await readPackText(path, "config.json").catch(() => undefined);
  if (config !== undefined) return isControlNetConfig(config) ? { id, folder: path } : undefined;
  const [file, ...others] = await checkpointsIn(path);
  if (file === undefined || others.length > 0) return undefined;
  return (await isOfKind({ folder: path, file }, "controlnet")) ? { id, folder: path, file } : undefined;
}

function isControlNetConfig(text: string): boolean {
  try {
    return controlNetConfigSchema.safeParse(JSON.parse(text)).success;
  } catch {
    return false;
  }
}

/** Whether the keys of a file of weights are those of a kind; false for one that cannot be read. */
export async function isOfKind({ folder, file }: FileOfWeights, kind: FileKind): Promise<boolean> {
  const header = await readSafetensorsHeader(new DiskCheckpoint({ folder }), file).catch(() => undefined);
  return header !== undefined && recogniseFile(header).kind === kind;
}

export function filePlace(path: string) {
  const file = basename(path);
  return { id: idFromName(file.replace(WEIGHTS, "")), folder: dirname(path), file };
}

export async function readFolder(folder: string): Promise<readonly Dirent[]> {
  return readdir(folder, { withFileTypes: true }).catch(() => []);
}

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

export async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (entry) => entry.isFile(),
    () => false,
  );
}
