import type { JobId } from "../../shared/protocol/api.ts";
import type { Artifacts } from "./artifacts.ts";
import type { JobLedger } from "./job-ledger.ts";
import { newJobId } from "./job-queue.ts";
import type { Retention } from "./retention.ts";
import type { SharedCommits } from "./shared-commits.ts";

export interface JobFoldersOptions {
  readonly ledger: JobLedger;
  readonly commits: SharedCommits;
  readonly artifacts: Artifacts;
  readonly retention: Retention;
  /** Told what could not be written or removed. */
  readonly onError: (error: unknown) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Makes the folders of jobs, and removes those that the ledger gives free: none is removed that it does not list. */
export class JobFolders {
  readonly #options: JobFoldersOptions;
  /** Uploads that are not over. Their folders are listed for removal, in case they never become jobs. */
  readonly #uploads = new Set<JobId>();

  constructor(options: JobFoldersOptions) {
    this.#options = options;
  }

  /** See `JobQueue`. */
  async reserve(): Promise<JobId> {
    const { artifacts, ledger, commits } = this.#options;
    await artifacts.requireRoom();
    const id = newJobId();
    this.#uploads.add(id);
    await commits
      .write(() => ledger.reserve(id))
      .catch((error) => {
        this.#uploads.delete(id);
        throw error;
      });
    try {
      await artifacts.create(id);
    } catch (error) {
      await this.discard(id);
      throw error;
    }
    return id;
  }

  /** The upload is a job from now on. */
  accepted(id: JobId): void {
    this.#uploads.delete(id);
  }

  /** Never rejects. */
  discard(id: JobId): Promise<void> {
    this.#uploads.delete(id);
    return this.remove(id);
  }

  /** A folder that something keeps stays listed for removal, and is tried again at the next start. Never rejects. */
  async remove(id: JobId): Promise<void> {
    const { artifacts, ledger, onError } = this.#options;
    try {
      await artifacts.remove(id);
      ledger.removed(id);
    } catch (error) {
      onError(error);
    }
  }

  /** Forgets what is older, or more, than is to be kept, and removes what could not be removed before. Never rejects. */
  async tidy(): Promise<void> {
    const { ledger, artifacts, retention, now, onError } = this.#options;
    try {
      retention.tick(now());
      for (const id of ledger.unmeasured()) ledger.measured(id, await artifacts.measure(id));
      for (const id of retention.due()) ledger.forget(id);
    } catch (error) {
      onError(error); // a full disk: the folders below are the more welcome
    }
    for (const id of ledger.removals()) if (!this.#uploads.has(id)) await this.remove(id);
  }
}
