import { KeptModels } from "../store/kept-models.ts";
import type { KeptFiles } from "./engine-files.ts";
import { KeptInMemory } from "./kept-in-memory.ts";
import { KeptOnDisk } from "./kept-on-disk.ts";
import type { ListedFile } from "./listed-files.ts";

/** Beside the files: the room that a download leaves. */
const SPARE_BYTES = 512 * 1024 ** 2;

/**
 * The browser's storage for this page, or memory where it is denied (a frame of another site, a private window, an origin without
 * encryption) or has not the room.
 */
export async function openKeptFiles(files: readonly ListedFile[]): Promise<KeptFiles> {
  try {
    const kept = await KeptOnDisk.open(files, navigator.storage);
    let lacking = SPARE_BYTES;
    for (const { path, size } of files) lacking += size - Math.min(size, await kept.keptBytes(path));
    if (lacking <= ((await kept.freeBytes()) ?? Infinity)) return kept;
  } catch {
    // Each browser has its own error for this.
  }
  return new KeptInMemory();
}

/** The models that were installed in this browser; undefined where it denies the page its storage. */
export async function openKeptModels(): Promise<KeptModels | undefined> {
  try {
    return await KeptModels.open(navigator.storage);
  } catch {
    return undefined;
  }
}

/**
 * Runs one work of a name at a time in all tabs of this origin, where the browser has locks and grants them to this page. With the
 * signal aborted it is no longer waited for.
 */
export async function aloneAmongTabs<Result>(
  name: string,
  work: () => Promise<Result>,
  signal?: AbortSignal,
): Promise<Result> {
  const locks = (navigator as { readonly locks?: LockManager }).locks;
  if (locks === undefined) return await work();
  let hasBegun = false;
  const begin = () => {
    hasBegun = true;
    return work();
  };
  try {
    return await locks.request(`overpaint:${name}`, { ...(signal && { signal }) }, begin);
  } catch (error) {
    // A frame that is denied storage is denied locks too.
    if (hasBegun || signal?.aborted) throw error;
    return await work();
  }
}
