import type { FileWriter } from "../../../shared/hub/arriving-model.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import type { KeptFiles } from "./engine-files.ts";
import type { ListedFile } from "./listed-files.ts";

const FOLDER = "overpaint-engine-files";
const WHOLE = ".whole";
const PIECE_BYTES = 4 * 1024 ** 2;

/**
 * Files in the origin-private file system, each named by its SHA-256: another version's file is another one. An empty file beside
 * it says that it is whole. Writers hold a lock of the file, so that a caller has to see to it that there is one at a time.
 */
export class KeptOnDisk implements KeptFiles {
  readonly lasts = true;
  readonly #folder: FileSystemDirectoryHandle;
  readonly #names: ReadonlyMap<string, string>;
  readonly #open = new Map<string, FileSystemSyncAccessHandle>();

  private constructor(folder: FileSystemDirectoryHandle, files: readonly ListedFile[]) {
    this.#folder = folder;
    this.#names = new Map(files.map(({ path, sha256 }) => [path, sha256]));
  }

  /** Removes what is not listed: files of an earlier version. Rejects where the browser denies the page its storage. */
  static async open(files: readonly ListedFile[]): Promise<KeptOnDisk> {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle(FOLDER, { create: true });
    const listed = new Set(files.flatMap(({ sha256 }) => [sha256, sha256 + WHOLE]));
    // One that another tab is writing stays until the next time.
    for await (const name of folder.keys()) if (!listed.has(name)) await folder.removeEntry(name).catch(() => {});
    return new KeptOnDisk(folder, files);
  }

  async whole(path: string): Promise<Blob | undefined> {
    const name = this.#nameOf(path);
    return (await this.#find(name + WHOLE)) && (await this.#find(name));
  }

  async finish(path: string): Promise<void> {
    await this.#folder.getFileHandle(this.#nameOf(path) + WHOLE, { create: true });
  }

  async keptBytes(path: string): Promise<number> {
    return (await this.#find(this.#nameOf(path)))?.size ?? 0;
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
    const file = await this.#folder.getFileHandle(this.#nameOf(path), { create: true });
    const handle = await file.createSyncAccessHandle();
    this.#open.set(path, handle);
    handle.truncate(bytes);
    let at = bytes;
    return {
      write: async (piece) => {
        try {
          for (let written = 0; written < piece.length; ) {
            const count = handle.write(piece.subarray(written), { at });
            if (count === 0) throw new Error("nothing was written");
            written += count;
            at += count;
          }
        } catch (cause) {
          throw new OverpaintError(
            "disk-full",
            "The browser has no room left for the model.",
            "Free some space, or remove what this site keeps in the browser's settings.",
            { cause },
          );
        }
      },
      close: async () => {
        this.#open.delete(path);
        handle.close();
      },
    };
  }

  async discard(path: string): Promise<void> {
    const name = this.#nameOf(path);
    for (const each of [name + WHOLE, name]) await this.#folder.removeEntry(each).catch(() => {});
  }

  async adopt(): Promise<boolean> {
    return false;
  }

  // A file's name is its content's digest, which is checked at its end: tags would tell nothing more.
  async tagOf(): Promise<undefined> {}

  async rememberTag(): Promise<void> {}

  async freeBytes(): Promise<number | undefined> {
    const { quota, usage = 0 } = await navigator.storage.estimate();
    return quota === undefined ? undefined : quota - usage;
  }

  async #find(name: string): Promise<File | undefined> {
    try {
      return await (await this.#folder.getFileHandle(name)).getFile();
    } catch {
      return undefined;
    }
  }

  #nameOf(path: string): string {
    const name = this.#names.get(path);
    if (name === undefined) throw new Error(`${path} is not listed.`);
    return name;
  }
}
