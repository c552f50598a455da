import { createHash, randomUUID } from "node:crypto";
import { open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import type { ActivationRanges } from "../../shared/weights/quantise/quantise-convolution.ts";
import {
  QUANTISED_VERSION,
  type QuantisedFile,
  writeQuantisedFile,
} from "../../shared/weights/quantise/quantised-file.ts";
import { makeFolder } from "../make-folder.ts";
import type { DiskCheckpoint } from "./disk-checkpoint.ts";

/** What a folder of quantised weights was made of, as it was then. */
const sourcesSchema = z.array(z.object({ path: z.string(), size: z.number(), modified: z.number() }));
type Sources = z.output<typeof sourcesSchema>;
const SOURCES = "sources.json";

const UNFINISHED = ".unfinished";
/** Nothing is written for longer; what is older was left by a process that was ended. */
const LONGEST_WRITE_MS = 60 * 60 * 1000;

export function quantisedFolder(dataFolder: string): string {
  return join(dataFolder, "quantised-weights");
}

/** Quantised weights of models: a folder for each set of files that they were made of. */
export class QuantisedCache {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The path of a planned file, which is written if it is not there yet: whole, or not at all. Throws as `writeQuantisedFile` does. */
  async make(planned: QuantisedFile, disk: DiskCheckpoint, ranges: () => Promise<ActivationRanges>): Promise<string> {
    const sources = await sourcesOf(planned, disk);
    const identity = JSON.stringify([QUANTISED_VERSION, sources]);
    const folder = join(this.#folder, createHash("sha256").update(identity).digest("hex").slice(0, 32));
    const path = join(folder, basename(planned.file));
    const written = await stat(path).catch(() => undefined);
    if (written?.size === planned.size) return path;
    await this.prune();
    await makeFolder(folder);
    await writeFile(join(folder, SOURCES), JSON.stringify(sources));
    const measured = planned.convolutions.size > 0 ? await ranges() : undefined;
    const unfinished = `${path}.${randomUUID()}${UNFINISHED}`;
    try {
      await write(planned, disk, unfinished, measured);
      await rename(unfinished, path);
    } finally {
      await rm(unfinished, { force: true });
    }
    return path;
  }

  /** Removes what was made of files that are gone or were changed since. */
  async prune(): Promise<void> {
    for (const name of await readdir(this.#folder).catch(() => [])) {
      const folder = join(this.#folder, name);
      if (!(await isOfToday(folder))) await rm(folder, { recursive: true, force: true });
      else await removeLeftovers(folder);
    }
  }
}

async function sourcesOf({ sources }: QuantisedFile, disk: DiskCheckpoint): Promise<Sources> {
  const files = [...new Set([...sources.values()].map(({ file }) => file))].sort();
  return await Promise.all(
    files.map(async (file) => {
      const path = await disk.realFile(file);
      const { size, mtimeMs } = await stat(path);
      return { path, size, modified: mtimeMs };
    }),
  );
}

async function write(
  planned: QuantisedFile,
  disk: DiskCheckpoint,
  path: string,
  ranges?: ActivationRanges,
): Promise<void> {
  const target = await open(path, "wx", 0o600);
  try {
    const writeAt = async (bytes: Uint8Array, offset: number) => {
      for (let done = 0; done < bytes.length; )
        done += (await target.write(bytes, done, bytes.length - done, offset + done)).bytesWritten;
    };
    await writeQuantisedFile(planned, disk, writeAt, ranges);
    await target.sync();
  } finally {
    await target.close();
  }
}

async function isOfToday(folder: string): Promise<boolean> {
  try {
    const sources = sourcesSchema.parse(JSON.parse(await readFile(join(folder, SOURCES), "utf8")));
    const found = await Promise.all(sources.map(({ path }) => stat(path)));
    return found.every(({ size, mtimeMs }, k) => size === sources[k]?.size && mtimeMs === sources[k].modified);
  } catch {
    return false; // gone, or it says nothing of where it comes from
  }
}

async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.endsWith(UNFINISHED)) continue;
    const { mtimeMs } = await stat(join(folder, name)).catch(() => ({ mtimeMs: 0 }));
    if (Date.now() - mtimeMs > LONGEST_WRITE_MS) await rm(join(folder, name), { force: true });
  }
}
