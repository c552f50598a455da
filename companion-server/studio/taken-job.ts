import { setTimeout as delay } from "node:timers/promises";
import { type Job, ErrorCode as QueueError } from "bullmq";
import type { Redis } from "ioredis";
import type { JobId } from "../../shared/protocol/api.ts";
import { type EditPart, editPartNames } from "../../shared/protocol/edit-request.ts";
import type { ErrorCode } from "../../shared/protocol/error-data.ts";
import { OverpaintError, toErrorData } from "../../shared/protocol/overpaint-error.ts";
import { CLOSING, type DrawEvent, type JobDrawer } from "../jobs/job-drawer.ts";
import { type DrawingFolders, JobReport } from "./job-report.ts";
import type { PictureCarrier } from "./pictures/picture-carrier.ts";
import { type Dispatch, keys } from "./studio-messages.ts";

export interface TakenJobOptions {
  readonly job: Job<Dispatch>;
  /** What it says, read. */
  readonly dispatch: Dispatch;
  /** Says that it is ours. */
  readonly token: string;
  readonly redis: Redis;
  readonly drawer: JobDrawer;
  readonly folders: DrawingFolders;
  readonly pictures: PictureCarrier;
  /** How long the job stays ours after each heartbeat, in milliseconds. */
  readonly lease: { readonly heartbeat: number; readonly life: number };
  /** What is to end before it is drawn. */
  readonly after?: Promise<void> | undefined;
}

/** A job that a worker left with: another one draws it after its lease. */
export interface LeftJob {
  readonly id: JobId;
  /** Variants that were drawn, and whose pictures did not arrive. */
  readonly unsent: readonly number[];
}

/** Machines that may end while they draw a job before it counts as what ends them. */
const MAX_LOST_MACHINES = 2;
/** Another machine, or this one later, may draw it all the same. */
const NOT_THE_JOBS_FAULT: readonly ErrorCode[] = ["engine-unavailable", "disk-full"];
const NOT_OURS: readonly QueueError[] = [
  QueueError.JobNotExist,
  QueueError.JobLockNotExist,
  QueueError.JobNotInState,
  QueueError.JobLockMismatch,
];
/** Why drawing was given up: the job is another machine's by now. */
const LOST = new Error("the job is another worker's by now");

/** One job in the hands of this machine: fetched, drawn, told of and let go. */
export class TakenJob {
  readonly id: JobId;
  readonly queueName: string;
  readonly over: Promise<void>;
  /** Resolves, for a job that is given back soon, when nothing of it is drawn any more. */
  readonly drawn: Promise<void>;
  readonly #options: TakenJobOptions;
  readonly #dispatch: Dispatch;
  readonly #controller = new AbortController();
  readonly #report: JobReport;
  #isGivenBackSoon = false;
  #isDrawing = false;
  #isOver = false;
  #end = () => {};
  #endDrawing = () => {};

  constructor(options: TakenJobOptions) {
    this.#options = options;
    this.#dispatch = options.dispatch;
    this.id = this.#dispatch.id;
    this.queueName = options.job.queueName;
    this.#report = new JobReport({
      ...options,
      // The drawing hears of it at its end, unless it ends for another reason before.
      onError: (error) => this.#controller.abort(error),
      onUnnoted: this.#loseIfNotOurs,
    });
    this.over = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.drawn = new Promise((resolve) => {
      this.#endDrawing = resolve;
    });
  }

  /** What a worker that leaves now does not hand over; undefined for a job that is over. */
  get left(): LeftJob | undefined {
    return this.#isOver ? undefined : { id: this.id, unsent: this.#report.unsent };
  }

  /** It is not ours any more. */
  lose(): void {
    this.#controller.abort(LOST);
  }

  cancel(): void {
    this.#controller.abort();
  }

  /** Ends with the variant that is being drawn; another machine draws the others. */
  giveBackSoon(): void {
    this.#isGivenBackSoon = true;
    if (!this.#isDrawing) this.#endDrawing();
  }

  /** Never rejects for the job's own sake, which its companion hears of. `cannot-now`: it was given back because nothing draws here. */
  async run(): Promise<"done" | "cannot-now"> {
    const ended = new AbortController();
    const holding = this.#hold(ended.signal);
    try {
      return await this.#finish(await this.#draw().then(() => undefined, this.#reasonOf));
    } finally {
      ended.abort();
      await holding;
      // Whoever draws it next sends under the same names.
      await this.#report.arrived.catch(() => {});
      await this.#options.folders.remove(this.id).catch(() => {});
      this.#isOver = true;
      this.#end();
    }
  }

  /** What a drawing that was stopped rejects with depends on the drawer; why it was stopped counts. */
  readonly #reasonOf = (thrown: unknown): unknown => {
    const { signal } = this.#controller;
    return signal.aborted ? signal.reason : thrown;
  };

  async #draw(): Promise<void> {
    const { job, drawer, folders, after } = this.#options;
    await after;
    const { id, request, due, variants, pictures } = this.#dispatch;
    if (await this.#isCancelled()) throw cancelled();
    if (job.stalledCounter >= MAX_LOST_MACHINES) throw endsMachines(job.stalledCounter);
    if (variants.length === 0) return;
    await folders.create(id);
    const parts = editPartNames.filter((part) => pictures[part] !== undefined);
    if (!(await this.#fetchParts(parts))) throw UNSENT;
    if (this.#isGivenBackSoon) throw CLOSING;
    const signal = this.#controller.signal;
    this.#isDrawing = true;
    try {
      await drawer.draw({ id, request, parts, due, variants }, { signal, onEvent: (event) => this.#pass(event) });
    } finally {
      this.#endDrawing();
    }
    await this.#report.arrived;
  }

  async #fetchParts(parts: readonly EditPart[]): Promise<boolean> {
    const { folders, pictures } = this.#options;
    for (const part of parts) {
      const picture = this.#dispatch.pictures[part];
      if (picture && !(await pictures.fetch(picture, folders.partFile(this.id, part)))) return false;
    }
    return true;
  }

  /** A job that was lost is nobody's business here any more; whatever else came of it its companion hears. */
  async #finish(reason: unknown): Promise<"done" | "cannot-now"> {
    const { job, token } = this.#options;
    if (this.#controller.signal.reason === LOST) return "done";
    if (reason === CLOSING || NOT_THE_JOBS_FAULT.includes(toErrorData(reason).code)) {
      await this.#report.arrived;
      await job.moveToWait(token).catch(this.#loseIfNotOurs);
      return reason === CLOSING ? "done" : "cannot-now";
    }
    if (reason === undefined) await this.#report.tell({ type: "finished" });
    else if (reason === UNSENT) await this.#report.tell({ type: "unsent" });
    else {
      await this.#report.arrived.catch(() => {});
      await this.#report.tell({ type: "failed", error: toErrorData(reason) });
    }
    await job.moveToCompleted(null, token, false).catch(this.#loseIfNotOurs);
    return "done";
  }

  /** A Redis that forgot everything has no such job; its companion puts it there again. */
  readonly #loseIfNotOurs = (error: { readonly code?: QueueError }): void => {
    if (error.code === undefined || !NOT_OURS.includes(error.code)) throw error;
    this.lose();
  };

  #pass(event: DrawEvent): void {
    switch (event.type) {
      case "waits":
        break;
      case "begun":
      case "started":
        this.#report.begin(event);
        break;
      case "measuring":
      case "step":
        this.#report.passStep({ ...event, id: this.id });
        break;
      case "result":
        this.#report.addResult(event.result);
        if (this.#isGivenBackSoon) this.#controller.abort(CLOSING);
    }
  }

  /** Keeps the job ours, and stops when it is not any more or nobody wants it. */
  async #hold(ended: AbortSignal): Promise<void> {
    const { job, token, lease } = this.#options;
    while (await delay(lease.heartbeat, true, { signal: ended }).catch(() => false)) {
      try {
        if ((await job.extendLock(token, lease.life)) !== 1) this.lose();
        else if (await this.#isCancelled()) this.#controller.abort();
      } catch {
        // Redis is away; the next heartbeat tells whose the job is.
      }
    }
  }

  async #isCancelled(): Promise<boolean> {
    return (await this.#options.redis.exists(keys.cancelled(this.id))) === 1;
  }
}

const UNSENT = new Error("the pictures of the job are not there any more");

function cancelled(): OverpaintError {
  return new OverpaintError("cancelled", "The edit was cancelled.");
}

function endsMachines(count: number): OverpaintError {
  return new OverpaintError(
    "engine-crashed",
    `${count} workers ended while they drew this.`,
    "Try a smaller picture or a smaller model.",
  );
}
