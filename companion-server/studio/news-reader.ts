import { setTimeout as delay } from "node:timers/promises";
import type { Redis } from "ioredis";
import { type JobId, jobIdSchema } from "../../shared/protocol/api.ts";
import type { StudioLink } from "./studio-link.ts";
import { channels, keys, type News, newsSchema, type StudioStep, stepSchema } from "./studio-messages.ts";

export interface NewsReaderOptions {
  readonly link: StudioLink;
  readonly companion: string;
  /** Answers whether the job is known; if so, what was told of it is kept and need not be told again. News of one job come one by one. */
  readonly onNews: (id: JobId, news: News) => Promise<boolean>;
  readonly onStep: (step: StudioStep) => void;
  readonly onError: (error: unknown) => void;
}

interface Entry {
  readonly id: JobId;
  readonly news: News;
}

const COUNT = 100;
const BLOCK_MS = 5_000;
const RETRY_MS = 500;

/** Reads what workers tell of one companion's jobs, and deletes what was kept. */
export class NewsReader {
  readonly #options: NewsReaderOptions;
  readonly #redis: Redis;
  readonly #key: string;
  /** The last promise of each job that something is told of. */
  readonly #chains = new Map<JobId, Promise<void>>();
  /** By the entry's id: what is being told, or waits for somebody who knows the job. */
  readonly #open = new Map<string, Entry & { readonly since: number }>();
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
    await Promise.all(this.#chains.values());
  }

  /** Tells again what came for a job before anyone knew it. */
  replay(id: JobId): void {
    for (const [entry, open] of this.#open) if (open.id === id && !this.#chains.has(id)) this.#tellLater(entry, open);
  }

  /** Jobs that nobody knew for so long. */
  strangers(life: number): readonly JobId[] {
    const now = performance.now();
    const old = [...this.#open.values()].filter(({ id, since }) => now - since >= life && !this.#chains.has(id));
    return [...new Set(old.map(({ id }) => id))];
  }

  async drop(id: JobId): Promise<void> {
    const entries = [...this.#open].filter(([, open]) => open.id === id).map(([entry]) => entry);
    if (entries.length > 0) await this.#redis.xdel(this.#key, ...entries);
    for (const entry of entries) this.#open.delete(entry);
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
      const step = stepSchema.safeParse(JSON.parse(message));
      if (step.success && !this.#isClosed) this.#options.onStep(step.data);
    });
    await connection.subscribe(channels.steps(this.#options.companion)).catch(this.#options.onError);
  }

  #take(entry: string, fields: readonly string[]): void {
    if (this.#open.has(entry) || this.#isClosed) return;
    const [, id, , news] = fields;
    const parsed = { id: jobIdSchema.parse(id), news: newsSchema.parse(JSON.parse(news ?? "")) };
    const open = { ...parsed, since: performance.now() };
    this.#open.set(entry, open);
    this.#tellLater(entry, open);
  }

  #tellLater(entry: string, { id, news }: Entry): void {
    const told = (this.#chains.get(id) ?? Promise.resolve())
      .then(() => this.#tell(entry, id, news))
      .catch(this.#options.onError)
      .finally(() => {
        if (this.#chains.get(id) === told) this.#chains.delete(id);
      });
    this.#chains.set(id, told);
  }

  async #tell(entry: string, id: JobId, news: News): Promise<void> {
    if (this.#isClosed || !(await this.#options.onNews(id, news))) return;
    await this.#redis.xdel(this.#key, entry);
    this.#open.delete(entry);
  }
}
