import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { z } from "zod";
import type { CatalogEntry } from "../../../shared/hub/catalog.ts";
import { fetchModel } from "../../../shared/hub/fetch-model.ts";
import type { HubClient, HubFile, HubListing } from "../../../shared/hub/hub-client.ts";
import { chooseForWish, type InstallWish, parseWish } from "../../../shared/hub/install-wish.ts";
import type { TransferProgress } from "../../../shared/hub/transfer-meter.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import { requireDataFolder } from "../../data-folder.ts";
import { FolderLock } from "../../folder-lock.ts";
import { makeFolder } from "../../make-folder.ts";
import type { ModelRecords, RecordedFile } from "../model-records.ts";
import type { ModelStore } from "../model-store.ts";
import { exists, readFolder } from "../place-at.ts";
import { ArrivingFolder } from "./arriving-folder.ts";
import { findInHubCache } from "./hub-cache.ts";
import { createHasher } from "./hub-connection.ts";
import { putBack } from "./replace-model.ts";

export interface InstallOptions {
  readonly hub: HubClient;
  readonly store: ModelStore;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress: (progress: TransferProgress) => void;
  /** Told before anything is fetched. */
  readonly onListed?: (files: readonly HubFile[], listing: HubListing) => void;
  /** Told when another process fetches the same model, and is waited for. */
  readonly onWaiting?: () => void;
}

/**
 * Fetches a model into a folder of its own among the models, and records what its files are. What an earlier try brought is kept
 * and gone on with, also after the process ended in the middle. Two that install the same model share one download: the second
 * waits for the first, and goes on where that ended. Answers the model's folder.
 */
export async function installModel(wish: InstallWish, options: InstallOptions): Promise<string> {
  const { store, signal, onWaiting } = options;
  await requireDataFolder(store.dataFolder);
  const target = join(store.models, wish.id);
  const downloads = join(store.downloads, wish.id);
  const lock = await takeLock(downloads, signal, onWaiting);
  try {
    await putBack(wish.id, store);
    if (!(await isInstalled(wish, target, store.records))) {
      await requireFree(target, wish.id).catch(async (error) => {
        await rm(join(downloads, WISH), { force: true });
        throw error;
      });
      await keepWish(wish, store);
      const listing = await options.hub.list(wish.place, signal);
      const { folder, record } = await fetchWish(wish, listing, downloads, options);
      await mkdir(store.models, { recursive: true });
      await store.record(wish.id, target, record, folder);
      await rename(folder, target);
    }
  } finally {
    lock.release();
  }
  await rm(downloads, { recursive: true, force: true });
  return target;
}

export interface FetchWishOptions extends Pick<InstallOptions, "hub" | "signal" | "onProgress" | "onListed"> {
  /** Where a file of this content lies already, by its name in the model's folder. */
  readonly findInstalled?: (name: string, file: HubFile) => string | undefined;
}

/** Fetches what a wish takes of a listing into a folder among its downloads. Answers that, and what is to be recorded. */
export async function fetchWish(
  wish: InstallWish,
  listing: HubListing,
  downloads: string,
  { hub, signal, onProgress, onListed, findInstalled }: FetchWishOptions,
) {
  const chosen = chooseForWish(wish, listing);
  onListed?.(chosen.files, listing);
  // Another commit's files are another download.
  const folder = join(downloads, listing.commit);
  const into = new ArrivingFolder(folder, {
    placeOf: chosen.placeOf,
    findElsewhere: async (file) =>
      findInstalled?.(chosen.placeOf(file.path), file) ?? (await findInHubCache(listing.repository, file)),
  });
  const digests = await fetchModel(chosen.files, { hub, from: listing, into, createHasher, signal, onProgress });
  const files: RecordedFile[] = chosen.files.map(({ path, size }) => ({
    name: chosen.placeOf(path),
    size,
    sha256: digests.get(path) ?? "",
  }));
  files.push(...(await writeTexts(wish.entry?.writes ?? {}, folder)));
  const source = {
    type: "hub",
    repository: listing.repository,
    revision: wish.place.revision,
    commit: listing.commit,
    ...(wish.file !== undefined && { file: wish.file }),
    ...(wish.entry && { entry: wish.entry.id }),
  } as const;
  const licence = wish.entry?.licence.name ?? listing.licence;
  const record = { name: wish.name, source, recordedAt: Date.now(), files, ...(licence !== undefined && { licence }) };
  return { folder, record };
}

const WISH = "wish.json";
const keptWishSchema = z.object({
  named: z.string(),
  file: z.string().optional(),
  isUpdate: z.boolean().optional(),
});

/** So that whoever finds the download can go on with it. */
export async function keepWish({ id, entry, place, file, isUpdate }: InstallWish, store: ModelStore): Promise<void> {
  const downloads = join(store.downloads, id);
  await makeFolder(downloads);
  const named = entry?.id ?? `${place.repository}@${place.revision}`;
  const kept: z.input<typeof keptWishSchema> = {
    named,
    ...(file !== undefined && { file }),
    ...(isUpdate && { isUpdate }),
  };
  await writeFile(join(downloads, WISH), JSON.stringify(kept));
}

/** A download that was left. */
export interface KeptDownload {
  readonly wish: InstallWish;
  /** Bytes that are there. */
  readonly bytes: number;
}

/** Downloads that can be gone on with. */
export async function keptDownloads(
  store: ModelStore,
  catalog: readonly CatalogEntry[],
): Promise<readonly KeptDownload[]> {
  const kept: KeptDownload[] = [];
  for (const { name } of await readFolder(store.downloads)) {
    const folder = join(store.downloads, name);
    const text = await readFile(join(folder, WISH), "utf8").catch(() => undefined);
    if (text === undefined) continue;
    try {
      const { named, file, isUpdate } = keptWishSchema.parse(JSON.parse(text));
      kept.push({ wish: { ...parseWish(named, catalog, file), isUpdate }, bytes: await bytesIn(folder) });
    } catch {
      // One that names nothing any more is given up by removing it.
    }
  }
  return kept;
}

async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !/\.(json|db)$/.test(entry.name));
  const sizes = await Promise.all(files.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Writes the texts that a repository lacks. */
export async function writeTexts(
  texts: Readonly<Record<string, unknown>>,
  folder: string,
): Promise<readonly RecordedFile[]> {
  const written = Object.entries(texts).map(async ([name, value]) => {
    const bytes = Buffer.from(`${JSON.stringify(value, undefined, 2)}\n`);
    const file = join(folder, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes);
    const hasher = createHasher("sha256");
    hasher.add(bytes);
    return { name, size: bytes.length, sha256: hasher.finish() };
  });
  return await Promise.all(written);
}

async function isInstalled({ id, place }: InstallWish, target: string, records: ModelRecords): Promise<boolean> {
  const source = (await records.find(id))?.source;
  if (source?.type !== "hub" || source.repository !== place.repository) return false;
  const isSame = source.revision === place.revision || source.commit === place.revision;
  return isSame && (await exists(target));
}

async function requireFree(target: string, id: string): Promise<void> {
  if (!(await exists(target))) return;
  throw new OverpaintError(
    "invalid-request",
    `There is already another model "${id}".`,
    `Remove it first (overpaint models remove ${id}), or rename its folder ${target}.`,
  );
}

const LOOK_AGAIN_MS = 500;

/** Waits until no other process downloads into a folder. */
export async function takeLock(folder: string, signal?: AbortSignal, onWaiting = () => {}): Promise<FolderLock> {
  for (let isTold = false; ; isTold = true) {
    signal?.throwIfAborted();
    const lock = FolderLock.take(folder);
    if (lock) return lock;
    if (!isTold) onWaiting();
    await wait(LOOK_AGAIN_MS, undefined, { ...(signal && { signal }) });
  }
}
