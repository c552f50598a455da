import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { JobId } from "../../shared/protocol/api.ts";
import type { EditPart } from "../../shared/protocol/edit-request.ts";
import type { JobStore } from "./job-store.ts";

/** The pictures of jobs in a data folder. */
export function jobsFolder(dataFolder: string): string {
  return join(dataFolder, "jobs");
}

/** The files of jobs: one folder a job, under names of our own. Job ids are checked before they get here. */
export class Artifacts {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async create(id: JobId): Promise<void> {
    // Pictures are private: other users of this machine have no business with them.
    await mkdir(this.resultsFolder(id), { recursive: true, mode: 0o700 });
  }

  /** Holds the parts under their names. */
  folder(id: JobId): string {
    return join(this.#root, id);
  }

  partFile(id: JobId, part: EditPart): string {
    return join(this.folder(id), part);
  }

  resultsFolder(id: JobId): string {
    return join(this.folder(id), "results");
  }

  resultFile(id: JobId, variant: number): string {
    return join(this.resultsFolder(id), `${variant}.png`);
  }

  /** Names of all jobs' folders and when each last changed, in milliseconds since 1970. */
  async list(): Promise<readonly { readonly name: string; readonly changedAt: number }[]> {
    const names = await readdir(this.#root).catch(() => []);
    return Promise.all(
      names.map(async (name) => {
        const { mtimeMs } = await stat(join(this.#root, name));
        return { name, changedAt: mtimeMs };
      }),
    );
  }

  async remove(id: JobId): Promise<void> {
    await rm(this.folder(id), { recursive: true, force: true });
  }
}

/** A companion without records of its own may still be at work on what looks forgotten. */
const LEAST_AGE_MS = 24 * 60 * 60_000;

/** Deletes pictures of jobs that have no record, as a power cut may leave them. Answers how many jobs those were. */
export async function removeOrphans(artifacts: Artifacts, store: JobStore, now: number): Promise<number> {
  const known = store.ids();
  const folders = await artifacts.list();
  const orphans = folders.filter(({ name, changedAt }) => !known.has(name) && now - changedAt >= LEAST_AGE_MS);
  for (const { name } of orphans) await artifacts.remove(name as JobId);
  return orphans.length;
}
