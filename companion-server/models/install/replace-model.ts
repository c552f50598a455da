import { readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import { FolderLock } from "../../folder-lock.ts";
import { writeWhole } from "../../write-whole.ts";
import { memorySchema } from "../digests/file-digests.ts";
import { type ModelRecord, recordSchema } from "../model-records.ts";
import type { ModelStore } from "../model-store.ts";
import { exists, readFolder } from "../place-at.ts";

// An older model goes into its download's folder for the moment in which a newer one takes its place. What is there when nobody
// updates it any more was left by a process that ended in that moment.

const REPLACED = "replaced";
const noteSchema = z.object({
  /** Of its folder among the models. */
  fileName: z.string(),
  record: recordSchema,
  /** By path in the folder. Not told anew from the record: what changed since may have been damaged. */
  digests: memorySchema,
});
/** What is to be known of a model that is put back. */
type Note = z.output<typeof noteSchema>;

function placesOf(id: string, { downloads }: ModelStore) {
  const place = join(downloads, id, REPLACED);
  return { place, older: join(place, "model"), note: join(place, "note.json") };
}

/**
 * Puts a newer model in the place of an older one, and on record; or leaves all as it was, for `putBack` to mend where the process
 * ends meanwhile. For whoever holds the lock of the model's download. Throws OverpaintError `invalid-request` while something uses
 * the older one's files.
 *
 * @param newer its folder, and what is recorded of it
 */
export async function replaceModel(
  id: string,
  replaced: Omit<Note, "digests">,
  newer: { readonly folder: string; readonly record: Omit<ModelRecord, "version"> },
  store: ModelStore,
): Promise<void> {
  const { place, older, note: noteFile } = placesOf(id, store);
  const target = join(store.models, replaced.fileName);
  await rm(place, { recursive: true, force: true });
  const note: Note = { ...replaced, digests: await store.digests.of(target) };
  await writeWhole(noteFile, JSON.stringify(note));
  try {
    await rename(target, older).catch((cause) => {
      throw new OverpaintError(
        "invalid-request",
        `${id} cannot be replaced: something uses its files.`,
        "Wait until no edit draws with it, and update it again: what was fetched is kept.",
        { cause },
      );
    });
    await store.digests.forget(target);
    await store.record(id, target, newer.record, newer.folder);
    await rename(newer.folder, target);
  } catch (error) {
    await putBack(id, store);
    throw error;
  }
  await clear(id, store);
}

/** Removes what is left of an exchange. Without its note, what remains of the older one is put back by nobody. */
async function clear(id: string, store: ModelStore): Promise<void> {
  const { place, note } = placesOf(id, store);
  await rm(note, { force: true });
  await rm(place, { recursive: true, force: true });
}

/** Puts a model back whose place nothing newer took, with its record. For whoever holds the lock of its download. */
export async function putBack(id: string, store: ModelStore): Promise<void> {
  const { older, note: noteFile } = placesOf(id, store);
  const text = await readFile(noteFile, "utf8").catch(() => undefined);
  if (text === undefined) return;
  const { fileName, record, digests } = noteSchema.parse(JSON.parse(text));
  const target = join(store.models, fileName);
  // The files first: the note stays until they are on record too.
  if ((await exists(older)) && !(await exists(target))) await rename(older, target);
  if ((await exists(target)) && !(await exists(older))) {
    await store.records.keep(id, record);
    await store.digests.restore(target, digests);
  }
  await clear(id, store);
}

/**
 * Puts every model back that a process which ended left without its place. Answers those that may still be without it, by id, with
 * what was in the way: undefined where somebody is replacing one right now.
 */
export async function putAllBack(store: ModelStore): Promise<ReadonlyMap<string, unknown>> {
  const away = new Map<string, unknown>();
  const tries = (await readFolder(store.downloads)).map(async ({ name: id }) => {
    if (!(await exists(placesOf(id, store).note))) return;
    try {
      const lock = FolderLock.take(join(store.downloads, id));
      if (lock) await putBack(id, store).finally(() => lock.release());
      else away.set(id, undefined);
    } catch (error) {
      away.set(id, error);
    }
  });
  await Promise.all(tries);
  return away;
}
