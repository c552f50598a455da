import { rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { modelIdSchema } from "../../../shared/protocol/models/model-facts.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import { FolderLock } from "../../folder-lock.ts";
import { makeFolder } from "../../make-folder.ts";
import { cacheFolders, sweepCaches } from "../caches/cache-folders.ts";
import type { ModelStore } from "../model-store.ts";
import { entriesIn } from "../place-at.ts";
import { putAllBack, putBack } from "./replace-model.ts";
import { unfinishedFolder } from "./unfinished.ts";

/**
 * Removes a model with all that was made and is known of it, or what there is of its download. One that stays where it is loses
 * its reference only. Throws OverpaintError `unknown-model`.
 */
export async function removeModel(id: string, store: ModelStore): Promise<void> {
  await putAllBack(store);
  const entry = (await entriesIn(store.models)).find((each) => each.id === id);
  const isArriving = await removeDownload(id, store);
  if (entry === undefined && !isArriving)
    throw new OverpaintError(
      "unknown-model",
      `There is no model "${id}" to remove.`,
      "Those that come with Overpaint stay; `overpaint models list` names the others.",
    );
  if (entry === undefined) return;
  await makeFolder(store.downloads);
  // Gone from the list at once, however long the files take.
  const gone = unfinishedFolder(store.downloads, `removed-${id}`);
  await rename(join(store.models, entry.fileName), gone);
  await rm(gone, { recursive: true, force: true });
  await store.records.remove(id);
  await store.digests.forget(join(store.models, entry.fileName));
  await sweepCaches(cacheFolders(store.dataFolder));
}

/** Gives up a download. False where there is none. Throws OverpaintError `invalid-request` while it runs. */
export async function removeDownload(id: string, store: ModelStore): Promise<boolean> {
  const folder = join(store.downloads, id);
  const isThere = modelIdSchema.safeParse(id).success && (await stat(folder).catch(() => undefined)) !== undefined;
  if (!isThere) return false;
  const lock = FolderLock.take(folder);
  if (lock === undefined)
    throw new OverpaintError("invalid-request", `${id} is being installed right now.`, "Pause or cancel that first.");
  try {
    await putBack(id, store);
  } finally {
    lock.release();
  }
  await rm(folder, { recursive: true, force: true });
  return true;
}
