import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { dirname } from "node:path";
import { Queue } from "bullmq";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { newJobId } from "../../../companion-server/jobs/job-queue.ts";
import { queueName } from "../../../companion-server/studio/drawing-needs.ts";
import { channels, type Dispatch, keys } from "../../../companion-server/studio/studio-messages.ts";
import { type TestRedis, testRedis } from "../../support/redis.ts";
import { leftIn, type TestStudio, testStudio, testWorker, until } from "../support/test-studio.ts";

// Whoever reaches the Redis can write there.

let redis: TestRedis;
beforeEach(async () => {
  redis = await testRedis();
});
afterEach(() => redis[Symbol.asyncDispose]());

const OUTSIDE = "../../../outside";

/** Everything in the folder that the companion's own lies in. */
async function filesAround({ artifacts }: TestStudio): Promise<readonly string[]> {
  return await readdir(dirname(dirname(artifacts.folder(newJobId()))), { recursive: true });
}

describe("a companion", () => {
  const result = { type: "result", result: {}, picture: { name: OUTSIDE, bytes: 1, sha256: "0".repeat(64) } };

  test.each([
    ["steps that are none", (studio: TestStudio) => studio.link.redis.publish(channels.steps("here"), "{no JSON")],
    ["a step of no job", (studio: TestStudio) => studio.link.redis.publish(channels.steps("here"), '{"id":"../.."}')],
    ["news that are none", (studio: TestStudio) => tell(studio, newJobId(), "{no JSON")],
    ["news without fields", (studio: TestStudio) => studio.link.redis.xadd(keys.news("here"), "*", "a", "b")],
    ["news of a job elsewhere", (studio: TestStudio) => tell(studio, OUTSIDE, '{"type":"finished"}')],
    ["a result that lies elsewhere", (studio: TestStudio) => tell(studio, newJobId(), JSON.stringify(result))],
    ["a worker that is none", (studio: TestStudio) => announce(studio, "{no JSON")],
    ["a worker without models", (studio: TestStudio) => announce(studio, '{"id":"forged"}')],
  ])("goes on after %s", async (_what, forge) => {
    await using studio = await testStudio(redis.url);
    await forge(studio);
    await using _worker = await testWorker(redis.url);
    const { order, over } = await studio.draw();
    await studio.drawer.requireModel(order.request);
    await over;
    const files = await filesAround(studio);
    expect(files.filter((file) => file !== "jobs" && !file.includes(order.id))).toEqual([]);
    await until(async () => (await studio.link.redis.xlen(keys.news("here"))) === 0);
  });

  test("takes nothing for a variant that it did not ask for", async () => {
    await using studio = await testStudio(redis.url);
    await using _worker = await testWorker(redis.url, { stepTime: 300 });
    const { order, over } = await studio.draw();
    await until(() => (studio.events.get(order.id) ?? []).some(({ type }) => type === "started"));
    const name = `${order.id}:result-7`;
    const bytes = Buffer.from("forged");
    await studio.link.redis.rpush(`overpaint:1:picture:${name}`, bytes);
    const picture = { name, bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
    await tell(studio, order.id, JSON.stringify({ ...result, picture }));
    await over;
    expect(await readdir(studio.artifacts.resultsFolder(order.id))).toEqual(["0.png"]);
  });
});

describe("a worker", () => {
  const needs = { starter: "a", "redis:": "pictures" };
  const name = queueName(needs);

  test.each([
    ["a queue whose needs are none", "draw-forged", "{no JSON"],
    ["a queue of another name than its needs", "draw-forged", JSON.stringify(needs)],
    ["a queue whose name BullMQ refuses", "draw:forged", JSON.stringify(needs)],
  ])("goes on after %s", async (_what, queue, text) => {
    await using studio = await testStudio(redis.url);
    await studio.link.redis.hset(keys.queues, queue, text);
    await using _worker = await testWorker(redis.url);
    await (await studio.draw()).over;
  });

  test.each<[string, (honest: Dispatch) => object]>([
    ["in another folder", (honest) => ({ ...honest, id: OUTSIDE })],
    ["of another name", (honest) => ({ ...honest, id: newJobId() })],
    [
      "with a picture that lies elsewhere",
      (honest) => ({
        ...honest,
        pictures: { image: { name: OUTSIDE, bytes: 1, sha256: "0".repeat(64) } },
      }),
    ],
    [
      "of variants without end",
      (honest) => ({ ...honest, variants: Array.from({ length: 10_000 }, (_, index) => index) }),
    ],
    ["of variants that nobody can ask for", (honest) => ({ ...honest, variants: [1e9] })],
    ["for a companion whose name leads elsewhere", (honest) => ({ ...honest, companion: "here:more" })],
    ["of a size without end", (honest) => ({ ...honest, request: { ...honest.request, width: 1e9 } })],
    ["that is empty", () => ({})],
  ])("throws away a job %s, and goes on", async (_what, forge) => {
    await using studio = await testStudio(redis.url);
    const line = new Queue(name, { connection: studio.link.redis, prefix: "overpaint:1", skipMetasUpdate: true });
    const id = newJobId();
    const waiting = await studio.draw();
    const honest: Dispatch = {
      id,
      companion: "here",
      request: waiting.order.request,
      due: 0,
      pictures: {},
      variants: [0],
    };
    await line.add("draw", forge(honest), { jobId: id, priority: 1, removeOnComplete: true });
    await studio.link.redis.hset(keys.queues, name, JSON.stringify(needs));
    await using worker = await testWorker(redis.url);
    await waiting.over;
    await until(async () => (await leftIn(studio)).length === 0);
    expect(worker.drawer.begun).toEqual([`${waiting.order.id} 0`]);
    await line.close();
  });
});

async function tell({ link }: TestStudio, id: string, news: string): Promise<void> {
  await link.redis.xadd(keys.news("here"), "*", "id", id, "news", news);
}

async function announce({ link }: TestStudio, text: string): Promise<void> {
  await link.redis.multi().set(keys.worker("forged"), text).sadd(keys.workers, "forged").exec();
}
