import { mkdir, readdir, rm, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { JobId } from "../../shared/protocol/api.ts";
import type { EditPart } from "../../shared/protocol/edit-request.ts";
import { isDiskFull, OverpaintError } from "../../shared/protocol/overpaint-error.ts";

/**
 * The pictures of jobs, in files of this machine. Whoever draws a variant puts it to `resultFile`, and what it takes away beside it
 * (`eraseFile` of the engine), whole (`writeWhole`) before telling of it.
 */
export interface Artifacts {
  /** Throws `disk-full` where there is no room for another job. */
  requireRoom(): Promise<void>;
  create(id: JobId): Promise<void>;
  /** Holds the parts under their names. */
  folder(id: JobId): string;
  partFile(id: JobId, part: EditPart): string;
  resultsFolder(id: JobId): string;
  resultFile(id: JobId, variant: number): string;
  /** Bytes of everything of a job; 0 where nothing is. */
  measure(id: JobId): Promise<number>;
  /** Rejects where something keeps a file from being removed. Nothing to remove is no error. */
  remove(id: JobId): Promise<void>;
}

/** The pictures of jobs in a data folder. */
export function jobsFolder(dataFolder: string): string {
  return join(dataFolder, "jobs");
}

/** Results of one job, its previews' and its records' writing; a disk with less is as good as full. */
const LEAST_ROOM_BYTES = 64 * 2 ** 20;
/** Windows keeps a file while somebody (a virus scanner, an indexer) has it open. */
export const REMOVAL = { recursive: true, force: true, maxRetries: 3, retryDelay: 100 } as const;

/** One folder a job, under names of our own. Job ids are checked before they get here. */
export class DiskArtifacts implements Artifacts {
  readonly #root: string;
  readonly #leastRoom: number;

  /** @param leastRoom bytes that must be free on the disk before a job is taken */
  constructor(root: string, leastRoom = LEAST_ROOM_BYTES) {
    this.#root = root;
    this.#leastRoom = leastRoom;
  }

  async requireRoom(): Promise<void> {
    const { bavail, bsize } = await this.#open();
    if (bavail * bsize >= this.#leastRoom) return;
    throw new OverpaintError(
      "disk-full",
      `The companion's disk has less than ${Math.round(this.#leastRoom / 2 ** 20)} MB left.`,
      "Free some space and retry.",
    );
  }

  async #open() {
    try {
      await mkdir(this.#root, { recursive: true, mode: 0o700 });
      return await statfs(this.#root);
    } catch (cause) {
      if (isDiskFull(cause)) throw cause;
      const reason = cause instanceof Error && "code" in cause ? ` (${cause.code})` : "";
      throw new OverpaintError(
        "disk-full",
        `The companion cannot put pictures into the folder jobs of its data folder${reason}.`,
        "Move away what is in its place, or make it writable, and retry.",
        { cause },
      );
    }
  }

  async create(id: JobId): Promise<void> {
    // Pictures are private: other users of this machine have no business with them.
    await mkdir(this.resultsFolder(id), { recursive: true, mode: 0o700 });
  }

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

  async measure(id: JobId): Promise<number> {
    const names = await readdir(this.folder(id), { recursive: true }).catch(() => []);
    const sizes = names.map((name) =>
      stat(join(this.folder(id), name)).then(
        ({ size }) => size,
        () => 0,
      ),
    );
    return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  }

  async remove(id: JobId): Promise<void> {
    await rm(this.folder(id), REMOVAL);
  }
}
