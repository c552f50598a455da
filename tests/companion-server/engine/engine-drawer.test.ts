import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { EngineDevices } from "../../../companion-server/engine/choose-devices.ts";
import type { Engine } from "../../../companion-server/engine/engine.ts";
import { EngineDrawer } from "../../../companion-server/engine/engine-drawer.ts";
import { parseEditRequest } from "../../../companion-server/requests/parse-submission.ts";
import type { Job, JobId } from "../../../shared/protocol/api.ts";
import type { ModelId } from "../../../shared/protocol/models/model-facts.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import { eventsOf, submit } from "../jobs/queue-contract.ts";
import { submission } from "../support/submission.ts";
import { type TestCompanion, testCompanion } from "../support/test-companion.ts";

const cards = [
  { devices: ["cuda"], card: 0, proved: {} },
  { devices: ["cuda"], card: 1, proved: {} },
] as const;
const twoCards = { choice: { engines: cards } };
const withSpare = { choice: { engines: cards, spare: { devices: ["cpu"] as const, proved: {} } } };
const ENDLESS = { steps: 100_000, delay: 5 };

/** Where a job was drawn, in the order of its attempts. */
async function devicesOf(companion: TestCompanion, job: Job, until?: string) {
  const events = await eventsOf(companion, job, until);
  return events.flatMap((event) => (event.type === "started" ? event.device : []));
}

async function cancel(companion: TestCompanion, { id }: Job): Promise<Job["state"]> {
  return ((await (await companion.api(`jobs/${id}`, { method: "DELETE" })).json()) as Job).state;
}

async function stateOf(companion: TestCompanion, { id }: Job): Promise<Job["state"]> {
  return (await companion.queue.get(id)).state;
}

test("draws a job on every card at the same time, and cancels one without touching the other", async () => {
  await using companion = await testCompanion(twoCards);
  const first = await submit(companion, ENDLESS);
  const second = await submit(companion, ENDLESS);
  expect(await devicesOf(companion, first, "step")).toEqual(["cuda:0"]);
  expect(await devicesOf(companion, second, "step")).toEqual(["cuda:1"]);
  const third = await submit(companion);
  expect(await stateOf(companion, third)).toBe("queued");
  expect(await cancel(companion, second)).toBe("cancelled");
  expect(await devicesOf(companion, third)).toEqual(["cuda:1"]);
  expect(await stateOf(companion, first)).toBe("running");
});

test("begins jobs in their order and each of them once, whichever card is free", async () => {
  await using companion = await testCompanion(twoCards);
  const jobs: Job[] = [];
  for (let index = 0; index < 24; index += 1) jobs.push(await submit(companion, { delay: index % 3 }));
  for (const job of jobs) expect((await eventsOf(companion, job)).at(-1)?.type).toBe("done");
  const attempts = jobs.map(({ id }) => readFile(join(companion.artifacts.resultsFolder(id), "attempts"), "utf8"));
  expect(await Promise.all(attempts)).toEqual(jobs.map(() => "."));
});

test("draws on the other card what one cannot load, and asks that one no more for the model", async () => {
  await using companion = await testCompanion(twoCards);
  const large = { cards: { 0: "out-of-memory" } };
  expect(await devicesOf(companion, await submit(companion, large))).toEqual(["cuda:1"]);
  const again = await submit(companion, large);
  await eventsOf(companion, again);
  const attempts = await readFile(join(companion.artifacts.resultsFolder(again.id), "attempts"), "utf8");
  expect(attempts).toBe(".");
});

test("lets jobs pass that the free card can draw while one waits for the card that is busy, and says why", async () => {
  await using companion = await testCompanion(twoCards);
  const blocking = await submit(companion, { ...ENDLESS, cards: { 0: "out-of-memory" } });
  expect(await devicesOf(companion, blocking, "step")).toEqual(["cuda:1"]);
  const waiting = await submit(companion, { cards: { 0: "out-of-memory" } });
  const reasonOf = async () => {
    const { state, lastEvent } = await companion.queue.get(waiting.id);
    return state === "queued" && lastEvent.type === "queued" ? lastEvent.reason : undefined;
  };
  await expect.poll(reasonOf).toBe("Only cuda:1 can draw it, which draws something else.");
  const request = { task: "upscale", width: 32, height: 32, count: 1 } as const;
  const passing = (await (await companion.api("jobs", await submission({ request, script: {} }))).json()) as Job;
  expect(await devicesOf(companion, passing)).toEqual(["cuda:0"]);
  expect(await stateOf(companion, waiting)).toBe("queued");
  await cancel(companion, blocking);
  expect(await devicesOf(companion, waiting)).toEqual(["cuda:1"]);
});

test("a job that waits for a busy card can be cancelled", async () => {
  await using companion = await testCompanion(twoCards);
  const blocking = await submit(companion, { ...ENDLESS, cards: { 0: "out-of-memory" } });
  await devicesOf(companion, blocking, "step");
  const waiting = await submit(companion, { cards: { 0: "out-of-memory" } });
  expect(await cancel(companion, waiting)).toBe("cancelled");
  expect(await stateOf(companion, blocking)).toBe("running");
});

test("a card that crashes twice hands its job over and is used last", async () => {
  await using companion = await testCompanion(twoCards);
  const crashing = await submit(companion, { cards: { 0: "crash" } });
  expect(await devicesOf(companion, crashing)).toEqual(["cuda:1"]);
  const blocking = await submit(companion, ENDLESS);
  expect(await devicesOf(companion, blocking, "step")).toEqual(["cuda:1"]);
  const next = await submit(companion);
  expect(await stateOf(companion, next)).toBe("queued");
  await cancel(companion, blocking);
  expect(await devicesOf(companion, next)).toEqual(["cuda:1"]);
});

test("draws on what is kept for it what no card can, and nothing else", async () => {
  await using companion = await testCompanion(withSpare);
  const neither = { cards: { 0: "out-of-memory", 1: "device-unavailable" } };
  expect(await devicesOf(companion, await submit(companion, neither))).toEqual(["cpu"]);
  const request = { task: "upscale", width: 32, height: 32, count: 1 } as const;
  const others = [];
  for (let index = 0; index < 3; index += 1)
    others.push((await (await companion.api("jobs", await submission({ request, script: {} }))).json()) as Job);
  for (const job of others) expect((await devicesOf(companion, job))[0]).toMatch(/^cuda/);
});

test("fails a job that no engine can draw with the last one's reason", async () => {
  await using companion = await testCompanion(twoCards);
  const job = await submit(companion, { cards: { 0: "out-of-memory", 1: "out-of-memory" } });
  expect((await eventsOf(companion, job)).at(-1)).toMatchObject({ type: "failed", error: { code: "out-of-memory" } });
});

/** Engines that load when they are told to and draw at once. */
async function led(models: readonly string[]) {
  await using companion = await testCompanion();
  const told: string[] = [];
  const finish: ((error?: Error) => void)[] = [];
  const engineOf = ({ card }: EngineDevices): Engine => ({
    load: ({ model }) => {
      told.push(`${card ?? "spare"} loads ${model.id}`);
      return new Promise((resolve, reject) => {
        finish.push((error) => (error ? reject(error) : resolve({ device: "cuda", timings: {} })));
      });
    },
    run: async ({ id }, { onEvent }) => {
      told.push(`${card ?? "spare"} draws ${id}`);
      onEvent({ type: "started", device: "cuda", model: "starter" });
      return { device: "cuda", timings: {} };
    },
    close: async () => {
      for (const end of finish) end(new OverpaintError("cancelled", "It is closed."));
    },
  });
  const place = { id: "starter" as ModelId, folder: companion.folder };
  const find = async (id: string) => {
    if (id === "gone") throw new OverpaintError("unknown-model", "It is gone.");
    return place;
  };
  const drawer = new EngineDrawer({
    findDevices: async () => withSpare.choice,
    openEngine: engineOf,
    artifacts: companion.artifacts,
    models: { find, findFor: async () => place, findEraser: async () => undefined },
    caches: { hashCache: "", quantisedWeights: "" },
  });
  const errors: unknown[] = [];
  const warm = drawer.warmUp(models, (error) => errors.push(error));
  await expect.poll(() => finish.length).toBe(2);
  const request = parseEditRequest({ task: "create", width: 16, height: 16 });
  const draw = (id: string) =>
    drawer.draw(
      { id: id as JobId, request, parts: [], due: 1, variants: [0] },
      { onEvent: () => {}, signal: new AbortController().signal },
    );
  return { drawer, told, finish, errors, warm, draw };
}

test("loads models ahead on every card, and a job that comes meanwhile waits for one of them", async () => {
  const { told, finish, errors, warm, draw } = await led(["starter"]);
  const drawn = draw("a");
  expect(told).toEqual(["0 loads starter", "1 loads starter"]);
  finish[1]?.(new OverpaintError("out-of-memory", "It is too large."));
  await drawn;
  expect(told.slice(2)).toEqual(["1 draws a"]);
  finish[0]?.();
  await warm;
  expect(errors).toEqual([expect.objectContaining({ code: "out-of-memory" })]);
});

test("a stop does not wait for what is loaded ahead", async () => {
  const { drawer, warm } = await led(["starter", "starter-upscale"]);
  await drawer.close();
  await warm;
});

test("orders that wait for what is loaded ahead are no more than the cards there are", async () => {
  const { drawer, finish, warm, draw } = await led(["starter"]);
  expect(drawer.capacity).toBe(2);
  const drawn = [draw("a"), draw("b")];
  expect(drawer.capacity).toBe(2);
  for (const end of finish) end();
  await Promise.all([...drawn, warm]);
  expect(drawer.capacity).toBe(2);
});

test("an order whose model is still looked for takes up the room of a card", async () => {
  const { drawer, finish, warm, draw } = await led(["starter"]);
  for (const end of finish) end();
  await warm;
  const drawn = draw("a");
  expect(drawer.capacity).toBe(2);
  await drawn;
});

test("a model that is not there keeps none of the others from being loaded ahead", async () => {
  const { told, finish, errors, warm } = await led(["gone", "starter"]);
  expect(told).toEqual(["0 loads starter", "1 loads starter"]);
  for (const end of finish) end();
  await warm;
  expect(errors).toEqual([expect.objectContaining({ code: "unknown-model" })]);
});
