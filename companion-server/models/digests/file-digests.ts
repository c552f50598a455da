import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, readFile, rename, stat, writeFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import { makeFolder } from "../../make-folder.ts";

const digestSchema = z.object({
  size: z.number(),
  /** Milliseconds since 1970. */
  modified: z.number(),
  sha256: z.string(),
  /** Of blocks here and there in the file: what changed it most likely changed this. */
  sample: z.string(),
  /** Whether it was installed, imported or verified as it is: then it is a fault when it changes. */
  isRecorded: z.boolean().optional(),
  /** The id of the model that it was recorded for: the file may lie anywhere. */
  model: z.string().optional(),
});
/** What is known of files, by path. */
export const memorySchema = z.record(z.string(), digestSchema);
export type FileDigest = z.output<typeof digestSchema>;

/** What is known of model files' contents between runs, in one file. */
export class FileDigests {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  /** By path. A missing or damaged memory costs a little time and nothing else. */
  async read(): Promise<Digests> {
    const text = await readFile(this.#file, "utf8").catch(() => "{}");
    try {
      return memorySchema.parse(JSON.parse(text));
    } catch {
      return {};
    }
  }

  /** Adds to what is known. Rejects where nothing can be written. */
  async remember(added: Readonly<Record<string, FileDigest>>): Promise<void> {
    await this.#change((known) => ({ ...known, ...added }));
  }

  /** What is known of what lies in a folder, by its path there. */
  async of(folder: string): Promise<Digests> {
    const known = Object.entries(await this.read()).filter(([path]) => liesIn(folder, path));
    return Object.fromEntries(known.map(([path, digest]) => [relative(folder, path), digest]));
  }

  /** Forgets what lies in a folder. */
  async forget(folder: string): Promise<void> {
    await this.restore(folder, {});
  }

  /** Knows of a folder again what `of` answered once, and nothing else. Rejects where nothing can be written. */
  async restore(folder: string, digests: Digests): Promise<void> {
    const again = Object.entries(digests).map(([path, digest]) => [join(folder, path), digest] as const);
    await this.#change((known) =>
      Object.fromEntries([...Object.entries(known).filter(([path]) => !liesIn(folder, path)), ...again]),
    );
  }

  async #change(change: (known: Digests) => Digests): Promise<void> {
    const written = (turns.get(this.#file) ?? Promise.resolve()).then(async () => {
      await makeFolder(dirname(this.#file));
      const unfinished = `${this.#file}.${process.pid}`;
      await writeFile(unfinished, JSON.stringify(change(await this.read())));
      await rename(unfinished, this.#file);
    });
    const settled = written.catch(() => {});
    turns.set(this.#file, settled);
    await written.finally(() => {
      if (turns.get(this.#file) === settled) turns.delete(this.#file);
    });
  }
}

type Digests = Readonly<Record<string, FileDigest>>;

function liesIn(folder: string, path: string): boolean {
  return path.startsWith(folder + sep);
}

/** The last change that is being written to each file: models that are installed or hashed side by side must not undo each other's. */
const turns = new Map<string, Promise<void>>();

export interface HashFileOptions {
  readonly signal?: AbortSignal | undefined;
  /** Bytes that were read so far. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/** Larger pieces hash no faster. */
const PIECE_BYTES = 1024 * 1024;

/** SHA-256 of a file as lower-case hex, read in pieces. */
export async function hashFile(path: string, { signal, onBytes }: HashFileOptions = {}): Promise<string> {
  const hash = createHash("sha256");
  const stream = createReadStream(path, { highWaterMark: PIECE_BYTES });
  if (onBytes) stream.on("data", () => onBytes(stream.bytesRead));
  await pipeline(stream, hash, { ...(signal && { signal }) });
  return hash.digest("hex");
}

/** So that no stretch of a sixtieth of a file changes unseen; smaller ones are for verification to find. */
const SAMPLED_BLOCKS = 64;
const BLOCK_BYTES = 4096;

/** SHA-256 of blocks that are spread over a file, the first and the last among them. Takes milliseconds, however large it is. */
export async function sampleFile(path: string, size: number): Promise<string> {
  const hash = createHash("sha256");
  const handle = await open(path);
  try {
    const block = Buffer.alloc(BLOCK_BYTES);
    const step = Math.max(BLOCK_BYTES, Math.floor((size - BLOCK_BYTES) / (SAMPLED_BLOCKS - 1)));
    for (let at = 0; at < size; at += step) {
      const { bytesRead } = await handle.read(block, 0, BLOCK_BYTES, at);
      hash.update(block.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
  return hash.digest("hex");
}

/** A file of a model as it is now, whose SHA-256 is known, for the record. */
export async function describeDigest(path: string, sha256: string, model: string): Promise<FileDigest> {
  const { size, mtimeMs } = await stat(path);
  return { size, modified: mtimeMs, sha256, sample: await sampleFile(path, size), isRecorded: true, model };
}
