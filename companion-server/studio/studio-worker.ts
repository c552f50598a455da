import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { type Job, Worker } from "bullmq";
import type { Redis } from "ioredis";
import type { JobDrawer } from "../jobs/job-drawer.ts";
import { canDraw, placed } from "./drawing-needs.ts";
import type { PictureCarrier } from "./pictures/picture-carrier.ts";
import { readQueues, tidyQueue } from "./studio-line.ts";
import { PREFIX, type StudioLink } from "./studio-link.ts";
import { type Announcement, channels, type Dispatch, dispatchSchema } from "./studio-messages.ts";
import { type DrawingFolders, TakenJob } from "./taken-job.ts";
import { WorkerBoard } from "./worker-board.ts";

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
  /** Told of what goes wrong and is tried again. */
  readonly onError?: (error: unknown) => void;
}

/** A connection that is lost for ten seconds costs nobody a job; a machine that is gone is noticed in well under a minute. */
const HEARTBEAT_MS = 6_000;
const MISSED_HEARTBEATS = 5;
/** How long a call that there is work may go unheard. */
const POLL_MS = 2_000;
/** BullMQ's own count of jobs that came back is read by us, not by it. */
const ANY_NUMBER = 1_000_000;
/** Nothing draws here now (a driver that fails at once): let others have it meanwhile. */
const PAUSE_MS = 5_000;

type Line = Worker<Dispatch>;

/** Draws the jobs of a studio's companions on this machine, as many at once as its drawer takes. */
export class StudioWorker {
  readonly #options: StudioWorkerOptions;
  readonly #id = randomBytes(8).toString("hex");
  readonly #redis: Redis;
  readonly #board: WorkerBoard;
  readonly #heartbeat: number;
  readonly #onError: (error: unknown) => void;
  readonly #lines = new Map<string, Line>();
  readonly #taken = new Map<string, TakenJob>();
  readonly #ended = new AbortController();
  #offers: Announcement["offers"] = {};
  /** Whether there may be work that was not looked for yet. */
  #isCalled = false;
  #wake = () => {};
  #running: Promise<unknown> | undefined;
  #isStopping = false;
  #stopping: Promise<void> | undefined;

  constructor(options: StudioWorkerOptions) {
    this.#options = options;
    this.#redis = options.link.redis;
    this.#board = new WorkerBoard(this.#redis);
    this.#heartbeat = options.heartbeat ?? HEARTBEAT_MS;
    this.#onError = options.onError ?? (() => {});
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

  /** Finishes the variants that are being drawn, gives the rest back and leaves. */
  async stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    await this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#isStopping = true;
    for (const job of this.#taken.values()) job.giveBackSoon();
    this.#call();
    await Promise.all([...this.#taken.values()].map((job) => job.over));
    this.#ended.abort();
    await this.#running;
    await this.#board.withdraw(this.#id);
    await Promise.all([...this.#lines.values()].map((line) => line.close()));
    for (const name of this.#lines.keys()) await tidyQueue(this.#redis, name);
    await this.#options.drawer.close();
  }

  async #announce(): Promise<void> {
    const described = await this.#options.describe();
    const pictures = this.#options.pictures.place;
    this.#offers = placed(described.offers, pictures);
    await this.#board.announce({ ...described, id: this.#id, pictures }, this.#heartbeat * MISSED_HEARTBEATS);
  }

  async #keepAnnouncing(): Promise<void> {
    while (await this.#pause(this.#heartbeat)) await this.#announce().catch(this.#onError);
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
    await this.#followLines();
    for (const [name, line] of await this.#byUrgency()) {
      const token = randomBytes(8).toString("hex");
      const job: Job<Dispatch> | undefined = await line.getNextJob(token, { block: false });
      if (job === undefined) continue;
      const dispatch = dispatchSchema.safeParse(job.data).data;
      if (dispatch === undefined || dispatch.id !== job.id) await this.#throwAway(job, token, name);
      else this.#start(job, dispatch, token, name);
      return true;
    }
    return false;
  }

  async #throwAway(job: Job<Dispatch>, token: string, name: string): Promise<void> {
    this.#onError(new Error("A job that no companion sends was thrown away."));
    await job.moveToCompleted(null, token, false);
    await job.remove();
    await tidyQueue(this.#redis, name);
  }

  #start(job: Job<Dispatch>, dispatch: Dispatch, token: string, name: string): void {
    const { drawer, folders, pictures } = this.#options;
    const lease = { heartbeat: this.#heartbeat, life: this.#heartbeat * MISSED_HEARTBEATS };
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
      lease,
      after: before?.over,
    });
    this.#taken.set(taken.id, taken);
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

  /** Opens the queues whose jobs this machine can draw, for taking and for finding what dead workers held; closes the others. */
  async #followLines(): Promise<void> {
    const queues = await readQueues(this.#redis);
    for (const [name, needs] of queues)
      if (canDraw(needs, this.#offers) && !this.#lines.has(name)) this.#lines.set(name, await this.#open(name));
    for (const [name, line] of this.#lines) {
      const needs = queues.get(name);
      if (needs !== undefined && canDraw(needs, this.#offers)) continue;
      const isBusy = [...this.#taken.values()].some((job) => job.queueName === name);
      if (isBusy) continue;
      this.#lines.delete(name);
      await line.close();
      await tidyQueue(this.#redis, name);
    }
  }

  async #open(name: string): Promise<Line> {
    const line: Line = new Worker<Dispatch>(name, null, {
      connection: this.#redis,
      prefix: PREFIX,
      autorun: false,
      lockDuration: this.#heartbeat * MISSED_HEARTBEATS,
      stalledInterval: this.#heartbeat,
      maxStalledCount: ANY_NUMBER,
    });
    line.on("error", this.#onError);
    line.on("stalled", () => this.#call());
    await line.startStalledCheckTimer();
    return line;
  }

  /** What came back from a dead worker first, then by priority. */
  async #byUrgency(): Promise<readonly (readonly [string, Line])[]> {
    const lines = [...this.#lines];
    const pipeline = this.#redis.pipeline();
    for (const [name] of lines)
      pipeline.llen(`${PREFIX}:${name}:wait`).zrange(`${PREFIX}:${name}:prioritized`, "0", "0", "WITHSCORES");
    const answers = (await pipeline.exec()) ?? [];
    return lines
      .map((line, index) => {
        const isBack = Number(answers[2 * index]?.[1]) > 0;
        const [, score] = (answers[2 * index + 1]?.[1] ?? []) as readonly string[];
        return { line, urgency: isBack ? 0 : Number(score ?? Number.POSITIVE_INFINITY) };
      })
      .filter(({ urgency }) => urgency !== Number.POSITIVE_INFINITY)
      .sort((a, b) => a.urgency - b.urgency)
      .map(({ line }) => line);
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
