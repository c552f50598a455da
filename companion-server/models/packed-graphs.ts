import { readdir, readFile, realpath, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import { makeFolder } from "../make-folder.ts";

const GIGABYTE = 1024 ** 3;
/** Room for the denoisers of three models of Stable Diffusion 1.5's size, or of one of XL's and one smaller. */
const DEFAULT_LIMIT = 20 * GIGABYTE;
/** What an unfinished entry's process may take at most: a process of the same number is another by then. */
const LONGEST_PACKING_MS = 24 * 60 * 60 * 1000;

const FACTS = "packed.json";
const GRAPH = "graph.onnx";
/** Of the weights' file beside the graph. */
export const PACKED_WEIGHTS = "graph.bin";

const sourceSchema = z.object({ path: z.string(), size: z.number(), modified: z.number() });
const factsSchema = z.object({
  /** As a pack calls it: unet/model.onnx. */
  graph: z.string(),
  /** What it was packed by and for: version of the runtime, features of the processor. */
  runtime: z.string(),
  /** The files whose weights it holds, as they were. */
  sources: z.array(sourceSchema),
  /** Of the file of weights. */
  bytes: z.number(),
});
export type PackedFacts = z.output<typeof factsSchema>;

export interface PackedGraph extends PackedFacts {
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly used: number;
}

/**
 * Bytes that packed graphs may take on disk, from `OVERPAINT_PACKED`, a number of GB; 0 switches them off.
 * Throws OverpaintError `invalid-request` when it is none.
 */
export function packedLimit(text = process.env.OVERPAINT_PACKED): number {
  if (text === undefined || text === "") return DEFAULT_LIMIT;
  const gigabytes = Number(text);
  if (gigabytes >= 0 && Number.isFinite(gigabytes)) return gigabytes * GIGABYTE;
  throw new OverpaintError(
    "invalid-request",
    `OVERPAINT_PACKED is "${text}", which is no number of gigabytes.`,
    "Set it to a number such as 20, to 0 for none, or leave it out.",
  );
}

export function packedFolder(dataFolder: string): string {
  return join(dataFolder, "packed-graphs");
}

/**
 * Graphs with their weights laid out as the processor computes fastest, one folder each under a key that says what it was made
 * of, by and for. An entry appears whole or not at all: it is written under another name and renamed.
 */
export class PackedGraphs {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The file of a graph that is there and whole, which counts as used now. */
  async find(key: string): Promise<string | undefined> {
    const entry = await this.#read(key);
    if (entry === undefined) return undefined;
    const now = new Date();
    await utimes(join(this.#folder, key, FACTS), now, now).catch(() => {});
    return join(this.#folder, key, GRAPH);
  }

  /** Those that are whole, least recently used first. */
  async list(): Promise<readonly PackedGraph[]> {
    const names = await readdir(this.#folder).catch(() => []);
    const entries = await Promise.all(names.map((key) => this.#read(key)));
    return entries.filter((entry) => entry !== undefined).sort((a, b) => a.used - b.used);
  }

  /** Those that hold weights of a model's files. */
  async listOf(files: readonly string[]): Promise<readonly PackedGraph[]> {
    // Links are followed where graphs are packed.
    const real = new Set(await Promise.all(files.map((file) => realpath(file).catch(() => file))));
    return (await this.list()).filter(({ sources }) => sources.some(({ path }) => real.has(path)));
  }

  /** Writes an entry: `write` makes the graph's file and, beside it, `PACKED_WEIGHTS`. */
  async add(
    key: string,
    facts: Omit<PackedFacts, "bytes">,
    write: (graphFile: string) => Promise<void>,
  ): Promise<void> {
    const unfinished = join(this.#folder, unfinishedName(key, process.pid));
    await makeFolder(unfinished);
    try {
      await write(join(unfinished, GRAPH));
      const { size: bytes } = await stat(join(unfinished, PACKED_WEIGHTS));
      await writeFile(join(unfinished, FACTS), JSON.stringify({ ...facts, bytes } satisfies PackedFacts));
      await this.remove(key);
      await rename(unfinished, join(this.#folder, key));
    } finally {
      await rm(unfinished, { recursive: true, force: true });
    }
  }

  async remove(key: string): Promise<void> {
    // One that another process has open may stay, on Windows; it goes next time.
    await rm(join(this.#folder, key), { recursive: true, force: true }).catch(() => {});
  }

  /**
   * Removes what is of no use any more: what a process left unfinished, what belongs to a model that is gone or was changed and,
   * where `runtime` is told, to another runtime or processor.
   */
  async sweep(runtime?: string): Promise<void> {
    for (const name of await readdir(this.#folder).catch(() => [])) {
      const entry = await this.#read(name);
      const isOutdated = runtime !== undefined && entry?.runtime !== runtime;
      const isUseless =
        entry === undefined ? !(await this.#isBeingWritten(name)) : isOutdated || !(await isOfModel(entry));
      if (isUseless) await this.remove(name);
    }
  }

  /** Removes the least recently used until `bytes` more fit below `limit`; false, and nothing removed, where they never do. */
  async makeRoom(bytes: number, limit: number): Promise<boolean> {
    if (bytes > limit) return false;
    const entries = await this.list();
    let taken = entries.reduce((total, entry) => total + entry.bytes, 0);
    for (const entry of entries) {
      if (taken + bytes <= limit) break;
      await this.remove(entry.key);
      taken -= entry.bytes;
    }
    return true;
  }

  async #read(key: string): Promise<PackedGraph | undefined> {
    if (!/^[0-9a-f]+$/.test(key)) return undefined;
    try {
      const folder = join(this.#folder, key);
      const facts = factsSchema.parse(JSON.parse(await readFile(join(folder, FACTS), "utf8")));
      const { size } = await stat(join(folder, PACKED_WEIGHTS));
      const { mtimeMs } = await stat(join(folder, FACTS));
      return size === facts.bytes ? { ...facts, key, used: mtimeMs } : undefined;
    } catch {
      return undefined;
    }
  }

  async #isBeingWritten(name: string): Promise<boolean> {
    const process = Number(/\.(\d+)\.unfinished$/.exec(name)?.[1] ?? 0);
    const { mtimeMs } = await stat(join(this.#folder, name)).catch(() => ({ mtimeMs: 0 }));
    return process > 0 && isAlive(process) && Date.now() - mtimeMs < LONGEST_PACKING_MS;
  }
}

function unfinishedName(key: string, process: number): string {
  return `${key}.${process}.unfinished`;
}

function isAlive(id: number): boolean {
  try {
    return process.kill(id, 0);
  } catch {
    return false;
  }
}

async function isOfModel({ sources }: PackedFacts): Promise<boolean> {
  const unchanged = sources.map(async ({ path, size, modified }) => {
    const found = await stat(path).catch(() => undefined);
    return found?.size === size && found.mtimeMs === modified;
  });
  return (await Promise.all(unchanged)).every(Boolean);
}
