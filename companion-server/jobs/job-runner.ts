import { deviceName, type JobId } from "../../shared/protocol/api.ts";
import { OverpaintError, toErrorData } from "../../shared/protocol/overpaint-error.ts";
import type { Artifacts } from "./artifacts.ts";
import type { EventFeed } from "./event-feed.ts";
import { CLOSING, type DrawEvent, type JobDrawer } from "./job-drawer.ts";
import type { JobFolders } from "./job-folders.ts";
import type { FinalEvent, JobLedger } from "./job-ledger.ts";
import { QueueHold } from "./queue-hold.ts";
import { type EditKind, editKind, StepTimer, type StepTimes } from "./step-times.ts";

export interface JobRunnerOptions {
  readonly ledger: JobLedger;
  readonly artifacts: Artifacts;
  readonly folders: JobFolders;
  /** Belongs to the runner, which closes it. */
  readonly drawer: JobDrawer;
  readonly stepTimes: StepTimes;
  /** Told what happens to the jobs that run. */
  readonly feed: EventFeed;
  /** Called when jobs that wait may stand elsewhere, or wait for another reason. Never throws. */
  readonly onPlaces: () => void;
  /** Told what could not be written; the queue goes on. */
  readonly onError: (error: unknown) => void;
  /** See `QueueHoldOptions`. */
  readonly pauseAfter?: ((times: number) => number) | undefined;
}

/** A job that was running when the companion died is drawn again this often: it may be what killed it. */
const MAX_INTERRUPTIONS = 1;
/** Failures that are no fault of a job: it waits, and so do those behind it. */
const HOLDING = ["engine-unavailable", "disk-full"];

interface RunningJob {
  readonly controller: AbortController;
  readonly ended: Promise<void>;
}

/** Hands jobs to the drawer in the ledger's order, as many as it takes, and writes down what becomes of them. */
export class JobRunner {
  readonly #options: JobRunnerOptions;
  readonly #running = new Map<JobId, RunningJob>();
  /** Ends that the ledger had no room for. Such jobs are not drawn again; their ends are written as soon as may be. */
  readonly #unwritten = new Map<JobId, FinalEvent>();
  /** Why jobs wait that nobody can draw now. */
  readonly #waits = new Map<JobId, string>();
  readonly #hold: QueueHold;
  #isClosing = false;

  constructor(options: JobRunnerOptions) {
    this.#options = options;
    this.#hold = new QueueHold({ pauseAfter: options.pauseAfter, onOver: () => void this.#takeUp() });
  }

  /** Puts back the jobs that ran when the companion before this one ended. Called once, first. */
  async restore(): Promise<void> {
    const { ledger, drawer, onError } = this.#options;
    for (const { id, state } of ledger.active()) {
      if (state !== "running") continue;
      try {
        if (drawer.outlivesCompanion) ledger.putBack(id);
        else if (ledger.interrupt(id) > MAX_INTERRUPTIONS)
          await this.#finish(id, { type: "failed", error: toErrorData(interrupted()) });
      } catch (error) {
        onError(error); // a full disk; the job is drawn all the same
      }
    }
  }

  /** Takes up what the drawer has room for. Records that cannot be read now hold the queue. */
  startNext(): void {
    if (this.#isClosing || this.#hold.reason !== undefined) return;
    try {
      this.#fill();
    } catch (error) {
      this.#holdQueue(error);
    }
  }

  #fill(): void {
    const { ledger, drawer, onPlaces } = this.#options;
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
        onPlaces();
        this.startNext();
      });
      this.#running.set(id, { controller, ended });
    }
  }

  /** Ends a job that waits or runs. Resolves when it is over; throws `disk-full` where that cannot be written down yet. */
  async cancel(id: JobId): Promise<void> {
    const running = this.#running.get(id);
    if (running !== undefined) {
      running.controller.abort();
      await running.ended;
    } else await this.#finish(id, { type: "cancelled" });
    if (this.#unwritten.has(id)) throw unwritten();
  }

  /** Why a job that waits is not drawn now, in words; undefined where it is in its turn. */
  reasonOf(id: JobId): string | undefined {
    return this.#hold.reason ?? this.#waits.get(id);
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    this.#hold.close();
    for (const { controller } of this.#running.values()) controller.abort(CLOSING);
    // Killing the process is quicker than waiting for the end of a step.
    await this.#options.drawer.close();
    await Promise.all([...this.#running.values()].map(({ ended }) => ended));
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
    const { ledger, feed, onPlaces } = this.#options;
    switch (event.type) {
      case "waits":
        if (event.reason === undefined) this.#waits.delete(id);
        else {
          this.#waits.set(id, event.reason);
          ledger.putBack(id);
        }
        onPlaces();
        this.startNext();
        break;
      case "begun":
        this.#waits.delete(id);
        ledger.begin(id);
        this.startNext();
        break;
      case "started": {
        const device = deviceName(event);
        timer.started(device);
        feed.tell(id, ledger.started(id, { model: event.model, device }));
        break;
      }
      case "measuring":
        feed.tell(id, { event });
        break;
      case "step":
        timer.step(event);
        feed.tell(id, { event });
        break;
      case "result": {
        const stored = ledger.commit(id, event.result);
        if (stored !== undefined) feed.tell(id, stored);
      }
    }
  }

  /** Variants that were finished before a failure or a cancel can still be inserted, so their files stay. Never rejects. */
  async #finish(id: JobId, event: FinalEvent): Promise<void> {
    const { ledger, artifacts, feed, folders } = this.#options;
    this.#waits.delete(id);
    this.#unwritten.set(id, event);
    try {
      const bytes = await artifacts.measure(id);
      const stored = ledger.finish(id, event, bytes);
      this.#unwritten.delete(id);
      if (stored !== undefined) feed.tell(id, { id: stored.id, event });
      if (ledger.results(id).length === 0) await folders.remove(id);
    } catch (error) {
      this.#holdQueue(error);
    }
  }

  /** The estimate of later ones is worth no failure. */
  #measure(kind: EditKind, { outcome }: StepTimer): void {
    const { stepTimes, onError } = this.#options;
    try {
      if (outcome) stepTimes.add(kind, outcome.device, outcome.milliseconds, outcome.steps);
    } catch (error) {
      onError(error);
    }
  }

  #putBack(id: JobId): void {
    const { ledger, onError } = this.#options;
    try {
      ledger.putBack(id);
    } catch (error) {
      onError(error); // it counts as running until it is drawn again
    }
  }

  #holdQueue(cause: unknown): void {
    const { onError, onPlaces } = this.#options;
    onError(cause);
    if (this.#hold.reason !== undefined || this.#isClosing) return;
    this.#hold.begin(cause);
    onPlaces();
  }

  /** Once a hold is over. */
  async #takeUp(): Promise<void> {
    for (const [id, event] of this.#unwritten) await this.#finish(id, event);
    this.startNext();
    this.#options.onPlaces();
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
