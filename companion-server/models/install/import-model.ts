import { constants } from "node:fs";
import { copyFile, link, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { TransferMeter, type TransferProgress } from "../../../shared/hub/transfer-meter.ts";
import { idFromName, type ModelId, unusedId } from "../../../shared/protocol/models/model-facts.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import { requireDataFolder } from "../../data-folder.ts";
import { hashFile } from "../digests/file-digests.ts";
import { OWNERS_WORDS } from "../digests/hash-pack.ts";
import type { PackFile } from "../files/list-pack-files.ts";
import { inspectPack } from "../inspect-pack.ts";
import type { ModelRecord } from "../model-records.ts";
import type { ModelStore } from "../model-store.ts";
import { entriesIn, REFERENCE, WEIGHTS } from "../place-at.ts";
import { GRAPH, recogniseImport } from "./recognise-import.ts";
import { putAllBack } from "./replace-model.ts";
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

/**
 * Takes a model of this machine among the installed ones, under any name; also what goes beside models. A model stays where it
 * is unless it is to be copied; what goes beside models, and a graph of a folder of others, is linked or copied. What its files
 * are is recorded.
 *
 * Throws OverpaintError `unknown-model`, `unsupported-model` or `damaged-model`, saying what is missing and what to do.
 */
export async function importModel(path: string, options: ImportOptions): Promise<ImportedModel> {
  const { store, how } = options;
  await requireDataFolder(store.dataFolder);
  const away = await putAllBack(store);
  const found = await recogniseImport(path);
  const name =
    options.name ??
    basename(found.path)
      .replace(WEIGHTS, "")
      .replace(/\.onnx$/i, "");
  const taken = new Map((await entriesIn(store.models)).map((entry) => [entry.id as string, entry.path]));
  const again = [...taken].find(([, place]) => place === found.path);
  if (again && how === "refer")
    throw new OverpaintError(
      "invalid-request",
      `${found.path} is already imported, as ${again[0]}.`,
      "Use it as it is.",
    );
  const id = unusedId(idFromName(name), (candidate) => taken.has(candidate) || away.has(candidate));
  const unfinished = unfinishedFolder(store.downloads, `import-${id}`);
  const { files } = found;
  try {
    await mkdir(unfinished, { recursive: true });
    const isReference = how === "refer" && found.folder !== undefined;
    const target = { folder: unfinished, isLink: how !== "copy" };
    const hashed = await transfer(files, isReference ? undefined : target, options);
    if (isReference) await writeFile(join(unfinished, REFERENCE), JSON.stringify({ path: found.path, name }));
    // A graph tells what it is where it lies alone.
    if (found.kind === GRAPH) await inspectPack({ folder: unfinished });
    const folder = join(store.models, id);
    await mkdir(store.models, { recursive: true });
    const record: Omit<ModelRecord, "version"> = {
      name,
      source: { type: "import", path: how === "take" ? basename(found.path) : found.path, isCopy: !isReference },
      recordedAt: Date.now(),
      files: hashed.filter(({ name: file }) => !OWNERS_WORDS.test(file)),
    };
    if (isReference) await store.record(id, found.folder ?? folder, record);
    else await store.record(id, folder, record, unfinished);
    await rename(unfinished, folder);
    return { id, name, kind: found.kind === GRAPH ? "a model" : found.kind, use: found.use, folder };
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
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
