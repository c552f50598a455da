import { randomBytes } from "node:crypto";
import type { Job, JobId, JobSubmission } from "../../shared/protocol/api.ts";
import type { EditPart } from "../../shared/protocol/edit-request.ts";
import type { PixelSize } from "../../shared/protocol/geometry.ts";
import type { NumberedEvent } from "./event-log.ts";

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

/** Where edits wait, run and are remembered. Methods that take an id throw `not-found` for one that is unknown. */
export interface JobQueue {
  /** Throws `unknown-model` when no pack has the requested id. */
  submit(job: NewJob): Promise<Job>;
  /** Newest first. */
  list(): Promise<readonly Job[]>;
  get(id: JobId): Promise<Job>;
  /** Events with ids above `after`; ends after the final one. Throws at once for an unknown id. */
  events(id: JobId, after: number, signal: AbortSignal): AsyncIterable<NumberedEvent>;
  /** Ends a job that waits or runs; leaves one that is over as it is. Resolves when it is over. */
  cancel(id: JobId): Promise<Job>;
  /** Says that the results are no longer needed. Throws `invalid-request` while the job is not over. */
  acknowledge(id: JobId): Promise<Job>;
  /** Ends what runs and stops. */
  close(): Promise<void>;
}

/** 96 random bits: not to be guessed, and never twice. */
const ID_BYTES = 12;

export function newJobId(): JobId {
  return randomBytes(ID_BYTES).toString("hex") as JobId;
}
