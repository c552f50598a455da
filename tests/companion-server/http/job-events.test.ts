import { expect, test } from "vitest";
import { type Job, jobSchema } from "../../../shared/protocol/api.ts";
import { readEvents } from "../support/read-events.ts";
import { submission } from "../support/submission.ts";
import { type TestCompanion, testCompanion } from "../support/test-companion.ts";

async function submit(companion: TestCompanion, script: object): Promise<Job> {
  return jobSchema.parse(await (await companion.api("jobs", await submission({ script }))).json());
}

function openEvents(companion: TestCompanion, { id }: Job, lastEventId?: string): Promise<Response> {
  const headers = lastEventId === undefined ? {} : { "Last-Event-ID": lastEventId };
  return companion.api(`jobs/${id}/events`, { headers });
}

test("streams everything that happens, numbers what the ledger keeps without gaps, and ends with the job", async () => {
  await using companion = await testCompanion();
  const response = await openEvents(companion, await submit(companion, { steps: 2 }));
  expect(response.headers.get("content-type")).toMatch(/^text\/event-stream/);
  const events = await readEvents(response);
  expect(events.map(({ event }) => event.type)).toEqual(["queued", "started", "step", "step", "result", "done"]);
  expect(events.map(({ id }) => id)).toEqual([1, 2, undefined, undefined, 3, 4]);
});

test("a client that reconnects with Last-Event-ID misses nothing and gets nothing twice", async () => {
  await using companion = await testCompanion();
  const job = await submit(companion, { steps: 30, delay: 10 });
  const before = await readEvents(await openEvents(companion, job), (events) => events.length >= 5);
  const seen = before.findLast(({ id }) => id !== undefined)?.id;
  const after = await readEvents(await openEvents(companion, job, String(seen)));
  const ids = [...before, ...after].flatMap(({ id }) => id ?? []);
  expect(ids).toEqual(Array.from(ids, (_, index) => index + 1));
  expect(after.at(-1)?.event.type).toBe("done");
});

test("tells a client that comes later what is kept, then where the job stands now", async () => {
  await using companion = await testCompanion();
  const job = await submit(companion, { steps: 150, delay: 20 });
  await readEvents(await openEvents(companion, job), (events) => events.at(-1)?.event.type === "step");
  // Steps that come while it reads may arrive together.
  const late = (await readEvents(await openEvents(companion, job), ({ length }) => length >= 3)).slice(0, 3);
  expect(late.map(({ event }) => event.type)).toEqual(["queued", "started", "step"]);
  expect(late.at(-1)?.event).toMatchObject({ preview: { url: expect.stringMatching(/^data:image/) } });
});

test("replays a job that is over to a client that comes later, without its steps", async () => {
  await using companion = await testCompanion();
  const job = await submit(companion, { steps: 3 });
  await readEvents(await openEvents(companion, job));
  const replayed = await readEvents(await openEvents(companion, job));
  expect(replayed.map(({ event }) => event.type)).toEqual(["queued", "started", "result", "done"]);
});

test("sends nothing but an end to a client that has seen everything", async () => {
  await using companion = await testCompanion();
  const job = await submit(companion, { steps: 1 });
  const last = (await readEvents(await openEvents(companion, job))).at(-1);
  expect(await readEvents(await openEvents(companion, job, String(last?.id)))).toEqual([]);
});

test("begins anew for a client that has seen more than there is, as after a ledger that was lost", async () => {
  await using companion = await testCompanion();
  const job = await submit(companion, { steps: 1 });
  await readEvents(await openEvents(companion, job));
  const anew = await readEvents(await openEvents(companion, job, "900"));
  expect(anew.map(({ event }) => event.type)).toEqual(["queued", "started", "result", "done"]);
});

test.each(["-3", "x", ""])("starts from the beginning for the Last-Event-ID %j", async (lastEventId) => {
  await using companion = await testCompanion();
  const job = await submit(companion, { steps: 1 });
  expect((await readEvents(await openEvents(companion, job, lastEventId)))[0]?.id).toBe(1);
});

test("shows that it is alive while nothing happens", async () => {
  await using companion = await testCompanion({ heartbeat: 20 });
  const response = await openEvents(companion, await submit(companion, { steps: 1, delay: 200 }));
  expect(await response.text()).toContain(": still here\n\n");
});

test("a client that goes away does not disturb the job or other clients", async () => {
  await using companion = await testCompanion();
  const job = await submit(companion, { steps: 20, delay: 10 });
  const [gone, stays] = await Promise.all([openEvents(companion, job), openEvents(companion, job)]);
  await readEvents(gone, () => true);
  expect((await readEvents(stays)).at(-1)?.event.type).toBe("done");
});
