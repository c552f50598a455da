import { copyFile, mkdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fetchModel } from "../../../shared/hub/fetch-model.ts";
import type { HubClient, HubFile } from "../../../shared/hub/hub-client.ts";
import { placesFor } from "../../../shared/hub/install-wish.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import { FolderLock } from "../../folder-lock.ts";
import { hashFile } from "../digests/file-digests.ts";
import type { ModelRecord } from "../model-records.ts";
import type { InstalledPack } from "../place-at.ts";
import { ArrivingFolder } from "./arriving-folder.ts";
import { createHasher } from "./hub-connection.ts";
import { writeTexts } from "./install-model.ts";
import { readCatalog } from "./read-catalog.ts";
import { type VerifyOptions, verifyModel } from "./verify-model.ts";

export interface RepairOptions extends VerifyOptions {
  readonly hub: HubClient;
}

/**
 * Brings back what of a model differs from its record, from where it came, and nothing else. Answers the names of the files that
 * were replaced. Throws OverpaintError `invalid-request` where nothing tells what the model was.
 */
export async function repairModel(model: InstalledPack, options: RepairOptions): Promise<readonly string[]> {
  const { store } = options;
  const record = await store.records.find(model.id);
  if (record === undefined) throw noWayBack(model.id, "it was neither installed nor imported");
  const { files } = await verifyModel(model, options);
  const damaged = new Set(files.filter(({ state }) => state !== "whole").map(({ name }) => name));
  if (damaged.size === 0) return [];
  const folder = join(store.downloads, `${model.id}.repair`);
  const lock = FolderLock.take(folder);
  if (lock === undefined)
    throw new OverpaintError("invalid-request", `${model.id} is being repaired right now.`, "Wait for that to end.");
  try {
    await bringBack(damaged, record, { folder, id: model.id, ...options });
    for (const name of damaged) {
      const target = join(model.folder, name);
      await mkdir(dirname(target), { recursive: true });
      await rename(join(folder, name), target);
    }
  } finally {
    lock.release();
    await rm(`${folder}.tags.json`, { force: true });
  }
  await rm(folder, { recursive: true, force: true });
  await store.recordFiles(
    model.id,
    model.folder,
    record.files.filter(({ name }) => damaged.has(name)),
  );
  return [...damaged];
}

interface BringBackOptions extends RepairOptions {
  readonly folder: string;
  readonly id: string;
}

async function bringBack(names: ReadonlySet<string>, { source, files }: ModelRecord, options: BringBackOptions) {
  const { folder, id } = options;
  if (source.type === "hub") await fetchAgain(names, source, options);
  else {
    const isFolder = await stat(source.path).then(
      (entry) => entry.isDirectory(),
      () => undefined,
    );
    if (isFolder === undefined || !source.isCopy) throw noWayBack(id, `it was imported from ${source.path}`);
    for (const name of names) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await copyFile(isFolder ? join(source.path, name) : source.path, join(folder, name));
    }
  }
  for (const { name, sha256 } of files) {
    if (names.has(name) && (await hashFile(join(folder, name))) !== sha256)
      throw noWayBack(id, `${name} is another file now where it came from`);
  }
}

/** Of the commit that it was installed from, whatever its branch holds by now. */
async function fetchAgain(
  names: ReadonlySet<string>,
  { repository, commit, entry: id, file }: Extract<ModelRecord["source"], { type: "hub" }>,
  { folder, hub, signal, onProgress }: BringBackOptions,
): Promise<void> {
  const entry = id === undefined ? undefined : (await readCatalog()).models.find((each) => each.id === id);
  const placeOf = placesFor({ entry, file });
  const listing = await hub.list({ repository, revision: commit }, signal);
  const wanted: readonly HubFile[] = listing.files.filter(({ path }) => names.has(placeOf(path)));
  const into = new ArrivingFolder(folder, { placeOf });
  await fetchModel(wanted, { hub, from: listing, into, createHasher, signal, onProgress });
  const texts = Object.entries(entry?.writes ?? {}).filter(([name]) => names.has(name));
  await writeTexts(Object.fromEntries(texts), folder);
}

function noWayBack(id: string, reason: string): OverpaintError {
  return new OverpaintError(
    "invalid-request",
    `${id} cannot be repaired: ${reason}.`,
    `Get it again from where it came from, then import it; to keep it as it is: overpaint models verify ${id} --accept.`,
  );
}
