import type { Redis } from "ioredis";
import { type JobId, jobIdSchema } from "../../shared/protocol/api.ts";
import type { Artifacts } from "../jobs/artifacts.ts";
import type { DrawOrder } from "../jobs/job-drawer.ts";
import { type Offers, queueName } from "./drawing-needs.ts";
import { type PictureCarrier, pictureNames } from "./pictures/picture-carrier.ts";
import { StudioLine, tidyQueue } from "./studio-line.ts";
import { channels, type Dispatch, keys } from "./studio-messages.ts";

export interface SentJobsOptions {
  readonly redis: Redis;
  /** Of this companion among those that share a Redis. */
  readonly companion: string;
  readonly artifacts: Pick<Artifacts, "partFile">;
  readonly pictures: PictureCarrier;
}

/** Where a job was put, as far as Redis remembers. */
export interface JobPlace {
  readonly queue: string;
  /** Whether it is in the queue still, waiting or drawn. */
  readonly isThere: boolean;
  /** Whether workers find the queue: not where this companion ended just as it put the job there. */
  readonly isListed: boolean;
}

/** Pictures of a job that nobody takes: they are sent again when somebody does. */
const PICTURE_LIFE_MS = 24 * 60 * 60_000;
/** How long a worker that was cut off still finds out that nobody wants its job. */
const CANCELLED_LIFE_MS = 60 * 60_000;

/** One companion's jobs in Redis: their pictures, the queue that each was put into, and what is taken back. */
export class SentJobs {
  readonly #options: SentJobsOptions;
  readonly #redis: Redis;
  readonly #line: StudioLine;
  readonly #places: string;

  constructor(options: SentJobsOptions) {
    this.#options = options;
    this.#redis = options.redis;
    this.#line = new StudioLine(options.redis);
    this.#places = keys.places(options.companion);
  }

  /** Puts a job, with its pictures, into the queue of what it needs. */
  async send({ id, request, parts, due }: DrawOrder, variants: Iterable<number>, needs: Offers): Promise<void> {
    const { artifacts, pictures, companion } = this.#options;
    const sent: Dispatch["pictures"] = {};
    for (const part of parts)
      sent[part] = await pictures.send(pictureNames.part(id, part), artifacts.partFile(id, part), PICTURE_LIFE_MS);
    await this.#redis.hset(this.#places, id, queueName(needs));
    const dispatch = { id, companion, request, due, pictures: sent, variants: [...variants] };
    await this.#line.add(dispatch, needs, priorityOf(due));
  }

  /** Where each of the jobs is; undefined for what was not sent. */
  async placesOf(ids: readonly JobId[]): Promise<readonly (JobPlace | undefined)[]> {
    const queues = await this.#redis.hmget(this.#places, ...ids);
    const present = await this.#line.present(ids.map((id, index) => [id, queues[index] ?? ""]));
    return ids.map((id, index) => {
      const queue = queues[index];
      return queue ? { queue, isThere: present.has(id), isListed: present.get(id) ?? false } : undefined;
    });
  }

  /** All jobs that were sent and not forgotten. */
  async ids(): Promise<readonly JobId[]> {
    return (await this.#redis.hkeys(this.#places)).flatMap((text) => jobIdSchema.safeParse(text).data ?? []);
  }

  /** Takes a job out of a queue. False while a worker holds it. */
  remove(queue: string, id: JobId): Promise<boolean> {
    return this.#line.remove(queue, id);
  }

  /** The job counts as not sent. */
  async unplace(id: JobId): Promise<void> {
    await this.#redis.hdel(this.#places, id);
  }

  /** Takes a job out of its queue, or tells the worker that holds it that nobody wants it. Answers which. */
  async withdraw(id: JobId): Promise<boolean> {
    const queue = await this.#redis.hget(this.#places, id);
    if (queue === null) return true;
    if (await this.#line.remove(queue, id)) {
      await tidyQueue(this.#redis, queue);
      return true;
    }
    await this.#redis.set(keys.cancelled(id), "", "PX", CANCELLED_LIFE_MS);
    await this.#redis.publish(channels.cancel, id);
    return false;
  }

  /** Leaves nothing of a job in Redis. A worker that still holds it takes its own part away. */
  async forget(id: JobId, hasEnded = false): Promise<void> {
    if (hasEnded || (await this.withdraw(id))) await this.#redis.del(keys.cancelled(id));
    await this.#options.pictures.remove(pictureNames.all(id));
    await this.unplace(id);
  }

  close(): Promise<void> {
    return this.#line.close();
  }
}

/** BullMQ's priorities end at 2^21: times in units of 15 s have a year in that, after which they begin anew. */
const PRIORITY_UNIT_MS = 15_000;
const PRIORITIES = 2 ** 21;

/** What is due earlier comes first. `due` in milliseconds since 1970. */
function priorityOf(due: number): number {
  return 1 + (Math.floor(due / PRIORITY_UNIT_MS) % PRIORITIES);
}
