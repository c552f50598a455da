import { Queue } from "bullmq";
import type { Redis } from "ioredis";
import { z } from "zod";
import { type Offers, queueName } from "./drawing-needs.ts";
import { PREFIX } from "./studio-link.ts";
import { channels, type Dispatch, keys, readMessage } from "./studio-messages.ts";

const needsSchema = z.record(z.string(), z.string());

/** The jobs that wait or are drawn: one BullMQ queue for each set of needs, so that workers take only what they can draw. */
export class StudioLine {
  readonly #redis: Redis;
  readonly #queues = new Map<string, Queue<Dispatch>>();

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** @param priority 1 to 2^21; less comes first */
  async add(dispatch: Dispatch, needs: Offers, priority: number): Promise<void> {
    const name = queueName(needs);
    await this.#queue(name).add("draw", dispatch, {
      jobId: dispatch.id,
      priority,
      removeOnComplete: true,
      removeOnFail: true,
    });
    // Listed before, it would count as empty; and it may be empty again by now.
    await this.#redis.eval(LIST, 2, keys.queues, jobKey(name, dispatch.id), name, JSON.stringify(needs));
    await this.#redis.publish(channels.work, name);
  }

  /** False while a worker holds it. */
  async remove(name: string, id: string): Promise<boolean> {
    return (await this.#queue(name).remove(id)) === 1;
  }

  /** Those of these jobs that are in the queue named beside them, and whether workers find that queue. */
  async present(placed: readonly (readonly [id: string, queue: string])[]): Promise<ReadonlyMap<string, boolean>> {
    const asked = placed.flatMap(([id, name]) => [
      ["exists", jobKey(name, id)],
      ["hexists", keys.queues, name],
    ]);
    const answers = (await this.#redis.pipeline(asked).exec()) ?? [];
    const isYes = (index: number) => answers[index]?.[1] === 1;
    return new Map(placed.flatMap(([id], index) => (isYes(2 * index) ? [[id, isYes(2 * index + 1)]] : [])));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#queues.values()].map((queue) => queue.close()));
  }

  #queue(name: string): Queue<Dispatch> {
    let queue = this.#queues.get(name);
    if (queue === undefined) {
      queue = new Queue<Dispatch>(name, { connection: this.#redis, prefix: PREFIX, skipMetasUpdate: true });
      queue.on("error", () => {}); // the link tells of lost connections; what is refused is thrown
      this.#queues.set(name, queue);
    }
    return queue;
  }
}

function jobKey(queue: string, id: string): string {
  return `${PREFIX}:${queue}:${id}`;
}

/** Names a queue for workers to find, if a job is in it still. */
const LIST = `
  if redis.call("EXISTS", KEYS[2]) == 1 then redis.call("HSET", KEYS[1], ARGV[1], ARGV[2]) end
`;

/** The queues there are, with what the jobs in each need. */
export async function readQueues(redis: Redis): Promise<ReadonlyMap<string, Offers>> {
  const queues = Object.entries(await redis.hgetall(keys.queues));
  return new Map(
    queues.flatMap(([name, text]) => {
      const needs = readMessage(needsSchema, text);
      return needs !== undefined && queueName(needs) === name ? [[name, needs]] : [];
    }),
  );
}

/** What BullMQ keeps of a queue beside the jobs in it. */
const BESIDE_JOBS = ["meta", "id", "pc", "events", "marker", "stalled", "stalled-check", "completed", "failed"];
const WITH_JOBS: readonly (readonly [name: string, size: "LLEN" | "ZCARD"])[] = [
  ["wait", "LLEN"],
  ["active", "LLEN"],
  ["paused", "LLEN"],
  ["prioritized", "ZCARD"],
  ["delayed", "ZCARD"],
];

/** One step, so that no job gets in between. */
const TIDY = `
  ${WITH_JOBS.map(([, size], index) => `if redis.call("${size}", KEYS[${index + 2}]) > 0 then return 0 end`).join("\n")}
  redis.call("HDEL", KEYS[1], ARGV[1])
  for index = ${WITH_JOBS.length + 2}, #KEYS do redis.call("DEL", KEYS[index]) end
  return 1
`;

/** Removes everything of a queue in which nothing waits and nothing is drawn. */
export async function tidyQueue(redis: Redis, name: string): Promise<void> {
  const ofQueue = [...WITH_JOBS.map(([part]) => part), ...BESIDE_JOBS].map((part) => `${PREFIX}:${name}:${part}`);
  await redis.eval(TIDY, 1 + ofQueue.length, keys.queues, ...ofQueue, name);
}
