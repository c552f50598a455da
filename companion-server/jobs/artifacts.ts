import { mkdir, rm } from "node:fs/promises";
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

  partFile(id: JobId, part: EditPart): string {
    return join(this.#root, id, part);
  }

  resultsFolder(id: JobId): string {
    return join(this.#root, id, "results");
  }

  resultFile(id: JobId, variant: number): string {
    return join(this.resultsFolder(id), `${variant}.png`);
  }

  async remove(id: JobId): Promise<void> {
    await rm(join(this.#root, id), { recursive: true, force: true });
  }
}
