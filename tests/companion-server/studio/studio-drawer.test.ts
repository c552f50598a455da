import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { CLOSING } from "../../../companion-server/jobs/job-drawer.ts";
import { newJobId } from "../../../companion-server/jobs/job-queue.ts";
import { RedisPictures } from "../../../companion-server/studio/pictures/redis-pictures.ts";
import { parseS3Address } from "../../../companion-server/studio/pictures/s3-address.ts";
import { S3Pictures } from "../../../companion-server/studio/pictures/s3-pictures.ts";
import { keys } from "../../../companion-server/studio/studio-messages.ts";
import { cableTo } from "../../support/cable.ts";
import { type TestRedis, testRedis } from "../../support/redis.ts";
import { testBucket } from "../../support/s3.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import {
  HEARTBEAT,
  leftIn,
  type PlacedOrder,
  type TestStudio,
  testStudio,
  testWorker,
  until,
} from "../support/test-studio.ts";

// Deaths are found out by missed heartbeats.
vi.setConfig({ testTimeout: 60_000 });

let redis: TestRedis;
beforeEach(async () => {
  redis = await testRedis();
});
afterEach(() => redis[Symbol.asyncDispose]());

function variantsTold(studio: TestStudio, { order }: PlacedOrder): readonly number[] {
  const events = studio.events.get(order.id) ?? [];
  return events.flatMap((event) => (event.type === "result" ? [event.result.variant] : []));
}

function isEmpty(studio: TestStudio): Promise<boolean> {
  return leftIn(studio).then((left) => left.length === 0);
}

test("a worker draws with the pictures it was sent, and nothing stays in Redis", async () => {
  await using studio = await testStudio(redis.url);
  await using worker = await testWorker(redis.url);
  // More than one chunk.
  const image = randomBytes(2_500_000);
  const { order, over } = await studio.draw({ image, request: { task: "restyle", count: 2 } });
  await over;
  const events = studio.events.get(order.id);
  expect(events?.find(({ type }) => type === "started")).toMatchObject({ model: worker.drawer.model });
  const types = events?.map(({ type }) => type);
  expect(types?.filter((type) => type !== "step")).toEqual(["begun", "started", "result", "result"]);
  for (const variant of [0, 1])
    expect(image.equals(await readFile(studio.artifacts.resultFile(order.id, variant)))).toBe(true);
  await until(() => isEmpty(studio));
});

test("pictures travel through a bucket where there is one, and nothing stays in it", async () => {
  await using bucket = await testBucket();
  const address = parseS3Address("s3://pictures", bucket.env);
  const [here, there] = [new S3Pictures({ address }), new S3Pictures({ address })];
  await using studio = await testStudio(redis.url, { pictures: here });
  await using _worker = await testWorker(redis.url, { pictures: there, stepTime: 200 });
  const image = randomBytes(100_000);
  const { order, over } = await studio.draw({ image, request: { task: "restyle", count: 2 } });
  await until(() => bucket.objects.size > 0);
  expect(await studio.link.redis.keys("*:picture:*")).toEqual([]);
  await over;
  for (const variant of [0, 1])
    expect(image.equals(await readFile(studio.artifacts.resultFile(order.id, variant)))).toBe(true);
  await until(async () => (await isEmpty(studio)) && bucket.objects.size === 0);
  here.close();
  there.close();
});

test("a companion stops while its pictures' store is away", async () => {
  await using bucket = await testBucket();
  const address = parseS3Address("s3://pictures", bucket.env);
  const [pictures, there] = [new S3Pictures({ address }), new S3Pictures({ address })];
  const studio = await testStudio(redis.url, { pictures });
  await using _worker = await testWorker(redis.url, { pictures: there });
  bucket.fault = { status: 503, code: "SlowDown" };
  const asked = vi.spyOn(pictures, "send");
  const { over } = await studio.draw({ image: randomBytes(10) });
  await until(() => asked.mock.calls.length > 0);
  await studio.stop();
  await expect(over).rejects.toBe(CLOSING);
  there.close();
});

test("what jobs of an earlier start left is taken away one by one, however long a store is away", async () => {
  const remove = vi.fn(() => new Promise<void>(() => {}));
  const pictures = { place: "s3://away", send: vi.fn(), fetch: vi.fn(), remove, close: () => {} };
  await using studio = await testStudio(redis.url, { pictures });
  await studio.link.redis.hset(keys.places("here"), newJobId(), "draw-0");
  const now = performance.now();
  using _later = vi.spyOn(performance, "now").mockReturnValue(now + 10 * 60_000);
  await until(() => remove.mock.calls.length > 0);
  await delay(5 * HEARTBEAT);
  expect(remove).toHaveBeenCalledTimes(1);
});

test("a worker that looks for pictures elsewhere takes nothing, and the job says so", async () => {
  await using bucket = await testBucket();
  const pictures = new S3Pictures({ address: parseS3Address("s3://pictures", bucket.env) });
  await using studio = await testStudio(redis.url, { pictures, patience: 500 });
  await using worker = await testWorker(redis.url);
  const { order, over } = await studio.draw();
  await expect(over).rejects.toMatchObject({
    code: "device-unavailable",
    message: "No worker that has starter and pictures in s3://pictures was there for 0 minutes.",
  });
  expect(studio.events.get(order.id)).toEqual([
    { type: "waits", reason: "No worker that has starter and pictures in s3://pictures is there." },
  ]);
  expect(worker.drawer.begun).toEqual([]);
  pictures.close();
});

test("steps are told as they are taken, those of measuring a model too", async () => {
  await using studio = await testStudio(redis.url);
  await using _worker = await testWorker(redis.url, { stepTime: 500 });
  const { order, over } = await studio.draw({ request: { prompt: "measure" } });
  await over;
  const told = studio.events.get(order.id);
  expect(told).toContainEqual({ type: "measuring", step: 1, steps: 1 });
  expect(told).toContainEqual({ type: "step", variant: 0, step: 1, steps: 1 });
});

test("a job's own failure is told with its reason", async () => {
  await using studio = await testStudio(redis.url);
  await using _worker = await testWorker(redis.url);
  const { over } = await studio.draw({ request: { prompt: "fail" } });
  await expect(over).rejects.toMatchObject({ code: "empty-mask" });
  await until(() => isEmpty(studio));
});

test("what is due earlier is drawn first, whatever it is drawn with", async () => {
  await using studio = await testStudio(redis.url);
  const offers = { starter: "a", poster: "b" };
  await using worker = await testWorker(redis.url, { offers, stepTime: 100 });
  const running = await studio.draw();
  await until(() => worker.drawer.begun.length > 0);
  const hour = 3_600_000;
  const poster = await studio.draw({ due: 2 * hour, request: { model: "poster" } });
  const later = await studio.draw({ due: 3 * hour });
  const first = await studio.draw({ due: hour });
  await Promise.all([running, poster, later, first].map(({ over }) => over));
  const order = [running, first, poster, later].map(({ order: { id } }) => `${id} 0`);
  expect(worker.drawer.begun).toEqual(order);
});

describe("models", () => {
  test("a worker takes only what it has everything for", async () => {
    await using studio = await testStudio(redis.url);
    await using plain = await testWorker(redis.url, { name: "plain" });
    await using styled = await testWorker(redis.url, { name: "styled", offers: { starter: "a", brush: "b" } });
    const loras = [{ id: "brush" }];
    const jobs = [await studio.draw({ request: { loras } }), await studio.draw({ request: { loras } })];
    await Promise.all(jobs.map(({ over }) => over));
    expect(plain.drawer.finished).toEqual([]);
    expect(styled.drawer.finished).toHaveLength(2);
  });

  test("what no worker has is refused, naming what they have", async () => {
    await using studio = await testStudio(redis.url);
    await using _worker = await testWorker(redis.url);
    const { order } = await studio.draw({ request: { model: "unheard-of" } });
    await expect(studio.drawer.requireModel(order.request)).rejects.toMatchObject({
      code: "unknown-model",
      message: "No worker has unheard-of.",
      remedy: "Models of the workers: starter.",
    });
  });

  test("a job that nobody can draw says so, and waits for somebody who can", async () => {
    await using studio = await testStudio(redis.url);
    const { order, over } = await studio.draw();
    const told = studio.events.get(order.id) ?? [];
    await until(() => told.length > 0);
    expect(told).toEqual([{ type: "waits", reason: "No worker that has starter is there." }]);
    await using _worker = await testWorker(redis.url);
    await over;
    expect(told.slice(1, 3)).toEqual([
      { type: "waits", reason: undefined },
      { type: "begun", device: "cpu" },
    ]);
  });

  test("a job that nobody can draw for long fails and says so", async () => {
    await using studio = await testStudio(redis.url, { patience: 300 });
    const { over } = await studio.draw();
    await expect(over).rejects.toMatchObject({
      code: "device-unavailable",
      remedy: "Start `overpaint worker` on a machine that has it, or choose another model.",
    });
    await until(() => isEmpty(studio));
  });

  test("a job that waits for files which nobody has any more is drawn with those of the same name", async () => {
    await using studio = await testStudio(redis.url);
    const old = await testWorker(redis.url, {
      offers: { starter: "old" },
      stepTime: 10_000,
      heartbeat: HEARTBEAT,
    });
    const running = await studio.draw();
    await until(() => old.drawer.begun.length > 0);
    const waiting = await studio.draw();
    await until(async () => (await studio.link.redis.hlen("overpaint:1:places:here")) === 2);
    await using _worker = await testWorker(redis.url, { offers: { starter: "new" } });
    old.cut();
    await waiting.over;
    await running.over;
  });
});

describe("cancelling", () => {
  test("a job that waits is taken out of its queue", async () => {
    await using studio = await testStudio(redis.url);
    await using worker = await testWorker(redis.url, { stepTime: 200 });
    const running = await studio.draw();
    await until(() => worker.drawer.begun.length > 0);
    const waiting = await studio.draw();
    await until(async () => (await studio.link.redis.hlen("overpaint:1:places:here")) === 2);
    waiting.controller.abort();
    await expect(waiting.over).rejects.toMatchObject({ code: "cancelled" });
    await running.over;
    expect(worker.drawer.begun).toHaveLength(1);
    await until(() => isEmpty(studio));
  });

  test("a job that is drawn is stopped where it is drawn, and its worker takes the next", async () => {
    await using studio = await testStudio(redis.url);
    await using worker = await testWorker(redis.url, { stepTime: 500 });
    const running = await studio.draw({ request: { count: 16 } });
    await until(() => variantsTold(studio, running).length > 0);
    running.controller.abort();
    await expect(running.over).rejects.toMatchObject({ code: "cancelled" });
    expect(await readFile(studio.artifacts.resultFile(running.order.id, 0), "utf8")).toBe("0");
    await (await studio.draw()).over;
    const finished = worker.drawer.finished.filter((variant) => variant.startsWith(running.order.id));
    expect(finished.length).toBeLessThan(16);
    expect(worker.drawer.finished).toHaveLength(finished.length + 1);
    await until(() => isEmpty(studio));
  });
});

describe("what goes wrong", () => {
  test("a worker that dies gives its job back, and only what is missing is drawn again", async () => {
    await using studio = await testStudio(redis.url);
    const dying = await testWorker(redis.url, { stepTime: 150, heartbeat: HEARTBEAT });
    const placed = await studio.draw({ request: { count: 3 } });
    await until(() => variantsTold(studio, placed).length === 1);
    dying.cut();
    await using heir = await testWorker(redis.url, { heartbeat: HEARTBEAT });
    await placed.over;
    expect(variantsTold(studio, placed)).toEqual([0, 1, 2]);
    expect(heir.drawer.begun.map((line) => line.at(-1))).not.toContain("0");
    await until(() => isEmpty(studio));
  });

  test("a job during which two workers died fails, and says so", async () => {
    await using studio = await testStudio(redis.url);
    const placed = await studio.draw();
    for (let times = 0; times < 2; times += 1) {
      const dying = await testWorker(redis.url, { stepTime: 60_000, heartbeat: 3 * HEARTBEAT });
      await until(() => dying.drawer.begun.length > 0);
      dying.cut();
    }
    await using _worker = await testWorker(redis.url, { heartbeat: HEARTBEAT });
    await expect(placed.over).rejects.toMatchObject({
      code: "engine-crashed",
      message: "2 workers ended while they drew this.",
    });
    await until(() => isEmpty(studio));
  });

  test("a worker that is stopped finishes its variant and gives the rest back at once", async () => {
    await using studio = await testStudio(redis.url);
    const leaving = await testWorker(redis.url, { stepTime: 100 });
    const placed = await studio.draw({ request: { count: 3 } });
    await until(() => leaving.drawer.begun.length > 0);
    await leaving.worker.stop();
    expect(leaving.drawer.finished).toHaveLength(1);
    await using heir = await testWorker(redis.url);
    await placed.over;
    expect(heir.drawer.finished).toHaveLength(2);
    expect(variantsTold(studio, placed)).toEqual([0, 1, 2]);
  });

  test("a worker that is stopped while Redis is away leaves all the same, and says what it could not hand over", async () => {
    await using cable = await cableTo(redis.port);
    await using studio = await testStudio(redis.url);
    const cutOff = await testWorker(`redis://127.0.0.1:${cable.port}`, {
      stepTime: 100,
      heartbeat: HEARTBEAT,
      handover: 200,
    });
    const placed = await studio.draw({ request: { count: 2 } });
    await until(() => cutOff.drawer.begun.length > 0);
    cable.unplug();
    expect(await cutOff.worker.stop()).toEqual([{ id: placed.order.id, unsent: [0] }]);
    expect(cutOff.drawer.finished).toHaveLength(1);
    cutOff.cut();
    await using heir = await testWorker(redis.url, { heartbeat: HEARTBEAT });
    await placed.over;
    expect(heir.drawer.finished).toHaveLength(2);
    await until(() => isEmpty(studio));
  });

  test("a worker that is stopped while the pictures' store is away leaves all the same, whatever it waited for", async () => {
    await using bucket = await testBucket();
    const address = parseS3Address("s3://pictures", bucket.env);
    const [here, there] = [new S3Pictures({ address }), new S3Pictures({ address })];
    await using studio = await testStudio(redis.url, { pictures: here });
    const leaving = await testWorker(redis.url, { pictures: there, capacity: 2, handover: 200 });
    const fetch = there.fetch.bind(there);
    vi.spyOn(there, "fetch").mockImplementation((...picture) => {
      bucket.fault = { status: 503, code: "SlowDown" };
      return fetch(...picture);
    });
    const fetching = await studio.draw({ image: randomBytes(10), request: { task: "restyle" } });
    await until(() => bucket.fault !== undefined);
    const sending = await studio.draw();
    await until(() => leaving.drawer.finished.length > 0);
    const left = await leaving.worker.stop();
    there.close();
    expect(left).toContainEqual({ id: sending.order.id, unsent: [0] });
    expect(left).toContainEqual({ id: fetching.order.id, unsent: [] });
    leaving.cut();
    here.close();
  });

  test.each([
    ["that kept its data", true],
    ["that lost everything", false],
  ])("a Redis that dies in the middle of a job and comes back %s costs no job", async (_how, keepsData) => {
    await using own = await testRedis({ keepsData });
    await using studio = await testStudio(own.url);
    await using _worker = await testWorker(own.url, { stepTime: 150 });
    const jobs = [await studio.draw({ request: { count: 3 } }), await studio.draw(), await studio.draw()];
    await until(() => variantsTold(studio, jobs[0]!).length === 1); // three orders
    await own.kill();
    await delay(500);
    await own.start();
    await Promise.all(jobs.map(({ over }) => over));
    // A result that was lost with everything else comes after those that were not.
    expect(jobs.map((job) => [...variantsTold(studio, job)].sort())).toEqual([[0, 1, 2], [0], [0]]);
    await until(() => isEmpty(studio));
  });

  test("a worker that was cut off for less than its heartbeats goes on where it was", async () => {
    await using cable = await cableTo(redis.port);
    await using studio = await testStudio(redis.url);
    await using worker = await testWorker(`redis://127.0.0.1:${cable.port}`, { stepTime: 300 });
    const placed = await studio.draw({ request: { count: 3 } });
    await until(() => variantsTold(studio, placed).length === 1);
    cable.unplug();
    await delay(HEARTBEAT * 2);
    cable.plugIn();
    await placed.over;
    expect(worker.drawer.begun).toHaveLength(3);
    expect(variantsTold(studio, placed)).toEqual([0, 1, 2]);
    await until(() => isEmpty(studio));
  });

  test("a worker that was cut off for longer leaves its job to the one that took it over", async () => {
    await using cable = await cableTo(redis.port);
    await using studio = await testStudio(redis.url);
    await using cutOff = await testWorker(`redis://127.0.0.1:${cable.port}`, {
      stepTime: 60_000,
      heartbeat: HEARTBEAT,
    });
    const placed = await studio.draw({ request: { count: 2 } });
    await until(() => cutOff.drawer.begun.length === 1);
    cable.unplug();
    await using heir = await testWorker(redis.url, { stepTime: 50, heartbeat: HEARTBEAT });
    await placed.over;
    cable.plugIn();
    // It takes the next job once it has let go of the one that it lost.
    await heir.worker.stop();
    const next = await studio.draw();
    await until(() => cutOff.drawer.begun.includes(`${next.order.id} 0`));
    next.controller.abort();
    await expect(next.over).rejects.toMatchObject({ code: "cancelled" });
    expect(cutOff.drawer.finished).toEqual([]);
    expect(variantsTold(studio, placed)).toEqual([0, 1]);
    await until(() => isEmpty(studio));
  });

  test("a companion that is cut off hears of everything once it is back", async () => {
    await using cable = await cableTo(redis.port);
    await using studio = await testStudio(`redis://127.0.0.1:${cable.port}`);
    await using worker = await testWorker(redis.url, { stepTime: 50 });
    const placed = await studio.draw({ request: { count: 3 } });
    await until(() => worker.drawer.begun.length > 0);
    cable.unplug();
    await until(() => worker.drawer.finished.length === 3);
    cable.plugIn();
    await placed.over;
    expect(variantsTold(studio, placed)).toEqual([0, 1, 2]);
    expect(worker.drawer.begun).toHaveLength(3);
    await until(() => isEmpty(studio));
  });

  test("a companion that restarts hears of what was drawn meanwhile, and nothing is drawn twice", async () => {
    await using folder = await temporaryFolder();
    await using worker = await testWorker(redis.url, { stepTime: 50 });
    const before = await testStudio(redis.url, { folder: folder.path });
    const placed = await before.draw({ request: { count: 3 } });
    const { id, request } = placed.order;
    await until(() => worker.drawer.begun.length === 1);
    const known = variantsTold(before, placed);
    await before.stop();
    await until(() => worker.drawer.finished.length === 3);
    await using studio = await testStudio(redis.url, { folder: folder.path });
    const variants = [0, 1, 2].filter((variant) => !known.includes(variant));
    const again = await studio.draw({ id, request, variants });
    await again.over;
    expect(variantsTold(studio, again)).toEqual(variants);
    expect(worker.drawer.begun).toHaveLength(3);
    await until(() => isEmpty(studio));
  });

  test("a result that arrives just as its companion stops is there for the next start", async () => {
    await using folder = await temporaryFolder();
    await using worker = await testWorker(redis.url);
    const before = await testStudio(redis.url, { folder: folder.path });
    const { fetch } = RedisPictures.prototype;
    const stopped = new Promise<void>((resolve) => {
      vi.spyOn(RedisPictures.prototype, "fetch").mockImplementationOnce(async function (this: RedisPictures, ...of) {
        const isThere = await fetch.apply(this, of);
        void before.drawer.close().then(resolve);
        return isThere;
      });
    });
    const { order } = await before.draw({ request: { count: 2 } });
    await stopped;
    await before.stop();
    await using studio = await testStudio(redis.url, { folder: folder.path });
    const again = await studio.draw(order);
    await again.over;
    expect(variantsTold(studio, again)).toEqual([0, 1]);
    expect(worker.drawer.begun).toHaveLength(2);
    await until(() => isEmpty(studio));
  });

  test("a job in a queue that no worker finds is put where they do", async () => {
    await using studio = await testStudio(redis.url);
    await using worker = await testWorker(redis.url, { stepTime: 200 });
    await studio.draw();
    await until(() => worker.drawer.begun.length > 0);
    const { over } = await studio.draw();
    await until(async () => (await studio.link.redis.hlen("overpaint:1:places:here")) === 2);
    await worker.worker.stop();
    // As when a companion ends between the two.
    await studio.link.redis.del("overpaint:1:queues");
    await using _heir = await testWorker(redis.url);
    await over;
    await until(() => isEmpty(studio));
  });

  test("a job that comes while Redis is away is drawn once it is there", async () => {
    await using own = await testRedis();
    await using studio = await testStudio(own.url);
    await using _worker = await testWorker(own.url);
    await until(() => studio.drawer.workers.length > 0);
    await own.kill();
    const placed = await studio.draw();
    // What was known a moment ago is enough to accept it.
    await studio.drawer.requireModel(placed.order.request);
    await own.start();
    await placed.over;
  });

  test("pictures that were lost on their way are sent again", async () => {
    await using studio = await testStudio(redis.url);
    await using worker = await testWorker(redis.url, { stepTime: 300 });
    const running = await studio.draw();
    await until(() => worker.drawer.begun.length > 0);
    const image = Buffer.from("a picture");
    const { order, over } = await studio.draw({ image, request: { task: "restyle" } });
    const key = `overpaint:1:picture:${order.id}:image`;
    await until(async () => (await studio.link.redis.del(key)) === 1);
    await over;
    await running.over;
    expect(await readFile(studio.artifacts.resultFile(order.id, 0))).toEqual(image);
    await until(() => isEmpty(studio));
  });

  test("results that were lost on their way are drawn again", async () => {
    await using studio = await testStudio(redis.url);
    await using worker = await testWorker(redis.url, { stepTime: 50 });
    const placed = await studio.draw({ request: { count: 2 } });
    const key = `overpaint:1:picture:${placed.order.id}:result-0`;
    const taking = setInterval(() => void studio.link.redis.del(key), 1);
    await until(() => worker.drawer.finished.length === 2);
    clearInterval(taking);
    await placed.over;
    expect([...variantsTold(studio, placed)].sort()).toEqual([0, 1]);
  });
});

test("a thousand jobs over two workers: none is lost, none is drawn twice, nothing stays", async () => {
  await using studio = await testStudio(redis.url, { interval: 1_000 });
  const options = { capacity: 8 };
  await using one = await testWorker(redis.url, { name: "one", ...options });
  await using two = await testWorker(redis.url, { name: "two", ...options });
  const jobs: PlacedOrder[] = [];
  for (let count = 0; count < 1_000; count += 1) jobs.push(await studio.draw());
  await Promise.all(jobs.map(({ over }) => over));
  const drawn = [...one.drawer.finished, ...two.drawer.finished];
  expect(drawn.sort()).toEqual(jobs.map(({ order }) => `${order.id} 0`).sort());
  expect(jobs.every((job) => variantsTold(studio, job).length === 1)).toBe(true);
  expect(Math.min(one.drawer.finished.length, two.drawer.finished.length)).toBeGreaterThan(0);
  await until(() => isEmpty(studio));
}, 180_000);
