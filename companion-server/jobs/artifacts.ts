import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { JobId } from "../../shared/protocol/api.ts";
import type { EditPart } from "../../shared/protocol/edit-request.ts";

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
