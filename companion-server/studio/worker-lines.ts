import { randomBytes } from "node:crypto";
import { type Job, Worker } from "bullmq";
import type { Redis } from "ioredis";
import { canDraw, type Offers } from "./drawing-needs.ts";
import { readQueues, tidyQueue } from "./studio-line.ts";
import { PREFIX } from "./studio-link.ts";
import { type Dispatch, dispatchSchema } from "./studio-messages.ts";

export interface WorkerLinesOptions {
  readonly redis: Redis;
  /** How long a job stays whose it is after each heartbeat, in milliseconds. */
  readonly lease: { readonly heartbeat: number; readonly life: number };
  /** Told that there may be work. */
  readonly onCall: () => void;
  /** Told of what goes wrong and is tried again. */
  readonly onError: (error: unknown) => void;
}

/** A job that is this machine's from now on. */
export interface Taking {
  readonly job: Job<Dispatch>;
  /** What it says, read. */
  readonly dispatch: Dispatch;
  /** Says that it is ours. */
  readonly token: string;
  /** Of its queue. */
  readonly name: string;
}

/** BullMQ's own count of jobs that came back is read by us, not by it. */
const ANY_NUMBER = 1_000_000;

type Line = Worker<Dispatch>;

/** The queues whose jobs one machine can draw. */
export class WorkerLines {
  readonly #options: WorkerLinesOptions;
  readonly #redis: Redis;
  readonly #lines = new Map<string, Line>();

  constructor(options: WorkerLinesOptions) {
    this.#options = options;
    this.#redis = options.redis;
  }

  /**
   * Opens the queues whose jobs can be drawn with these offers, for taking and for finding what dead workers held, and closes the
   * others but those of which something is being drawn.
   */
  async follow(offers: Offers, isBusy: (name: string) => boolean): Promise<void> {
    const queues = await readQueues(this.#redis);
    for (const [name, needs] of queues)
      if (canDraw(needs, offers) && !this.#lines.has(name)) this.#lines.set(name, await this.#open(name));
    for (const [name, line] of this.#lines) {
      const needs = queues.get(name);
      if ((needs !== undefined && canDraw(needs, offers)) || isBusy(name)) continue;
      this.#lines.delete(name);
      await line.close();
      await tidyQueue(this.#redis, name);
    }
  }

  /** Takes the most urgent job; undefined when there is none. One that no companion sends is thrown away, and the next looked for. */
  async take(): Promise<Taking | undefined> {
    for (const [name, line] of await this.#byUrgency()) {
      const token = randomBytes(8).toString("hex");
      const job: Job<Dispatch> | undefined = await line.getNextJob(token, { block: false });
      if (job === undefined) continue;
      const dispatch = dispatchSchema.safeParse(job.data).data;
      if (dispatch !== undefined && dispatch.id === job.id) return { job, dispatch, token, name };
      await this.#throwAway(job, token, name);
      return await this.take();
    }
    return undefined;
  }

  /** By force: BullMQ draws none of their jobs, and waits for a Redis that is away otherwise. */
  async close(): Promise<void> {
    await Promise.all([...this.#lines.values()].map((line) => line.close(true)));
  }

  /** Removes what is empty. */
  async tidy(): Promise<void> {
    for (const name of this.#lines.keys()) await tidyQueue(this.#redis, name);
  }

  async #throwAway(job: Job<Dispatch>, token: string, name: string): Promise<void> {
    this.#options.onError(new Error("A job that no companion sends was thrown away."));
    await job.moveToCompleted(null, token, false);
    await job.remove();
    await tidyQueue(this.#redis, name);
  }

  async #open(name: string): Promise<Line> {
    const { lease, onCall, onError } = this.#options;
    const line: Line = new Worker<Dispatch>(name, null, {
      connection: this.#redis,
      prefix: PREFIX,
      autorun: false,
      lockDuration: lease.life,
      stalledInterval: lease.heartbeat,
      maxStalledCount: ANY_NUMBER,
    });
    line.on("error", onError);
    line.on("stalled", onCall);
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
}
