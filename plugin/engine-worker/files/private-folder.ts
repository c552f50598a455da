import type { ArrivingModel, FileWriter } from "../../../shared/hub/arriving-model.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";

/** `navigator.storage`, as far as files are kept by it. */
export type PrivateStorage = Pick<StorageManager, "getDirectory" | "estimate">;

const WHOLE = ".whole";
const PIECE_BYTES = 4 * 1024 ** 2;
/** A worker that was ended a moment ago may still hold its files; so may a tab where there are no locks. */
const BUSY_MS = 5_000;
const LOOK_AGAIN_MS = 50;

const REMEDY_FOR_ROOM = "Free some space, or remove models that this browser keeps.";

/** The name under which a file of this content is kept: another version of it is another file, and so is the same content elsewhere. */
export function keptName(path: string, digest: string): string {
  return `${digest.slice(0, 16)}-${path.replaceAll("/", "!")}`;
}

export interface PrivateFolderOptions {
  readonly storage: PrivateStorage;
  /** How the file at a path is called in the folder. */
  readonly nameOf: (path: string) => string;
}

/**
 * Files in a folder of the origin-private file system. An empty file beside each says that it is whole. A file has one writer at a
 * time: who brings the same one from several tabs has to see to it that they take turns.
 */
export class PrivateFolder implements ArrivingModel {
  readonly remedyForRoom = REMEDY_FOR_ROOM;
  readonly #folder: FileSystemDirectoryHandle;
  readonly #options: PrivateFolderOptions;
  readonly #open = new Map<string, FileSystemSyncAccessHandle>();

  constructor(folder: FileSystemDirectoryHandle, options: PrivateFolderOptions) {
    this.#folder = folder;
    this.#options = options;
  }

  /** A file that arrived whole, and whose content was checked then; else undefined. */
  async whole(path: string): Promise<File | undefined> {
    const name = this.#options.nameOf(path);
    return (await this.#find(name + WHOLE)) && (await this.#find(name));
  }

  /** Remembers that a file is whole. */
  async finish(path: string): Promise<void> {
    await withinRoom(() => this.#folder.getFileHandle(this.#options.nameOf(path) + WHOLE, { create: true }));
  }

  /** Removes all but the files of these names. One that another tab is writing stays until the next time. */
  async keepOnly(names: Iterable<string>): Promise<void> {
    const kept = new Set([...names].flatMap((name) => [name, name + WHOLE]));
    for await (const name of this.#folder.keys())
      if (!kept.has(name)) await this.#folder.removeEntry(name, { recursive: true }).catch(() => {});
  }

  async keptBytes(path: string): Promise<number> {
    return (await this.#find(this.#options.nameOf(path)))?.size ?? 0;
  }

  async *read(path: string, bytes: number): AsyncIterable<Uint8Array> {
    // While a file is written it can be read through its writer alone.
    const handle = this.#open.get(path);
    for (let at = 0; handle !== undefined && at < bytes; at += PIECE_BYTES) {
      const piece = new Uint8Array(Math.min(PIECE_BYTES, bytes - at));
      yield piece.subarray(0, handle.read(piece, { at }));
    }
  }

  async open(path: string, bytes: number): Promise<FileWriter> {
    const name = this.#options.nameOf(path);
    const handle = await withinRoom(async () =>
      writerOf(await this.#folder.getFileHandle(name, { create: true }), path),
    );
    this.#open.set(path, handle);
    handle.truncate(bytes);
    let at = bytes;
    return {
      write: async (piece) => {
        await withinRoom(async () => writeAt(handle, piece, at));
        at += piece.length;
      },
      close: async () => {
        this.#open.delete(path);
        handle.close();
      },
    };
  }

  async discard(path: string): Promise<void> {
    const name = this.#options.nameOf(path);
    for (const each of [name + WHOLE, name]) await this.#folder.removeEntry(each).catch(() => {});
  }

  async adopt(): Promise<boolean> {
    return false;
  }

  // A file's name tells its content, which is checked at its end: tags would tell nothing more.
  async tagOf(): Promise<undefined> {}

  async rememberTag(): Promise<void> {}

  async freeBytes(): Promise<number | undefined> {
    const { quota, usage = 0 } = await this.#options.storage.estimate();
    return quota === undefined ? undefined : Math.max(0, quota - usage);
  }

  async #find(name: string): Promise<File | undefined> {
    try {
      return await (await this.#folder.getFileHandle(name)).getFile();
    } catch {
      return undefined;
    }
  }
}

/** Waits a while for whoever writes the file. */
async function writerOf(file: FileSystemFileHandle, path: string): Promise<FileSystemSyncAccessHandle> {
  for (let waited = 0; ; waited += LOOK_AGAIN_MS) {
    try {
      return await file.createSyncAccessHandle();
    } catch (cause) {
      if (!(cause instanceof DOMException && cause.name === "NoModificationAllowedError")) throw cause;
      if (waited >= BUSY_MS) throw isBusy(path, cause);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}

function writeAt(handle: FileSystemSyncAccessHandle, bytes: Uint8Array, start: number): void {
  for (let written = 0; written < bytes.length; ) {
    const count = handle.write(bytes.subarray(written), { at: start + written });
    if (count === 0) throw new DOMException("Nothing was written.", "QuotaExceededError");
    written += count;
  }
}

/** Does what takes room; every part of it may find none. Throws OverpaintError `disk-full` then. */
export async function withinRoom<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof Error && cause.name === "QuotaExceededError")) throw cause;
    const message = "The browser has no room left for the model.";
    throw new OverpaintError("disk-full", message, REMEDY_FOR_ROOM, { cause });
  }
}

function isBusy(path: string, cause: unknown): OverpaintError {
  return new OverpaintError(
    "engine-unavailable",
    `${path} is being written by another tab.`,
    "Close the plugin's other tabs, then try again.",
    { cause },
  );
}
