import { Queue } from "bullmq";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { newJobId } from "../../../companion-server/jobs/job-queue.ts";
import { parseSubmission } from "../../../companion-server/requests/parse-submission.ts";
import { queueName } from "../../../companion-server/studio/drawing-needs.ts";
import { parseRedisAddress } from "../../../companion-server/studio/redis-address.ts";
import { readQueues, StudioLine, tidyQueue } from "../../../companion-server/studio/studio-line.ts";
import { StudioLink } from "../../../companion-server/studio/studio-link.ts";
import type { Dispatch } from "../../../companion-server/studio/studio-messages.ts";
import { type TestRedis, testRedis } from "../../support/redis.ts";

let redis: TestRedis;
let link: StudioLink;
beforeEach(async () => {
  redis = await testRedis();
  link = new StudioLink(parseRedisAddress(redis.url));
});
afterEach(async () => {
  vi.restoreAllMocks();
  link.close();
  await redis[Symbol.asyncDispose]();
});

const needs = { starter: "a" };
const name = queueName(needs);

function dispatch(): Dispatch {
  const { request } = parseSubmission(JSON.stringify({ request: { task: "create", width: 16, height: 16 } }));
  return { id: newJobId(), companion: "here", request, due: 0, pictures: {}, variants: [0] };
}

test("a worker that tidies an empty queue just as a job comes leaves it where workers find it", async () => {
  const line = new StudioLine(link.redis);
  const { add } = Queue.prototype;
  vi.spyOn(Queue.prototype, "add").mockImplementation(async function (this: Queue, ...job: Parameters<Queue["add"]>) {
    await tidyQueue(link.redis, name);
    const added = await add.apply(this, job);
    await tidyQueue(link.redis, name);
    return added;
  });
  await line.add(dispatch(), needs, 1);
  expect(await readQueues(link.redis)).toEqual(new Map([[name, needs]]));
  await line.close();
});

test("a queue whose only job was drawn before it was listed is not listed", async () => {
  const line = new StudioLine(link.redis);
  const { add } = Queue.prototype;
  vi.spyOn(Queue.prototype, "add").mockImplementation(async function (this: Queue, ...job: Parameters<Queue["add"]>) {
    const added = await add.apply(this, job);
    await added.remove();
    await tidyQueue(link.redis, name);
    return added;
  });
  await line.add(dispatch(), needs, 1);
  expect(await readQueues(link.redis)).toEqual(new Map());
  await line.close();
});
