import type { FileWriter } from "../../../shared/hub/arriving-model.ts";
import type { KeptFiles } from "./engine-files.ts";

/** Files that are kept as long as the worker lives, where the browser lets a page keep nothing. */
export class KeptInMemory implements KeptFiles {
  readonly lasts = false;
  readonly remedyForRoom = "Close other tabs.";
  readonly #files = new Map<string, Blob>();
  readonly #whole = new Set<string>();

  async whole(path: string): Promise<Blob | undefined> {
    return this.#whole.has(path) ? this.#files.get(path) : undefined;
  }

  async finish(path: string): Promise<void> {
    this.#whole.add(path);
  }

  async keptBytes(path: string): Promise<number> {
    return this.#files.get(path)?.size ?? 0;
  }

  async *read(path: string, bytes: number): AsyncIterable<Uint8Array> {
    const kept = this.#files.get(path)?.slice(0, bytes);
    if (kept) yield new Uint8Array(await kept.arrayBuffer());
  }

  async open(path: string, bytes: number): Promise<FileWriter> {
    const pieces: BlobPart[] = [this.#files.get(path)?.slice(0, bytes) ?? ""];
    const keep = async () => void this.#files.set(path, new Blob(pieces));
    await keep();
    return { write: async (piece) => void pieces.push(new Uint8Array(piece)), close: keep };
  }

  async discard(path: string): Promise<void> {
    this.#files.delete(path);
    this.#whole.delete(path);
  }

  async adopt(): Promise<boolean> {
    return false;
  }

  async tagOf(): Promise<undefined> {}

  async rememberTag(): Promise<void> {}

  async freeBytes(): Promise<undefined> {}
}
