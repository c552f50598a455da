import { randomBytes } from "node:crypto";
import type { Job, JobId, JobSubmission } from "../../shared/protocol/api.ts";
import type { EditEvent } from "../../shared/protocol/edit-event.ts";
import type { EditPart } from "../../shared/protocol/edit-request.ts";
import type { PixelSize } from "../../shared/protocol/geometry.ts";

/** A job whose files are already in place. */
export interface NewJob {
  readonly id: JobId;
  readonly submission: JobSubmission;
  readonly parts: readonly EditPart[];
  /** Absent for pictures from nothing. */
  readonly source?: PixelSize | undefined;
  /** Whose token it came with; absent for whoever runs the companion. */
  readonly owner?: string | undefined;
}

/** Whose jobs are meant: `null` for those of whoever runs the companion. Absent: everybody's. Others are as if they were not there. */
export interface JobScope {
  readonly owner?: string | null | undefined;
}

/** A page of the list, newest first. */
export interface JobQuery extends JobScope {
  /** Default: all. */
  readonly limit?: number | undefined;
  /** Jobs older than this one. */
  readonly before?: JobId | undefined;
  /** Those that were acknowledged, or were not. Default: both. */
  readonly acknowledged?: boolean | undefined;
  /** Words that occur in the prompt, in any case. */
  readonly search?: string | undefined;
}

export interface JobPage {
  readonly jobs: readonly Job[];
  /** The `before` of the next page; absent on the last one. */
  readonly next?: JobId | undefined;
}

/** An event of a job as a reader gets it. */
export interface JobEvent {
  /**
   * Of what the ledger keeps: 1 for a job's first event, then without gaps. Absent for steps and places in the queue, which
   * are told as they are now and never again.
   */
  readonly id?: number | undefined;
  readonly event: EditEvent;
}

/**
 * Where edits wait, run and are remembered. Methods that take an id throw `not-found` for one that is unknown, or another
 * person's. Whatever is answered is durable.
 */
export interface JobQueue {
  /** Gives a new job's id, and a folder for its pictures. Throws `disk-full` where there is no room for a job. */
  reserve(): Promise<JobId>;
  /** Removes the pictures of a reserved job that is not to be. Never rejects. */
  discard(id: JobId): Promise<void>;
  /** Throws `unknown-model` when no pack has the requested id, `disk-full` when there is no room for its record. */
  submit(job: NewJob): Promise<Job>;
  list(query?: JobQuery): Promise<JobPage>;
  get(id: JobId, scope?: JobScope): Promise<Job>;
  /** Jobs that wait or run. */
  countActive(scope?: JobScope): Promise<number>;
  /**
   * Events with ids above `after`, then those that happen; ends after the final one. An `after` beyond the last event, of a
   * ledger that was lost, begins anew. Throws at once for an unknown id.
   */
  events(id: JobId, after: number, signal: AbortSignal): AsyncIterable<JobEvent>;
  /** Ends a job that waits or runs; leaves one that is over as it is. Resolves when it is over. */
  cancel(id: JobId): Promise<Job>;
  /** Says that the results were fetched once: retention lets go of them before those that nobody has seen. */
  noteFetched(id: JobId): Promise<void>;
  /** Says that the results are no longer needed. Throws `invalid-request` while the job is not over. */
  acknowledge(id: JobId): Promise<Job>;
  /** Ends what runs and stops. Jobs that are not over stay, for the next start. */
  close(): Promise<void>;
}

/** 96 random bits: not to be guessed, and never twice. */
const ID_BYTES = 12;

export function newJobId(): JobId {
  return randomBytes(ID_BYTES).toString("hex") as JobId;
}
