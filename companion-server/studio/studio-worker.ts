import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Redis } from "ioredis";
import type { JobDrawer } from "../jobs/job-drawer.ts";
import { placed } from "./drawing-needs.ts";
import type { DrawingFolders } from "./job-report.ts";
import type { PictureCarrier } from "./pictures/picture-carrier.ts";
import { tidyQueue } from "./studio-line.ts";
import type { StudioLink } from "./studio-link.ts";
import { type Announcement, channels } from "./studio-messages.ts";
import { type LeftJob, TakenJob } from "./taken-job.ts";
import { WorkerBoard } from "./worker-board.ts";
import { type Taking, WorkerLines } from "./worker-lines.ts";

export interface StudioWorkerOptions {
  readonly link: StudioLink;
  /** Belongs to the worker, which closes it. */
  readonly drawer: JobDrawer;
  readonly folders: DrawingFolders;
  readonly pictures: PictureCarrier;
  /** What this machine can draw now. */
  readonly describe: () => Promise<Omit<Announcement, "id" | "pictures">>;
  /** Milliseconds between two signs of life. Whoever misses five is given up. */
  readonly heartbeat?: number;
  /** Milliseconds for which it tries to hand over what it has when it is stopped. */
  readonly handover?: number;
  /** Told of what goes wrong and is tried again. */
  readonly onError?: (error: unknown) => void;
}

/** A connection that is lost for ten seconds costs nobody a job; a machine that is gone is noticed in well under a minute. */
const HEARTBEAT_MS = 6_000;
const MISSED_HEARTBEATS = 5;
/** How long a call that there is work may go unheard. */
const POLL_MS = 2_000;
/** Nothing draws here now (a driver that fails at once): let others have it meanwhile. */
const PAUSE_MS = 5_000;
/** A Redis or a store that starts again is waited for, and less than what stops a worker waits before it kills. */
const HANDOVER_MS = 20_000;

/** Draws the jobs of a studio's companions on this machine, as many at once as its drawer takes. */
export class StudioWorker {
  readonly #options: StudioWorkerOptions;
  readonly #id = randomBytes(8).toString("hex");
  readonly #redis: Redis;
  readonly #board: WorkerBoard;
  readonly #lease: { readonly heartbeat: number; readonly life: number };
  readonly #onError: (error: unknown) => void;
  readonly #lines: WorkerLines;
  readonly #taken = new Map<string, TakenJob>();
  readonly #ended = new AbortController();
  #offers: Announcement["offers"] = {};
  /** Whether there may be work that was not looked for yet. */
  #isCalled = false;
  #wake = () => {};
  #running: Promise<unknown> | undefined;
  #isStopping = false;
  #stopping: Promise<readonly LeftJob[]> | undefined;

  constructor(options: StudioWorkerOptions) {
    this.#options = options;
    this.#redis = options.link.redis;
    this.#board = new WorkerBoard(this.#redis);
    const { heartbeat = HEARTBEAT_MS, onError = () => {} } = options;
    this.#lease = { heartbeat, life: heartbeat * MISSED_HEARTBEATS };
    this.#onError = onError;
    this.#lines = new WorkerLines({ redis: this.#redis, lease: this.#lease, onCall: () => this.#call(), onError });
  }

  /** Announces this machine and takes jobs until it is stopped. */
  async start(): Promise<void> {
    const listener = this.#options.link.connect();
    listener.on("message", (channel, message) => {
      if (channel === channels.cancel) this.#taken.get(message)?.cancel();
      else this.#call();
    });
    await listener.subscribe(channels.work, channels.cancel);
    await this.#announce();
    this.#running = Promise.all([this.#keepAnnouncing(), this.#takeTurns()]);
  }

  /**
   * Finishes the variants that are being drawn, gives the rest back and leaves, though Redis or the pictures' store be away: answers
   * what it could not hand over then.
   */
  stop(): Promise<readonly LeftJob[]> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<readonly LeftJob[]> {
    this.#isStopping = true;
    const taken = [...this.#taken.values()];
    for (const job of taken) job.giveBackSoon();
    this.#call();
    await Promise.all(taken.map((job) => job.drawn));
    const hasLeft = new AbortController();
    const leaving = this.#leave()
      .catch(this.#onError)
      .finally(() => hasLeft.abort());
    const late = delay(this.#options.handover ?? HANDOVER_MS, undefined, { signal: hasLeft.signal }).catch(() => {});
    await Promise.race([leaving, late]);
    this.#ended.abort();
    await this.#lines.close();
    await this.#options.drawer.close();
    return [...this.#taken.values()].flatMap((job) => job.left ?? []);
  }

  /** Hands over what was drawn and what was not, and takes leave: once Redis and the store are there. */
  async #leave(): Promise<void> {
    const untilOver = () => Promise.all([...this.#taken.values()].map((job) => job.over));
    await untilOver();
    this.#ended.abort();
    await this.#running;
    await untilOver(); // one may have been taken as the stop came
    await this.#board.withdraw(this.#id);
    await this.#lines.close();
    await this.#lines.tidy();
  }

  async #announce(): Promise<void> {
    const described = await this.#options.describe();
    const pictures = this.#options.pictures.place;
    this.#offers = placed(described.offers, pictures);
    await this.#board.announce({ ...described, id: this.#id, pictures }, this.#lease.life);
  }

  async #keepAnnouncing(): Promise<void> {
    while (await this.#pause(this.#lease.heartbeat)) await this.#announce().catch(this.#onError);
  }

  async #takeTurns(): Promise<void> {
    while (!this.#isStopping) {
      this.#isCalled = false;
      try {
        if (this.#taken.size < this.#options.drawer.capacity && (await this.#takeNext())) continue;
      } catch (error) {
        this.#onError(error);
      }
      await this.#untilCalled(POLL_MS);
    }
  }

  /** Takes the most urgent job that this machine can draw. False when there is none. */
  async #takeNext(): Promise<boolean> {
    await this.#lines.follow(this.#offers, (name) => [...this.#taken.values()].some((job) => job.queueName === name));
    const taking = await this.#lines.take();
    if (taking) this.#start(taking);
    return taking !== undefined;
  }

  #start({ job, dispatch, token, name }: Taking): void {
    const { drawer, folders, pictures } = this.#options;
    // A machine that stood still for too long may be given its own job again before it has noticed.
    const before = job.id === undefined ? undefined : this.#taken.get(job.id);
    before?.lose();
    const taken = new TakenJob({
      job,
      dispatch,
      token,
      redis: this.#redis,
      drawer,
      folders,
      pictures,
      lease: this.#lease,
      after: before?.over,
    });
    this.#taken.set(taken.id, taken);
    if (this.#isStopping) taken.giveBackSoon();
    void taken
      .run()
      .then((outcome) => (outcome === "cannot-now" ? this.#pause(PAUSE_MS) : undefined))
      .catch(this.#onError)
      .finally(() => {
        if (this.#taken.get(taken.id) === taken) this.#taken.delete(taken.id);
        this.#call();
        // Nothing waits for it, and a queue that is used again meanwhile stays.
        void tidyQueue(this.#redis, name).catch(this.#onError);
      });
  }

  #call(): void {
    this.#isCalled = true;
    this.#wake();
  }

  #untilCalled(limit: number): Promise<void> {
    if (this.#isCalled) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(done, limit);
      function done() {
        clearTimeout(timer);
        resolve();
      }
      this.#wake = done;
    });
  }

  /** False when the worker ended meanwhile. */
  #pause(milliseconds: number): Promise<boolean> {
    return delay(milliseconds, true, { signal: this.#ended.signal }).catch(() => false);
  }
}
