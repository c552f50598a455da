import { readdir, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import type { CheckpointFiles } from "../../../shared/diffusion/checkpoint/checkpoint-files.ts";
import { borrowedPaths, readBorrowed } from "../../../shared/diffusion/pack/borrowed-components.ts";
import { type ModelPlaces, placesBeside } from "../model-place.ts";
import { DiskCheckpoint } from "./disk-checkpoint.ts";
import { inspectModelFiles, textNames } from "./open-model-files.ts";
import { readPackText } from "./read-pack-text.ts";

export interface PackFile {
  /** As recipes call it: relative to the model's folder, with forward slashes. */
  readonly name: string;
  readonly path: string;
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

/**
 * The files of a pack in a fixed order, those it borrows from the pack beside it and those put into it included; none for a
 * folder that cannot be read. Hidden files and documents take no part in drawing and are left out. Of what lies beside a single
 * file, only its recommendations are its own.
 */
export async function listPackFiles(places: ModelPlaces): Promise<readonly PackFile[]> {
  const { folder, file } = places;
  const own = file === undefined ? await filesInFolder(folder) : await fileAndSettings(folder, file);
  const listed = own.map((path) => ({ name: nameIn(folder, path), path }));
  for (const [beside, other] of placesBeside(places)) {
    const paths = await filesBelow(other.file ? join(other.folder, other.file) : other.folder);
    for (const path of paths) listed.push({ name: `${beside}/${nameIn(other.folder, path)}`, path });
  }
  return Promise.all(listed.map(withStat));
}

async function filesInFolder(folder: string): Promise<readonly string[]> {
  const borrowed = readBorrowed(await readPackText(folder, "overpaint.json"));
  const places = [folder, ...(borrowed ? borrowedPaths(borrowed).map((path) => join(folder, path)) : [])];
  return (await Promise.all(places.map(filesBelow))).flat().sort();
}

async function fileAndSettings(folder: string, file: string): Promise<readonly string[]> {
  const places = textNames(file, "overpaint.json").map((name) => filesBelow(join(folder, name)));
  const settings = (await Promise.all(places)).find((found) => found.length > 0) ?? [];
  return [...(await filesBelow(join(folder, file))), ...settings].sort();
}

/** The same weights in the formats of other runtimes, which folders of hubs hold beside one another. */
const WEIGHTS =
  /\.(safetensors|ckpt|pt|pth|msgpack|h5|gguf|tflite)$|(^|\/)((diffusion_)?pytorch_model[^/]*\.bin|openvino_[^/]*\.(bin|xml))$/i;

/** Files of weights that a model draws with, for whoever has it open. */
export type OpenedWeights = Pick<CheckpointFiles, "weightFiles">;

/**
 * Those of a pack's files that take part in drawing: of several kinds of the same weights, one. `opened` spares opening the
 * model for that. Throws as `openModelFiles` does.
 */
export async function listModelFiles(places: ModelPlaces, opened?: OpenedWeights): Promise<readonly PackFile[]> {
  const { weightFiles } = opened ?? (await inspectModelFiles(places));
  const disk = new DiskCheckpoint(places);
  const listed = await listPackFiles(places);
  const others = listed.filter(({ name }) => !WEIGHTS.test(name));
  const weights = await Promise.all(weightFiles.map((name) => withStat({ name, path: disk.file(name) })));
  return [...others, ...weights].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function nameIn(folder: string, path: string): string {
  return relative(folder, path).split(sep).join("/");
}

async function withStat(file: { readonly name: string; readonly path: string }): Promise<PackFile> {
  const { size, mtimeMs } = await stat(file.path);
  return { ...file, size, modified: mtimeMs };
}

/** Every file in a folder and those within it; a file stands for itself, and what cannot be read for nothing. */
async function filesBelow(path: string): Promise<readonly string[]> {
  const isFile = await stat(path).then(
    (entry) => entry.isFile(),
    () => false,
  );
  if (isFile) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => (entry.isFile() || entry.isSymbolicLink()) && !/^\.|\.md$/i.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Changes whenever a file of the pack is added, removed, replaced or rewritten. Reads no file's content. */
export async function packFingerprint(places: ModelPlaces): Promise<string> {
  const files = await listPackFiles(places);
  return files.map(({ path, size, modified }) => `${path} ${size} ${modified}`).join("\n");
}
