import type { Redis } from "ioredis";
import type { ModelSummary } from "../../shared/protocol/api.ts";
import { type Announcement, announcementSchema, keys, readMessage } from "./studio-messages.ts";

/** Where workers announce themselves, and companions read who is there. */
export class WorkerBoard {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** Holds for `life` milliseconds, unless it is said again. */
  async announce(announcement: Announcement, life: number): Promise<void> {
    const { id } = announcement;
    await this.#redis
      .multi()
      .set(keys.worker(id), JSON.stringify(announcement), "PX", life)
      .sadd(keys.workers, id)
      .exec();
  }

  async withdraw(id: string): Promise<void> {
    await this.#redis.multi().del(keys.worker(id)).srem(keys.workers, id).exec();
  }

  /** Those that are there, by name. */
  async read(): Promise<readonly Announcement[]> {
    const ids = await this.#redis.smembers(keys.workers);
    if (ids.length === 0) return [];
    const texts = await this.#redis.mget(ids.map(keys.worker));
    const gone = ids.filter((_, index) => texts[index] === null);
    if (gone.length > 0) await this.#redis.srem(keys.workers, ...gone);
    return texts
      .flatMap((text) => readMessage(announcementSchema, text) ?? [])
      .sort((a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id));
  }
}

/** Everything that any of the workers draws with; of two with the same id, one that can be read. */
export function unionOfModels(workers: readonly Announcement[]): readonly ModelSummary[] {
  const found = new Map<string, ModelSummary>();
  for (const model of workers.flatMap(({ models }) => models)) {
    const known = found.get(model.id);
    if (known === undefined || (known.error && !model.error)) found.set(model.id, model);
  }
  return [...found.values()].sort((a, b) => a.id.localeCompare(b.id));
}
