import { createReadStream } from "node:fs";
import { copyFile, link, mkdir, open, readFile, rename, rm, stat, statfs, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import type { ArrivingModel, FileWriter } from "../../../shared/hub/arriving-model.ts";
import { requireSafePath } from "../../../shared/hub/hub-address.ts";
import type { HubFile } from "../../../shared/hub/hub-client.ts";

const tagsSchema = z.record(z.string(), z.string());

export interface ArrivingFolderOptions {
  /** Where files go, by their path in the repository. Default: the same path. */
  readonly placeOf?: (path: string) => string;
  /** Finds a whole file of this content elsewhere on this machine. */
  readonly findElsewhere?: (file: HubFile) => Promise<string | undefined>;
}

/** A model that is arriving in a folder, with what is remembered of it in a file beside. */
export class ArrivingFolder implements ArrivingModel {
  readonly remedyForRoom = "Free some space, or keep models elsewhere with --data or OVERPAINT_DATA.";
  readonly folder: string;
  readonly #tagsFile: string;
  readonly #options: ArrivingFolderOptions;
  #tags: Record<string, string> | undefined;
  #writing = Promise.resolve();

  constructor(folder: string, options: ArrivingFolderOptions = {}) {
    this.folder = folder;
    this.#tagsFile = `${folder}.tags.json`;
    this.#options = options;
  }

  async keptBytes(path: string): Promise<number> {
    return await stat(this.#place(path)).then(
      ({ size }) => size,
      () => 0,
    );
  }

  read(path: string, bytes: number): AsyncIterable<Uint8Array> {
    return bytes === 0
      ? nothing()
      : createReadStream(this.#place(path), { end: bytes - 1, highWaterMark: 1024 * 1024 });
  }

  async open(path: string, bytes: number): Promise<FileWriter> {
    const place = this.#place(path);
    await mkdir(dirname(place), { recursive: true });
    const handle = await open(place, "a", 0o644);
    // One that is whole may be another program's too, and is not to look as if it had changed.
    if ((await handle.stat()).size !== bytes) await handle.truncate(bytes);
    return {
      write: async (piece) => {
        for (let written = 0; written < piece.length; )
          written += (await handle.write(piece, written, piece.length - written)).bytesWritten;
      },
      close: async () => {
        try {
          await handle.sync();
        } finally {
          await handle.close();
        }
      },
    };
  }

  async discard(path: string): Promise<void> {
    await rm(this.#place(path), { force: true });
  }

  async adopt(file: HubFile): Promise<boolean> {
    if ((await this.keptBytes(file.path)) > 0) return false;
    const found = await this.#options.findElsewhere?.(file);
    if (found === undefined || !(await isOfSize(found, file.size))) return false;
    const place = this.#place(file.path);
    await mkdir(dirname(place), { recursive: true });
    try {
      // A second name of the same bytes; a copy where disks differ. Never a symbolic link: the runtime refuses what lies elsewhere.
      await link(found, place).catch(() => copyFile(found, place));
      return true;
    } catch {
      await this.discard(file.path); // a full disk: how much is wanting is told before anything is fetched
      return false;
    }
  }

  async tagOf(path: string): Promise<string | undefined> {
    return (await this.#readTags())[path];
  }

  async rememberTag(path: string, tag: string | undefined): Promise<void> {
    const tags = await this.#readTags();
    if (tags[path] === tag) return;
    if (tag === undefined) delete tags[path];
    else tags[path] = tag;
    // Files arrive side by side, and their tags lie in one file.
    this.#writing = this.#writing.then(async () => {
      const unfinished = `${this.#tagsFile}.new`;
      await writeFile(unfinished, JSON.stringify(tags));
      await rename(unfinished, this.#tagsFile);
    });
    await this.#writing;
  }

  async freeBytes(): Promise<number | undefined> {
    await mkdir(this.folder, { recursive: true });
    return await statfs(this.folder).then(
      ({ bavail, bsize }) => bavail * bsize,
      () => undefined,
    );
  }

  async #readTags(): Promise<Record<string, string>> {
    if (this.#tags) return this.#tags;
    const text = await readFile(this.#tagsFile, "utf8").catch(() => "{}");
    const tags = tagsSchema.safeParse(parseOr(text, {}));
    // Files that arrive side by side share what was read first.
    this.#tags ??= tags.success ? tags.data : {};
    return this.#tags;
  }

  #place(path: string): string {
    const place = this.#options.placeOf?.(path) ?? path;
    requireSafePath(place);
    return join(this.folder, place);
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

function parseOr(text: string, otherwise: unknown): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return otherwise;
  }
}

async function isOfSize(path: string, size: number): Promise<boolean> {
  return await stat(path).then(
    (entry) => entry.isFile() && entry.size === size,
    () => false,
  );
}
