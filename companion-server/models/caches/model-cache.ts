import { createHash } from "node:crypto";
import { readdir, readFile, realpath, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { makeFolder } from "../../make-folder.ts";

/** What an unfinished entry's process may take at most: a process of the same number is another by then. */
const LONGEST_WRITE_MS = 24 * 60 * 60 * 1000;

const FACTS = "entry.json";

const factsSchema = z.object({
  /** The files it was made of, as they were. */
  sources: z.array(z.object({ path: z.string(), size: z.number(), modified: z.number() })),
  /** Of its files. */
  bytes: z.number(),
});
export type Sources = z.output<typeof factsSchema>["sources"];

export type CacheEntry<About> = z.output<typeof factsSchema> &
  About & {
    readonly key: string;
    /** Milliseconds since 1970. */
    readonly used: number;
  };

export interface ModelCacheOptions<About> {
  /** The file that an entry is there for; others may lie beside it. */
  readonly file: string;
  /** What is kept about an entry. */
  readonly about: z.ZodType<About>;
}

/**
 * What is made of models' files, and can be made again: one folder each under a key, lower-case hexadecimal, that says what it was
 * made of, by and for. An entry appears whole or not at all: it is written under another name and renamed.
 */
export class ModelCache<About> {
  readonly #folder: string;
  readonly #options: ModelCacheOptions<About>;

  constructor(folder: string, options: ModelCacheOptions<About>) {
    this.#folder = folder;
    this.#options = options;
  }

  /** The file of an entry that is there and whole, which counts as used now. */
  async find(key: string): Promise<string | undefined> {
    const entry = await this.#read(key);
    if (entry === undefined) return undefined;
    const now = new Date();
    await utimes(join(this.#folder, key, FACTS), now, now).catch(() => {});
    return join(this.#folder, key, this.#options.file);
  }

  /** Those that are whole, least recently used first. */
  async list(): Promise<readonly CacheEntry<About>[]> {
    const names = await readdir(this.#folder).catch(() => []);
    const entries = await Promise.all(names.map((key) => this.#read(key)));
    return entries.filter((entry) => entry !== undefined).sort((a, b) => a.used - b.used);
  }

  /** Those that are made of a model's files. */
  async listOf(files: readonly string[]): Promise<readonly CacheEntry<About>[]> {
    // Links were followed when they were made.
    const real = new Set(await Promise.all(files.map((file) => realpath(file).catch(() => file))));
    return (await this.list()).filter(({ sources }) => sources.some(({ path }) => real.has(path)));
  }

  /** Has an entry written, the file and whatever belongs beside it, and answers where the file then lies. */
  async add(
    key: string,
    facts: About & { readonly sources: Sources },
    write: (file: string) => Promise<void>,
  ): Promise<string> {
    const unfinished = join(this.#folder, `${key}.${process.pid}.unfinished`);
    await makeFolder(unfinished);
    try {
      await write(join(unfinished, this.#options.file));
      await writeFile(join(unfinished, FACTS), JSON.stringify({ ...facts, bytes: await sizeOf(unfinished) }));
      // Another process may have been quicker, and use it by now.
      if ((await this.#read(key)) === undefined) {
        await this.remove(key);
        await rename(unfinished, join(this.#folder, key));
      }
    } finally {
      await rm(unfinished, { recursive: true, force: true });
    }
    return join(this.#folder, key, this.#options.file);
  }

  async remove(key: string): Promise<void> {
    // One that another process has open may stay, on Windows; it goes next time.
    await rm(join(this.#folder, key), { recursive: true, force: true }).catch(() => {});
  }

  /**
   * Removes what is of no use any more: what a process left unfinished, what belongs to a model that is gone or was changed, and
   * what is outdated for another reason.
   */
  async sweep(isOutdated: (entry: CacheEntry<About>) => boolean = () => false): Promise<void> {
    for (const name of await readdir(this.#folder).catch(() => [])) {
      const entry = await this.#read(name);
      const isUseless =
        entry === undefined
          ? !(await this.#isBeingWritten(name))
          : isOutdated(entry) || !(await areUnchanged(entry.sources));
      if (isUseless) await this.remove(name);
    }
  }

  /**
   * Removes the least recently used until `bytes` more fit below `limit`, but none of those to `keep`; false, and nothing
   * removed, where they never do.
   */
  async makeRoom(bytes: number, limit: number, keep: ReadonlySet<string> = new Set()): Promise<boolean> {
    const entries = await this.list();
    const removable = entries.filter(({ key }) => !keep.has(key));
    let taken = bytesOf(entries);
    if (taken - bytesOf(removable) + bytes > limit) return false;
    for (const entry of removable) {
      if (taken + bytes <= limit) break;
      await this.remove(entry.key);
      taken -= entry.bytes;
    }
    return true;
  }

  async #read(key: string): Promise<CacheEntry<About> | undefined> {
    if (!/^[0-9a-f]+$/.test(key)) return undefined;
    try {
      const folder = join(this.#folder, key);
      const json: unknown = JSON.parse(await readFile(join(folder, FACTS), "utf8"));
      const facts = { ...factsSchema.parse(json), ...this.#options.about.parse(json) };
      const { mtimeMs } = await stat(join(folder, FACTS));
      return (await sizeOf(folder)) === facts.bytes ? { ...facts, key, used: mtimeMs } : undefined;
    } catch {
      return undefined;
    }
  }

  async #isBeingWritten(name: string): Promise<boolean> {
    const process = Number(/\.(\d+)\.unfinished$/.exec(name)?.[1] ?? 0);
    const { mtimeMs } = await stat(join(this.#folder, name)).catch(() => ({ mtimeMs: 0 }));
    return process > 0 && isAlive(process) && Date.now() - mtimeMs < LONGEST_WRITE_MS;
  }
}

/** A file that something is made of, as it is now. Throws where it is not there. */
export async function describeSource(path: string): Promise<Sources[number]> {
  const { size, mtimeMs: modified } = await stat(path);
  return { path, size, modified };
}

/** SHA-256 of all parts one after the other, as a key. */
export function digestOf(...parts: readonly (Uint8Array | string)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}

/** Of an entry's files without what is kept about it. */
async function sizeOf(folder: string): Promise<number> {
  const names = (await readdir(folder)).filter((name) => name !== FACTS);
  const stats = await Promise.all(names.map((name) => stat(join(folder, name))));
  return stats.reduce((total, { size }) => total + size, 0);
}

function isAlive(id: number): boolean {
  try {
    return process.kill(id, 0);
  } catch {
    return false;
  }
}

async function areUnchanged(sources: Sources): Promise<boolean> {
  const unchanged = sources.map(async ({ path, size, modified }) => {
    const found = await stat(path).catch(() => undefined);
    return found?.size === size && found.mtimeMs === modified;
  });
  return (await Promise.all(unchanged)).every(Boolean);
}

function bytesOf(entries: readonly { readonly bytes: number }[]): number {
  return entries.reduce((total, { bytes }) => total + bytes, 0);
}
