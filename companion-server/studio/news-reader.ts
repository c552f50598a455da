import { setTimeout as delay } from "node:timers/promises";
import type { Redis } from "ioredis";
import { type JobId, jobIdSchema } from "../../shared/protocol/api.ts";
import type { StudioLink } from "./studio-link.ts";
import { channels, keys, type News, newsSchema, readMessage, type StudioStep, stepSchema } from "./studio-messages.ts";

export interface NewsReaderOptions {
  readonly link: StudioLink;
  readonly companion: string;
  /**
   * Answers whether the news are kept and need not be told again; otherwise they, and those behind them, wait for `replay`. News of one
   * job come one by one, in order.
   */
  readonly onNews: (id: JobId, news: News) => Promise<boolean>;
  readonly onStep: (step: StudioStep) => void;
  readonly onError: (error: unknown) => void;
}

/** What came for one job and was not kept yet. */
interface Inbox {
  readonly id: JobId;
  /** When the first of it came, by a clock that never jumps. */
  readonly since: number;
  /** By the stream's ids, oldest first. */
  readonly entries: Map<string, News>;
  telling?: Promise<void> | undefined;
  /** Whether it is to be told again from the first on. */
  isAsked: boolean;
}

const COUNT = 100;
const BLOCK_MS = 5_000;
const RETRY_MS = 500;

/** Reads what workers tell of one companion's jobs, and deletes what was kept. */
export class NewsReader {
  readonly #options: NewsReaderOptions;
  readonly #redis: Redis;
  readonly #key: string;
  readonly #inboxes = new Map<JobId, Inbox>();
  #last = "0";
  #isClosed = false;

  constructor(options: NewsReaderOptions) {
    const { link, companion } = options;
    this.#options = options;
    this.#redis = link.redis;
    this.#key = keys.news(companion);
    void this.#follow(link.connect());
    void this.#listen(link.connect());
  }

  /** Reads what is there now; resolves when all of it was told. */
  async readAll(): Promise<void> {
    for (const [entry, fields] of await this.#redis.xrange(this.#key, "-", "+")) this.#take(entry, fields);
    await Promise.all([...this.#inboxes.values()].map(({ telling }) => telling));
  }

  /** Tells again what came for a job before anyone knew it. */
  replay(id: JobId): void {
    const inbox = this.#inboxes.get(id);
    if (inbox !== undefined) this.#tell(inbox);
  }

  /** Jobs that nobody knew for so long. */
  strangers(life: number): readonly JobId[] {
    const latest = performance.now() - life;
    return [...this.#inboxes.values()]
      .filter(({ since, telling }) => since <= latest && telling === undefined)
      .map(({ id }) => id);
  }

  async drop(id: JobId): Promise<void> {
    const entries = [...(this.#inboxes.get(id)?.entries.keys() ?? [])];
    if (entries.length > 0) await this.#redis.xdel(this.#key, ...entries);
    this.#inboxes.delete(id);
  }

  close(): void {
    this.#isClosed = true;
  }

  async #follow(connection: Redis): Promise<void> {
    // A Redis that lost its data, or whose clock was set back, numbers its entries anew.
    connection.on("ready", () => {
      this.#last = "0";
    });
    while (!this.#isClosed) {
      try {
        const answer = await connection.xread("COUNT", COUNT, "BLOCK", BLOCK_MS, "STREAMS", this.#key, this.#last);
        for (const [, entries] of answer ?? [])
          for (const [entry, fields] of entries) {
            this.#take(entry, fields);
            this.#last = entry;
          }
      } catch (error) {
        if (this.#isClosed) return;
        this.#options.onError(error);
        await delay(RETRY_MS);
      }
    }
  }

  async #listen(connection: Redis): Promise<void> {
    connection.on("message", (_channel, message) => {
      const step = readMessage(stepSchema, message);
      if (step !== undefined && !this.#isClosed) this.#options.onStep(step);
    });
    await connection.subscribe(channels.steps(this.#options.companion)).catch(this.#options.onError);
  }

  #take(entry: string, [, id, , text]: readonly string[]): void {
    if (this.#isClosed) return;
    const job = jobIdSchema.safeParse(id).data;
    const news = readMessage(newsSchema, text);
    if (job === undefined || news === undefined) {
      this.#options.onError(new Error("Something that no worker tells was among the news of jobs; it is left out."));
      this.#redis.xdel(this.#key, entry).catch(this.#options.onError);
      return;
    }
    const inbox = this.#inboxes.get(job) ?? { id: job, since: performance.now(), entries: new Map(), isAsked: false };
    inbox.entries.set(entry, news);
    this.#inboxes.set(job, inbox);
    this.#tell(inbox);
  }

  #tell(inbox: Inbox): void {
    inbox.isAsked = true;
    // Begun later, so that whoever is told and asks for it again meets the telling that goes on.
    inbox.telling ??= Promise.resolve()
      .then(() => this.#tellAll(inbox))
      .catch(this.#options.onError)
      .finally(() => {
        inbox.telling = undefined;
        if (inbox.entries.size === 0) this.#inboxes.delete(inbox.id);
        else if (inbox.isAsked) this.#tell(inbox);
      });
  }

  async #tellAll(inbox: Inbox): Promise<void> {
    inbox.isAsked = false;
    for (const [entry, news] of inbox.entries) {
      if (this.#isClosed || !(await this.#options.onNews(inbox.id, news))) return;
      await this.#redis.xdel(this.#key, entry);
      inbox.entries.delete(entry);
    }
  }
}
