import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { makeFolder } from "../make-folder.ts";

const recordedFileSchema = z.object({
  /** In the model's folder, with forward slashes. */
  name: z.string(),
  size: z.int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type RecordedFile = z.output<typeof recordedFileSchema>;

export const recordSchema = z.object({
  version: z.literal(1),
  /** As people call it. */
  name: z.string(),
  source: z.discriminatedUnion("type", [
    z.object({
      type: z.literal("hub"),
      repository: z.string(),
      revision: z.string(),
      commit: z.string(),
      /** The checkpoint that was meant, in a repository of several: its path there. */
      file: z.string().optional(),
      /** Of the catalog's entry that it was installed by. */
      entry: z.string().optional(),
    }),
    z.object({ type: z.literal("import"), path: z.string(), isCopy: z.boolean() }),
  ]),
  licence: z.string().optional(),
  /** Milliseconds since 1970. */
  recordedAt: z.number(),
  files: z.array(recordedFileSchema),
});
/** Where a model came from, and what its files were then. */
export type ModelRecord = z.output<typeof recordSchema>;

/** What is recorded of models: a file for each, by its id. */
export class ModelRecords {
  readonly #folder: string;

  constructor(dataFolder: string) {
    this.#folder = join(dataFolder, "model-records");
  }

  /** Undefined for a model that nothing was recorded of. */
  async find(id: string): Promise<ModelRecord | undefined> {
    const text = await readFile(this.#file(id), "utf8").catch(() => undefined);
    if (text === undefined) return undefined;
    try {
      return recordSchema.parse(JSON.parse(text));
    } catch {
      return undefined; // a damaged one is none: the next verification writes another
    }
  }

  async keep(id: string, record: Omit<ModelRecord, "version">): Promise<void> {
    const file = this.#file(id);
    await makeFolder(dirname(file));
    const unfinished = `${file}.${process.pid}`;
    await writeFile(unfinished, JSON.stringify({ version: 1, ...record } satisfies ModelRecord, undefined, 2));
    await rename(unfinished, file);
  }

  async remove(id: string): Promise<void> {
    await rm(this.#file(id), { force: true });
  }

  #file(id: string): string {
    return join(this.#folder, `${id}.json`);
  }
}
