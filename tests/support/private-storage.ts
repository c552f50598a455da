/** The bytes of a file, and whether somebody writes it. */
interface StoredFile {
  readonly name: string;
  bytes: Uint8Array;
  isLocked: boolean;
}

/**
 * A stand-in for the origin-private file system (https://fs.spec.whatwg.org/), as far as the browser engine uses it: one writer a file,
 * files that come to an end when they are replaced or removed, and a quota.
 */
export class PrivateStorage {
  readonly root: FileSystemDirectoryHandle;
  /** Bytes that may be kept. */
  quota: number;
  readonly #files = new Set<StoredFile>();

  constructor(quota = Infinity) {
    this.quota = quota;
    this.root = this.#folder();
  }

  /** `navigator.storage`. */
  get manager(): Pick<StorageManager, "getDirectory" | "estimate"> {
    return {
      getDirectory: async () => this.root,
      estimate: async () => ({ quota: this.quota, usage: this.#usage() }),
    };
  }

  /** The bytes of the file of a name, whatever folder it is in. */
  bytesOf(name: string): Uint8Array {
    const found = [...this.#files].find((file) => file.name === name);
    if (found === undefined) throw new Error(`There is no file ${name}.`);
    return found.bytes;
  }

  /** Throws where as much more does not fit. */
  #requireRoom(bytes: number): void {
    if (this.#usage() + bytes > this.quota)
      throw new DOMException("The quota has been exceeded.", "QuotaExceededError");
  }

  #usage(): number {
    return [...this.#files].reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  #folder(): FileSystemDirectoryHandle {
    const entries = new Map<string, StoredFile | FileSystemDirectoryHandle>();
    const isFile = (entry: StoredFile | FileSystemDirectoryHandle): entry is StoredFile => "bytes" in entry;
    const handle = {
      kind: "directory",
      keys: async function* () {
        yield* [...entries.keys()];
      },
      getDirectoryHandle: async (name: string, { create = false } = {}) => {
        const known = entries.get(name) ?? (create ? this.#folder() : undefined);
        if (known === undefined || isFile(known)) throw new DOMException(`no folder ${name}`, "NotFoundError");
        entries.set(name, known);
        return known;
      },
      getFileHandle: async (name: string, { create = false } = {}) => {
        if (!entries.has(name) && create) this.#requireRoom(1);
        const known = entries.get(name) ?? (create ? { name, bytes: new Uint8Array(), isLocked: false } : undefined);
        if (known === undefined || !isFile(known)) throw new DOMException(`no file ${name}`, "NotFoundError");
        entries.set(name, known);
        this.#files.add(known);
        return this.#file(known, name);
      },
      removeEntry: async (name: string, { recursive = false } = {}) => {
        const known = entries.get(name);
        if (known === undefined) throw new DOMException(`no ${name}`, "NotFoundError");
        if (isFile(known)) {
          if (known.isLocked) throw new DOMException(`${name} is being written`, "NoModificationAllowedError");
          this.#files.delete(known);
        } else {
          const names: string[] = [];
          for await (const each of known.keys()) names.push(each);
          if (names.length > 0 && !recursive) throw new DOMException(name, "InvalidModificationError");
          for (const each of names) await known.removeEntry(each, { recursive: true });
        }
        entries.delete(name);
      },
    };
    return handle as unknown as FileSystemDirectoryHandle;
  }

  #file(stored: StoredFile, name: string): FileSystemFileHandle {
    const resize = (length: number) => {
      if (length > stored.bytes.length) this.#requireRoom(length - stored.bytes.length);
      const bytes = new Uint8Array(length);
      bytes.set(stored.bytes.subarray(0, length));
      stored.bytes = bytes;
    };
    const access = {
      truncate: resize,
      getSize: () => stored.bytes.length,
      write: (piece: Uint8Array, { at = 0 } = {}) => {
        if (at + piece.length > stored.bytes.length) resize(at + piece.length);
        stored.bytes.set(piece, at);
        return piece.length;
      },
      read: (into: Uint8Array, { at = 0 } = {}) => {
        const piece = stored.bytes.subarray(at, at + into.length);
        into.set(piece);
        return piece.length;
      },
      flush: () => {},
      close: () => {
        stored.isLocked = false;
      },
    };
    const handle = {
      kind: "file",
      name,
      getFile: async () => new File([Uint8Array.from(stored.bytes)], name),
      createSyncAccessHandle: async () => {
        if (stored.isLocked) throw new DOMException(`${name} is being written`, "NoModificationAllowedError");
        stored.isLocked = true;
        return access;
      },
    };
    return handle as unknown as FileSystemFileHandle;
  }
}
