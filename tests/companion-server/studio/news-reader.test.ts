import { afterEach, beforeEach, expect, test } from "vitest";
import { newJobId } from "../../../companion-server/jobs/job-queue.ts";
import { NewsReader } from "../../../companion-server/studio/news-reader.ts";
import { parseRedisAddress } from "../../../companion-server/studio/redis-address.ts";
import { StudioLink } from "../../../companion-server/studio/studio-link.ts";
import { keys, type News } from "../../../companion-server/studio/studio-messages.ts";
import { type TestRedis, testRedis } from "../../support/redis.ts";
import { until } from "../support/test-studio.ts";

let redis: TestRedis;
let link: StudioLink;
beforeEach(async () => {
  redis = await testRedis();
  link = new StudioLink(parseRedisAddress(redis.url));
});
afterEach(async () => {
  link.close();
  await redis[Symbol.asyncDispose]();
});

const companion = "here";
const id = newJobId();
const course: readonly News[] = [
  { type: "begun", device: "cpu" },
  { type: "started", device: "cuda", card: 1, model: "starter" },
  { type: "finished" },
];

async function send(...news: readonly News[]): Promise<void> {
  for (const one of news) await link.redis.xadd(keys.news(companion), "*", "id", id, "news", JSON.stringify(one));
}

function left(): Promise<number> {
  return link.redis.xlen(keys.news(companion));
}

test("all that came for a job before anyone knew it is told again, in order, and removed", async () => {
  const told: News[] = [];
  let isKnown = false;
  let asked = 0;
  const reader = new NewsReader({
    link,
    companion,
    onNews: async (_id, news) => {
      asked += 1;
      if (isKnown) told.push(news);
      return isKnown;
    },
    onStep: () => {},
    onError: () => {},
  });
  await send(...course);
  await until(() => asked > 0);
  await reader.readAll();
  isKnown = true;
  reader.replay(id);
  await reader.readAll();
  expect(told).toEqual(course);
  expect(await left()).toBe(0);
  reader.close();
});

test("a job that becomes known while the first news of it are told to nobody hears of those too", async () => {
  const told: News[] = [];
  let isKnown = false;
  const reader = new NewsReader({
    link,
    companion,
    onNews: async (_id, news) => {
      if (isKnown) {
        told.push(news);
        return true;
      }
      isKnown = true;
      reader.replay(id);
      return false;
    },
    onStep: () => {},
    onError: () => {},
  });
  await send(...course);
  await until(async () => (await left()) === 0);
  expect(told).toEqual(course);
  reader.close();
});

test("what was not heard to its end when the companion stops is there for the next", async () => {
  let hearing = 0;
  let hear = (_isKept: boolean) => {};
  const reader = new NewsReader({
    link,
    companion,
    onNews: () => {
      hearing += 1;
      return new Promise((resolve) => {
        hear = resolve;
      });
    },
    onStep: () => {},
    onError: () => {},
  });
  await send(...course);
  await until(() => hearing === 1);
  reader.close();
  hear(false);
  await reader.readAll();
  expect(await left()).toBe(3);
});
