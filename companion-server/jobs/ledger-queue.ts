import type { Job, JobId } from "../../shared/protocol/api.ts";
import type { EditEvent } from "../../shared/protocol/edit-event.ts";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import type { Artifacts } from "./artifacts.ts";
import { EventFeed } from "./event-feed.ts";
import type { JobDrawer } from "./job-drawer.ts";
import { JobFolders } from "./job-folders.ts";
import type { JobLedger } from "./job-ledger.ts";
import type { JobEvent, JobPage, JobQuery, JobQueue, JobScope, NewJob } from "./job-queue.ts";
import { JobRunner } from "./job-runner.ts";
import type { Retention } from "./retention.ts";
import { SharedCommits } from "./shared-commits.ts";
import { editKind, type StepTimes } from "./step-times.ts";

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

type QueuedEvent = Extract<EditEvent, { readonly type: "queued" }>;

/** The queue over a ledger: takes jobs, answers how they stand, and has them run. */
export class LedgerQueue implements JobQueue {
  readonly #options: LedgerQueueOptions;
  readonly #feed = new EventFeed();
  readonly #commits: SharedCommits;
  readonly #folders: JobFolders;
  readonly #runner: JobRunner;
  #isClosing = false;

  constructor(options: LedgerQueueOptions) {
    const { onError = () => {}, now = Date.now } = options;
    this.#options = options;
    this.#commits = new SharedCommits(options.ledger);
    this.#folders = new JobFolders({ ...options, commits: this.#commits, onError, now });
    this.#runner = new JobRunner({
      ...options,
      folders: this.#folders,
      feed: this.#feed,
      onPlaces: () => {
        try {
          this.#announcePlaces();
        } catch (error) {
          onError(error); // who follows hears of the next place
        }
      },
      onError,
    });
  }

  /** Takes up what the companion before this one left: its jobs that are not over, and folders to be removed. Called once, first. */
  async restore(): Promise<void> {
    await this.#runner.restore();
    await this.tidy();
    this.#runner.startNext();
  }

  /** See `JobFolders`. */
  tidy(): Promise<void> {
    return this.#folders.tidy();
  }

  reserve(): Promise<JobId> {
    return this.#folders.reserve();
  }

  discard(id: JobId): Promise<void> {
    return this.#folders.discard(id);
  }

  async submit(job: NewJob): Promise<Job> {
    const { ledger, drawer, now = Date.now } = this.#options;
    await drawer.requireModel(job.submission.request);
    await this.#commits.write(() => ledger.accept(job, now()));
    this.#folders.accepted(job.id);
    const accepted = this.#asItIsNow(ledger.get(job.id));
    this.#runner.startNext();
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
      const isOver = !isActive(job);
      return { events, isOver, present: isOver ? undefined : this.#present(job) };
    };
    return this.#feed.follow(id, past, signal);
  }

  async cancel(id: JobId): Promise<Job> {
    if (isActive(this.#options.ledger.get(id))) await this.#runner.cancel(id);
    this.#announcePlaces();
    return this.get(id);
  }

  async noteFetched(id: JobId): Promise<void> {
    await this.#commits.write(() => this.#options.ledger.noteFetched(id));
  }

  async acknowledge(id: JobId): Promise<Job> {
    const { ledger } = this.#options;
    if (isActive(ledger.get(id)))
      throw new OverpaintError("invalid-request", "The job is not over yet.", "Cancel it or wait for its end.");
    await this.#commits.write(() => ledger.acknowledge(id));
    await this.#folders.remove(id);
    return ledger.get(id);
  }

  async close(): Promise<void> {
    if (this.#isClosing) return;
    this.#isClosing = true;
    await this.#runner.close();
    this.#options.ledger.close();
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
    const reason = this.#runner.reasonOf(id);
    return reason === undefined ? event : { ...event, reason };
  }

  #asItIsNow(job: Job): Job {
    if (!isActive(job)) return job;
    const spent = this.#options.stepTimes.estimate(editKind(job.request, job.source));
    const drawingMs = spent && spent * job.request.count;
    return { ...job, lastEvent: this.#present(job) ?? job.lastEvent, ...(drawingMs && { drawingMs }) };
  }
}

function isActive({ state }: Job): boolean {
  return state === "queued" || state === "running";
}
