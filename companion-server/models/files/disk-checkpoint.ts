import { type FileHandle, open, realpath, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import type { WeightFiles } from "../../../shared/weights/weight-files.ts";
import { type ModelPlace, type ModelPlaces, placesBeside } from "../model-place.ts";
import { readPackText } from "./read-pack-text.ts";

/** A checkpoint's files on disk. */
export class DiskCheckpoint implements WeightFiles {
  readonly #places: ModelPlaces;
  readonly #beside: ReadonlyMap<string, ModelPlace>;
  /** Files that are being read: those who read one at the same time share it. */
  readonly #opened = new Map<string, { readonly handle: Promise<FileHandle>; readers: number }>();

  constructor(places: ModelPlaces) {
    this.#places = places;
    this.#beside = placesBeside(places);
  }

  readText(path: string): Promise<string | undefined> {
    const { folder, name } = this.#locate(path);
    return readPackText(folder, name);
  }

  async size(path: string): Promise<number | undefined> {
    const found = await stat(this.file(path)).catch(() => undefined);
    return found?.isFile() ? found.size : undefined;
  }

  async readBytes(path: string, offset: number, length: number): Promise<Uint8Array> {
    const file = this.file(path);
    const opened = this.#opened.get(file) ?? { handle: open(file), readers: 0 };
    this.#opened.set(file, opened);
    opened.readers += 1;
    try {
      const handle = await opened.handle.catch((cause) => {
        throw unreadable(path, "cannot be opened", cause);
      });
      const bytes = new Uint8Array(length);
      let filled = 0;
      while (filled < length) {
        const { bytesRead } = await handle.read(bytes, filled, length - filled, offset + filled);
        if (bytesRead === 0) throw unreadable(path, "is incomplete");
        filled += bytesRead;
      }
      return bytes;
    } finally {
      opened.readers -= 1;
      if (opened.readers === 0) {
        this.#opened.delete(file);
        await opened.handle.then(
          (handle) => handle.close(),
          () => {},
        );
      }
    }
  }

  /** Where a file of the checkpoint lies. */
  file(path: string): string {
    const { folder, name } = this.#locate(path);
    return join(folder, name);
  }

  /** As `file`, with links followed: hubs keep their files under other names elsewhere. */
  async realFile(path: string): Promise<string> {
    return await realpath(this.file(path));
  }

  /** Throws OverpaintError `damaged-model` for a path that leads out of the checkpoint. */
  #locate(path: string): { readonly folder: string; readonly name: string } {
    if (/(^|[/\\])\.\.([/\\]|$)|^[/\\]|^[a-z]:|\0/i.test(path))
      throw new OverpaintError(
        "damaged-model",
        `The model names ${JSON.stringify(basename(path))}, a file outside of it.`,
        "Use a model from a source that you trust.",
      );
    const slash = path.indexOf("/");
    const beside = this.#beside.get(path.slice(0, Math.max(slash, 0)));
    if (beside) return { folder: beside.folder, name: path.slice(slash + 1) };
    return { folder: this.#places.folder, name: path };
  }
}

function unreadable(path: string, problem: string, cause?: unknown): OverpaintError {
  return new OverpaintError(
    "damaged-model",
    `The model's file ${path.replace(/^@[^/]+\//, "")} ${problem}.`,
    "Restore the file from where the model came from.",
    { cause },
  );
}
