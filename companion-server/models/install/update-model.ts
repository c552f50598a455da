import { createReadStream } from "node:fs";
import { cp, mkdir, readdir, rm } from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
import type { HubClient, HubFile, HubListing } from "../../../shared/hub/hub-client.ts";
import { chooseForWish, type InstallWish } from "../../../shared/hub/install-wish.ts";
import type { ModelId } from "../../../shared/protocol/models/model-facts.ts";
import type { FoundUpdate } from "../../../shared/protocol/models/model-update.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import type { ModelRecord } from "../model-records.ts";
import type { ModelStore } from "../model-store.ts";
import { entriesIn } from "../place-at.ts";
import { createHasher } from "./hub-connection.ts";
import { fetchWish, type InstallOptions, keepWish, takeLock } from "./install-model.ts";
import { readCatalog } from "./read-catalog.ts";
import { putAllBack, putBack, replaceModel } from "./replace-model.ts";

/** A model that came from a hub, with where a newer one would come from. */
interface FromHub {
  readonly folder: string;
  readonly record: ModelRecord;
  readonly source: Extract<ModelRecord["source"], { type: "hub" }>;
  readonly wish: InstallWish;
}

/** What an update brought. */
export interface Update {
  readonly commit: string;
  /** Names of the files that are new or other ones. */
  readonly replaced: readonly string[];
}

/**
 * Asks the hub whether it has other files of a model by now. Throws OverpaintError `invalid-request` for a model that came from no
 * hub, and as listing a repository does.
 */
export async function findUpdate(
  id: string,
  { hub, store, signal }: Pick<InstallOptions, "hub" | "store" | "signal">,
): Promise<FoundUpdate> {
  const installed = await fromHub(id, store);
  const { commit } = installed.source;
  if (isPinned(installed)) return { id, state: "pinned", commit };
  const newer = await findChanges(installed, hub, signal);
  if (newer === undefined) return { id, state: "current", commit };
  const bytes = newer.changed.reduce((sum, { size }) => sum + size, 0);
  return { id, state: "newer", commit: newer.listing.commit, files: newer.changed.length, bytes };
}

/**
 * Brings a model to what the hub has now. Only files that changed are fetched, the older model is used until all are there, and
 * what an interrupted update brought is kept. What its owner put into its folder stays. Undefined where nothing changed, or the
 * model is pinned to a commit. Throws as `findUpdate` does, and as installing.
 */
export async function updateModel(id: string, options: InstallOptions): Promise<Update | undefined> {
  const { store, hub, signal, onWaiting } = options;
  // Before anything is locked: a model that is none gets no folder.
  await fromHub(id, store);
  const downloads = join(store.downloads, id);
  const lock = await takeLock(downloads, signal, onWaiting);
  let update: Update | undefined;
  try {
    await putBack(id, store);
    const installed = await fromHub(id, store);
    const { wish, folder: target, record: older } = installed;
    const newer = isPinned(installed) ? undefined : await findChanges(installed, hub, signal);
    if (newer !== undefined) {
      await keepWish(wish, store);
      const recorded = new Map(older.files.map((file) => [file.name, file]));
      const findInstalled = (name: string, { size, digest }: HubFile) => {
        const known = recorded.get(name);
        const maySame = known?.size === size && (digest.algorithm !== "sha256" || digest.hex === known.sha256);
        return maySame ? join(target, name) : undefined;
      };
      const { folder, record } = await fetchWish(wish, newer.listing, downloads, { ...options, findInstalled });
      await bringAdditions(installed, folder, record);
      await replaceModel(id, { fileName: basename(target), record: older }, { folder, record }, store);
      update = { commit: newer.listing.commit, replaced: newer.changed.map(({ name }) => name) };
    }
  } finally {
    lock.release();
  }
  await rm(downloads, { recursive: true, force: true });
  return update;
}

async function fromHub(id: string, store: ModelStore): Promise<FromHub> {
  const away = await putAllBack(store);
  const installed = (await entriesIn(store.models)).find((each) => each.id === id);
  if (installed === undefined && away.get(id) !== undefined) throw away.get(id);
  const record = installed && (await store.records.find(id));
  if (installed === undefined || record?.source.type !== "hub")
    throw new OverpaintError(
      "invalid-request",
      installed === undefined ? `No model "${id}" was installed.` : `${id} was not fetched from a hub.`,
      record?.source.type === "import"
        ? `It came from ${record.source.path}: import the newer file from there.`
        : "Those that come with Overpaint are as new as it is; `overpaint models list` names the others.",
    );
  const { source, name } = record;
  const entry = (await readCatalog()).models.find((each) => each.id === source.entry);
  const place = entry ?? { repository: source.repository, revision: source.revision };
  const wish = { id: installed.id as ModelId, name, place, entry, file: source.file };
  return { folder: installed.path, record, source, wish: { ...wish, isUpdate: true } };
}

/** A commit never changes. */
function isPinned({ wish, source }: FromHub): boolean {
  return wish.place.revision === source.commit;
}

/** A file that the hub has otherwise than it is here, by its name in the model's folder. */
interface ChangedFile {
  readonly name: string;
  readonly size: number;
}

/** Undefined where the model is what the hub has: a newer commit may concern other files. */
async function findChanges(
  { wish, record, source, folder }: FromHub,
  hub: HubClient,
  signal: AbortSignal | undefined,
): Promise<{ readonly listing: HubListing; readonly changed: readonly ChangedFile[] } | undefined> {
  const listing = await hub.list(wish.place, signal);
  if (listing.commit === source.commit) return undefined;
  const { files, placeOf } = chooseForWish(wish, listing);
  const gone = new Set(record.files.map(({ name }) => name));
  for (const name of Object.keys(wish.entry?.writes ?? {})) gone.delete(name);
  const changed: ChangedFile[] = [];
  for (const file of files) {
    const name = placeOf(file.path);
    gone.delete(name);
    const known = record.files.find((each) => each.name === name);
    const isSame =
      known?.size === file.size && (await digestOf(file, known.sha256, join(folder, name))) === file.digest.hex;
    if (!isSame) changed.push({ name, size: file.size });
  }
  return changed.length + gone.size > 0 ? { listing, changed } : undefined;
}

/** The digest of an installed file as the hub lists it; undefined where it cannot be read. */
async function digestOf({ digest, size }: HubFile, sha256: string, path: string): Promise<string | undefined> {
  if (digest.algorithm === "sha256") return sha256;
  const hasher = createHasher("sha1");
  hasher.add(Buffer.from(`blob ${size}\0`));
  try {
    for await (const piece of createReadStream(path)) hasher.add(piece);
  } catch {
    return undefined;
  }
  return hasher.finish();
}

/** What is in a model's folder and did not come with it, such as its owner's words, goes with it; links stay links. */
async function bringAdditions(
  { folder: from, record: older }: FromHub,
  to: string,
  newer: Pick<ModelRecord, "files">,
): Promise<void> {
  const own = new Set([...older.files, ...newer.files].map(({ name }) => name));
  for (const entry of await readdir(from, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = relative(from, path);
    if (entry.isDirectory() || own.has(name.split(sep).join("/"))) continue;
    await mkdir(dirname(join(to, name)), { recursive: true });
    await cp(path, join(to, name));
  }
}
