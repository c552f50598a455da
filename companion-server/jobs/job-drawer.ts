import type { Device, JobId } from "../../shared/protocol/api.ts";
import type { EditPart, EditRequest } from "../../shared/protocol/edit-request.ts";
import type { EngineEvent } from "../engine/engine.ts";

/** An accepted job as whoever draws it gets it: plain data, the same on this machine and on another. */
export interface DrawOrder {
  readonly id: JobId;
  readonly request: EditRequest;
  /** The pictures that came with it, to be read from `Artifacts.partFile`. */
  readonly parts: readonly EditPart[];
  /** In milliseconds since 1970: what is due earlier is drawn first (`dueAt`). */
  readonly due: number;
  /** Those that no earlier attempt finished. Never empty. */
  readonly variants: readonly number[];
}

/**
 * What a drawer tells, in this order: per attempt `begun`, `started`, then steps and results. The files of a result are where
 * `Artifacts` says, whole and on the disk; told again, it is heard once.
 */
export type DrawEvent =
  /** Nothing draws it yet, and why, in words; without a reason that it is in its turn again. */
  | { readonly type: "waits"; readonly reason: string | undefined }
  /** An attempt on a device begins. The ledger has it before this call returns: the model is loaded only then. */
  | { readonly type: "begun"; readonly device: Device }
  | EngineEvent;

export interface DrawOptions {
  /** Synchronous, so that what it records is durable when it returns. Throws what the ledger throws (`disk-full`); then the drawing ends. */
  readonly onEvent: (event: DrawEvent) => void;
  /** Aborted by a cancel, or with `CLOSING` as its reason when the companion stops: the job is then to be drawn later. */
  readonly signal: AbortSignal;
}

/**
 * What draws the jobs of a ledger: an engine of this machine, or workers elsewhere. The ledger is the truth; a drawer may forget
 * everything. After a restart of the companion it is asked again for what was not over, by the same ids.
 */
export interface JobDrawer {
  /**
   * Orders it takes at the same time, read again whenever one tells that it has `begun` or `waits`: one that waits for an engine of
   * several leaves room for others. `Infinity` where workers elsewhere take turns of their own; a job runs from its `begun` on.
   */
  readonly capacity: number;
  /** Whether orders go on being drawn while the companion is down. Where not, its end is an attempt that failed. */
  readonly outlivesCompanion: boolean;
  /** Throws `unknown-model` for a request that it has no model for. */
  requireModel(request: EditRequest): Promise<void>;
  /**
   * Resolves when every variant of the order was told. Tries again by itself where that may help. Rejects with the edit's own error,
   * with `cancelled`, or with `engine-unavailable` where nothing can draw now: the job then goes back into the queue and waits.
   */
  draw(order: DrawOrder, options: DrawOptions): Promise<void>;
  close(): Promise<void>;
}

/** Why the signals of orders are aborted when the companion stops. */
export const CLOSING = new Error("the companion stops");
