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

test("streams everything that happens, numbered without gaps, and ends with the job", async () => {
  await using companion = await testCompanion();
  const response = await openEvents(companion, await submit(companion, { steps: 2 }));
  expect(response.headers.get("content-type")).toMatch(/^text\/event-stream/);
  const events = await readEvents(response);
  expect(events.map(({ event }) => event.type)).toEqual(["queued", "started", "step", "step", "result", "done"]);
  expect(events.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6]);
});

test("a client that reconnects with Last-Event-ID misses nothing and gets nothing twice", async () => {
  await using companion = await testCompanion();
  const job = await submit(companion, { steps: 30, delay: 10 });
  const before = await readEvents(await openEvents(companion, job), (events) => events.length >= 5);
  const after = await readEvents(await openEvents(companion, job, String(before.at(-1)?.id)));
  const ids = [...before, ...after].map(({ id }) => id);
  expect(ids).toEqual(Array.from(ids, (_, index) => index + 1));
  expect(after.at(-1)?.event.type).toBe("done");
});

test("replays a job that is over to a client that comes later", async () => {
  await using companion = await testCompanion();
  const job = await submit(companion, { steps: 3 });
  await readEvents(await openEvents(companion, job));
  const replayed = await readEvents(await openEvents(companion, job));
  expect(replayed.at(-1)?.event.type).toBe("done");
  const previews = replayed.filter(({ event }) => event.type === "step" && event.preview);
  expect(previews).toHaveLength(1); // older ones would be drawn over at once
});

test("sends nothing but an end to a client that has seen everything", async () => {
  await using companion = await testCompanion();
  const job = await submit(companion, { steps: 1 });
  const { length } = await readEvents(await openEvents(companion, job));
  expect(await readEvents(await openEvents(companion, job, String(length)))).toEqual([]);
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
