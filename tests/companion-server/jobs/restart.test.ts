import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { JobLedger } from "../../../companion-server/jobs/job-ledger.ts";
import { newJobId } from "../../../companion-server/jobs/job-queue.ts";
import { parseSubmission } from "../../../companion-server/requests/parse-submission.ts";
import { jobListSchema } from "../../../shared/protocol/api.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { readEvents } from "../support/read-events.ts";
import { testCompanion } from "../support/test-companion.ts";
import { eventsOf, submit } from "./queue-contract.ts";

test("a finished result outlives its companion, and is forgotten once acknowledged", async () => {
  await using folder = await temporaryFolder();
  const options = { dataFolder: folder.path };
  const { id, before, picture } = await (async () => {
    await using companion = await testCompanion(options);
    const job = await submit(companion, { steps: 2 });
    await eventsOf(companion, job);
    const result = await companion.api(`jobs/${job.id}/results/0`);
    return { id: job.id, before: await (await companion.api(`jobs/${job.id}`)).json(), picture: await result.bytes() };
  })();
  {
    await using companion = await testCompanion(options);
    const { jobs } = jobListSchema.parse(await (await companion.api("jobs")).json());
    expect(jobs).toMatchObject([{ id, state: "done", acknowledged: false }]);
    expect(await (await companion.api(`jobs/${id}`)).json()).toEqual(before);
    expect(await (await companion.api(`jobs/${id}/results/0`)).bytes()).toEqual(picture);
    await companion.api(`jobs/${id}/acknowledge`, { method: "POST" });
  }
  await using companion = await testCompanion(options);
  const { jobs } = jobListSchema.parse(await (await companion.api("jobs")).json());
  expect(jobs).toMatchObject([{ id, state: "done", acknowledged: true }]);
  expect(await readdir(join(folder.path, "jobs"))).toEqual([]);
});

test("jobs that wait or run when the companion stops are drawn by the next, in their order", async () => {
  await using folder = await temporaryFolder();
  const options = { dataFolder: folder.path };
  const jobs = await (async () => {
    await using companion = await testCompanion(options);
    const running = await submit(companion, { steps: 20, delay: 20 });
    const waiting = await submit(companion, { steps: 1 });
    await eventsOf(companion, running, "step");
    return [running, waiting];
  })();
  await using companion = await testCompanion(options);
  const [first, second] = await Promise.all(jobs.map((job) => eventsOf(companion, job)));
  expect(first?.map(({ type }) => type)).toContain("result");
  expect(first?.at(-1)?.type).toBe("done");
  expect(second?.at(-1)?.type).toBe("done");
  const { jobs: listed } = await companion.queue.list();
  expect(listed.map(({ id }) => id)).toEqual(jobs.map(({ id }) => id).reverse());
});

test("a client that comes back after the restart misses nothing and gets nothing twice", async () => {
  await using folder = await temporaryFolder();
  const options = { dataFolder: folder.path };
  const { id, seen } = await (async () => {
    await using companion = await testCompanion(options);
    const job = await submit(companion, { steps: 20, delay: 20 });
    const events = await readEvents(await companion.api(`jobs/${job.id}/events`), ({ length }) => length >= 4);
    return { id: job.id, seen: events.flatMap((event) => event.id ?? []) };
  })();
  await using companion = await testCompanion(options);
  const headers = { "Last-Event-ID": String(seen.at(-1)) };
  const missed = await readEvents(await companion.api(`jobs/${id}/events`, { headers }));
  const ids = [...seen, ...missed.flatMap((event) => event.id ?? [])];
  expect(ids).toEqual(Array.from(ids, (_, index) => index + 1));
  expect(missed.at(-1)?.event.type).toBe("done");
});

/** What a companion that was killed leaves: records that end in the middle, and the pictures it was sent. */
async function killedWhileDrawing(dataFolder: string, interruptions: number) {
  const id = newJobId();
  const ledger = JobLedger.open(join(dataFolder, "jobs.db"));
  const submission = parseSubmission(JSON.stringify({ request: { task: "create", width: 32, height: 32 } }));
  ledger.accept({ id, submission, parts: [] }, 1_000);
  for (let count = 0; count < interruptions; count += 1) ledger.interrupt(id);
  ledger.begin(id);
  ledger.started(id, { model: "starter", device: "cpu" });
  ledger.close();
  return { id };
}

test("a job that was running when the companion was killed is drawn once more", async () => {
  await using folder = await temporaryFolder();
  const { id } = await killedWhileDrawing(folder.path, 0);
  await using companion = await testCompanion({ dataFolder: folder.path });
  const events = (await readEvents(await companion.api(`jobs/${id}/events`))).map(({ event }) => event.type);
  expect(events).toEqual(["queued", "started", "queued", "started", "step", "step", "step", "result", "done"]);
});

test("a job during which the companion was killed twice fails, and says so", async () => {
  await using folder = await temporaryFolder();
  const { id } = await killedWhileDrawing(folder.path, 1);
  await using companion = await testCompanion({ dataFolder: folder.path });
  const [last] = (await readEvents(await companion.api(`jobs/${id}/events`))).slice(-1);
  expect(last?.event).toMatchObject({
    type: "failed",
    error: { code: "engine-crashed", message: "The companion ended twice while it drew this." },
  });
});
