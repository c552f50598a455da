import type { Job, JobId } from "../../shared/protocol/api.ts";
import type { EditEvent } from "../../shared/protocol/edit-event.ts";
import { OverpaintError, toErrorData } from "../../shared/protocol/overpaint-error.ts";
import type { Artifacts } from "./artifacts.ts";
import { EventFeed } from "./event-feed.ts";
import { CLOSING, type DrawEvent, type JobDrawer } from "./job-drawer.ts";
import type { FinalEvent, JobLedger } from "./job-ledger.ts";
import {
  type JobEvent,
  type JobPage,
  type JobQuery,
  type JobQueue,
  type JobScope,
  type NewJob,
  newJobId,
} from "./job-queue.ts";
import { QueueHold } from "./queue-hold.ts";
import type { Retention } from "./retention.ts";
import { type EditKind, editKind, StepTimer, type StepTimes } from "./step-times.ts";

export interface LedgerQueueOptions {
  /** Belongs to this queue, which closes it, as does the drawer. */
  readonly ledger: JobLedger;
  readonly artifacts: Artifacts;
  readonly drawer: JobDrawer;
  readonly retention: Retention;
  readonly stepTimes: StepTimes;
  /** Told what could not be written or removed; the queue goes on. */
  readonly onError?: (error: unknown) => void;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** See `QueueHoldOptions`. */
  readonly pauseAfter?: (times: number) => number;
}

/** A job that was running when the companion died is drawn again this often: it may be what killed it. */
const MAX_INTERRUPTIONS = 1;
/** Failures that are no fault of a job: it waits, and so do those behind it. */
const HOLDING = ["engine-unavailable", "disk-full"];

type QueuedEvent = Extract<EditEvent, { readonly type: "queued" }>;

interface RunningJob {
  readonly controller: AbortController;
  readonly ended: Promise<void>;
}

/** The queue over a ledger: hands jobs to the drawer in the order they came and writes down what becomes of them. */
export class LedgerQueue implements JobQueue {
  readonly #options: LedgerQueueOptions;
  readonly #feed = new EventFeed();
  readonly #running = new Map<JobId, RunningJob>();
  /** Ends that the ledger had no room for. Such jobs are not drawn again; their ends are written as soon as may be. */
  readonly #unwritten = new Map<JobId, FinalEvent>();
  /** Uploads that are not over. Their folders are listed for removal, in case they never become jobs. */
  readonly #uploads = new Set<JobId>();
  /** Why jobs wait that nobody can draw now. */
  readonly #waits = new Map<JobId, string>();
  readonly #hold: QueueHold;
  #isClosing = false;

  constructor(options: LedgerQueueOptions) {
    this.#options = options;
    this.#hold = new QueueHold({ pauseAfter: options.pauseAfter, onOver: () => void this.#takeUp() });
  }

  /** Takes up what the companion before this one left: its jobs that are not over, and folders to be removed. Called once, first. */
  async restore(): Promise<void> {
    const { ledger, drawer } = this.#options;
    for (const { id, state } of ledger.active()) {
      if (state !== "running") continue;
      try {
        if (drawer.outlivesCompanion) ledger.putBack(id);
        else if (ledger.interrupt(id) > MAX_INTERRUPTIONS)
          await this.#finish(id, { type: "failed", error: toErrorData(interrupted()) });
      } catch (error) {
        this.#onError(error); // a full disk; the job is drawn all the same
      }
    }
    await this.tidy();
    this.#startNext();
  }

  /** Forgets what is older, or more, than is to be kept, and removes what could not be removed before. Never rejects. */
  async tidy(): Promise<void> {
    const { ledger, artifacts, retention, now = Date.now } = this.#options;
    try {
      retention.tick(now());
      for (const id of ledger.unmeasured()) ledger.measured(id, await artifacts.measure(id));
      for (const id of retention.due()) ledger.forget(id);
    } catch (error) {
      this.#onError(error); // a full disk: the folders below are the more welcome
    }
    for (const id of ledger.removals()) if (!this.#uploads.has(id)) await this.#remove(id);
  }

  async reserve(): Promise<JobId> {
    const { artifacts, ledger } = this.#options;
    await artifacts.requireRoom();
    const id = newJobId();
    ledger.reserve(id);
    this.#uploads.add(id);
    try {
      await artifacts.create(id);
    } catch (error) {
      await this.discard(id);
      throw error;
    }
    return id;
  }

  discard(id: JobId): Promise<void> {
    this.#uploads.delete(id);
    return this.#remove(id);
  }

  async submit(job: NewJob): Promise<Job> {
    const { ledger, drawer, now = Date.now } = this.#options;
    await drawer.requireModel(job.submission.request);
    ledger.accept(job, now());
    this.#uploads.delete(job.id);
    const accepted = this.#asItIsNow(ledger.get(job.id));
    this.#startNext();
    return accepted;
  }

  async list(query?: JobQuery): Promise<JobPage> {
    const page = this.#options.ledger.list(query);
    return { ...page, jobs: page.jobs.map((job) => this.#asItIsNow(job)) };
  }

  async get(id: JobId, scope?: JobScope): Promise<Job> {
    return this.#asItIsNow(this.#options.ledger.get(id, scope));
  }

  async countActive(scope?: JobScope): Promise<number> {
    return this.#options.ledger.countActive(scope);
  }

  events(id: JobId, after: number, signal: AbortSignal): AsyncIterable<JobEvent> {
    const { ledger } = this.#options;
    ledger.get(id);
    const past = () => {
      const job = ledger.get(id);
      const isBeyond = after > 0 && ledger.countEvents(id) < after;
      const events = ledger.events(id, isBeyond ? 0 : after);
      const isOver = job.state !== "queued" && job.state !== "running";
      return { events, isOver, present: isOver ? undefined : this.#present(job) };
    };
    return this.#feed.follow(id, past, signal);
  }

  async cancel(id: JobId): Promise<Job> {
    const { ledger } = this.#options;
    const { state } = ledger.get(id);
    const running = this.#running.get(id);
    if (running !== undefined) {
      running.controller.abort();
      await running.ended;
    } else if (state === "queued" || state === "running") await this.#finish(id, { type: "cancelled" });
    if (this.#unwritten.has(id)) throw unwritten();
    this.#announcePlaces();
    return this.get(id);
  }

  async noteFetched(id: JobId): Promise<void> {
    this.#options.ledger.noteFetched(id);
  }

  async acknowledge(id: JobId): Promise<Job> {
    const { ledger } = this.#options;
    const { state } = ledger.get(id);
    if (state === "queued" || state === "running")
      throw new OverpaintError("invalid-request", "The job is not over yet.", "Cancel it or wait for its end.");
    ledger.acknowledge(id);
    await this.#remove(id);
    return ledger.get(id);
  }

  async close(): Promise<void> {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#hold.close();
    for (const { controller } of this.#running.values()) controller.abort(CLOSING);
    // Killing the process is quicker than waiting for the end of a step.
    await this.#options.drawer.close();
    await Promise.all([...this.#running.values()].map(({ ended }) => ended));
    this.#options.ledger.close();
  }

  #startNext(): void {
    const { ledger, drawer } = this.#options;
    if (this.#isClosing || this.#hold.reason !== undefined) return;
    const free = drawer.capacity - this.#running.size;
    if (free <= 0) return;
    const waiting = ledger.active(free + this.#running.size + this.#unwritten.size);
    for (const { id } of waiting
      .filter((job) => !this.#running.has(job.id) && !this.#unwritten.has(job.id))
      .slice(0, free)) {
      const controller = new AbortController();
      const ended = this.#run(id, controller.signal).finally(() => {
        this.#running.delete(id);
        if (this.#isClosing) return;
        this.#announcePlaces();
        this.#startNext();
      });
      this.#running.set(id, { controller, ended });
    }
  }

  /** Never rejects. */
  async #run(id: JobId, signal: AbortSignal): Promise<void> {
    const { ledger, drawer, artifacts } = this.#options;
    const timer = new StepTimer(() => performance.now());
    try {
      await artifacts.requireRoom();
      signal.throwIfAborted();
      const order = ledger.order(id);
      const { request } = order.submission;
      if (order.variants.length > 0)
        await drawer.draw(
          { id, request, parts: order.parts, due: order.due, variants: order.variants },
          { signal, onEvent: (event) => this.#record(id, event, timer) },
        );
      this.#measure(editKind(request, order.source), timer);
      this.#hold.noteSuccess();
      await this.#finish(id, { type: "done", results: [...ledger.results(id)] });
    } catch (thrown) {
      const error = toErrorData(thrown);
      if (signal.reason === CLOSING || (!signal.aborted && HOLDING.includes(error.code))) {
        this.#putBack(id);
        if (signal.reason !== CLOSING) this.#holdQueue(thrown);
      } else await this.#finish(id, error.code === "cancelled" ? { type: "cancelled" } : { type: "failed", error });
    }
  }

  #record(id: JobId, event: DrawEvent, timer: StepTimer): void {
    const { ledger } = this.#options;
    switch (event.type) {
      case "waits":
        if (event.reason === undefined) this.#waits.delete(id);
        else this.#waits.set(id, event.reason);
        this.#announcePlaces();
        break;
      case "begun":
        this.#waits.delete(id);
        ledger.begin(id);
        break;
      case "started":
        timer.started(event.device);
        this.#feed.tell(id, ledger.started(id, event));
        break;
      case "measuring":
        this.#feed.tell(id, { event });
        break;
      case "step":
        timer.step(event.variant, event.steps);
        this.#feed.tell(id, { event });
        break;
      case "result": {
        const stored = ledger.commit(id, event.result);
        if (stored !== undefined) this.#feed.tell(id, stored);
      }
    }
  }

  /** Variants that were finished before a failure or a cancel can still be inserted, so their files stay. Never rejects. */
  async #finish(id: JobId, event: FinalEvent): Promise<void> {
    const { ledger, artifacts } = this.#options;
    this.#waits.delete(id);
    this.#unwritten.set(id, event);
    try {
      const bytes = await artifacts.measure(id);
      const stored = ledger.finish(id, event, bytes);
      this.#unwritten.delete(id);
      if (stored !== undefined) this.#feed.tell(id, { id: stored.id, event });
      if (ledger.results(id).length === 0) await this.#remove(id);
    } catch (error) {
      this.#holdQueue(error);
    }
  }

  /** The estimate of later ones is worth no failure. */
  #measure(kind: EditKind, { outcome }: StepTimer): void {
    try {
      if (outcome) this.#options.stepTimes.add(kind, outcome.device, outcome.milliseconds, outcome.steps);
    } catch (error) {
      this.#onError(error);
    }
  }

  #putBack(id: JobId): void {
    try {
      this.#options.ledger.putBack(id);
    } catch (error) {
      this.#onError(error); // it counts as running until it is drawn again
    }
  }

  #holdQueue(cause: unknown): void {
    this.#onError(cause);
    if (this.#hold.reason !== undefined || this.#isClosing) return;
    this.#hold.begin(cause);
    this.#announcePlaces();
  }

  /** Once a hold is over. */
  async #takeUp(): Promise<void> {
    for (const [id, event] of this.#unwritten) await this.#finish(id, event);
    this.#startNext();
    this.#announcePlaces();
  }

  /** Tells those who follow a job that waits where it stands now. */
  #announcePlaces(): void {
    for (const id of this.#feed.followed) {
      const ahead = this.#options.ledger.placeOfWaiting(id);
      if (ahead !== undefined) this.#feed.tell(id, { event: this.#placed(id, { type: "queued", ahead }) });
    }
  }

  /** What a job that is not over does now, where the ledger does not say it: its place in the queue, or its latest step. */
  #present({ id, lastEvent }: Job): EditEvent | undefined {
    if (lastEvent.type !== "queued") return this.#feed.latestStep(id);
    return this.#placed(id, lastEvent);
  }

  /** With the reason why nothing is drawn of it now, where there is one. */
  #placed(id: JobId, event: QueuedEvent): QueuedEvent {
    const reason = this.#hold.reason ?? this.#waits.get(id);
    return reason === undefined ? event : { ...event, reason };
  }

  #asItIsNow(job: Job): Job {
    const isOver = job.state !== "queued" && job.state !== "running";
    if (isOver) return job;
    const spent = this.#options.stepTimes.estimate(editKind(job.request, job.source));
    const drawingMs = spent && spent * job.request.count;
    return { ...job, lastEvent: this.#present(job) ?? job.lastEvent, ...(drawingMs && { drawingMs }) };
  }

  /** A folder that something keeps stays listed for removal, and is tried again at the next start. Never rejects. */
  async #remove(id: JobId): Promise<void> {
    try {
      await this.#options.artifacts.remove(id);
      this.#options.ledger.removed(id);
    } catch (error) {
      this.#onError(error);
    }
  }

  #onError(error: unknown): void {
    this.#options.onError?.(error);
  }
}

function interrupted(): OverpaintError {
  return new OverpaintError(
    "engine-crashed",
    "The companion ended twice while it drew this.",
    "Try again on another device, with --device cpu, or with a smaller model.",
  );
}

function unwritten(): OverpaintError {
  return new OverpaintError(
    "disk-full",
    "The job is stopped, but there is no room to write that down.",
    "Free some space: it is written then.",
  );
}
