import { copyFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { JobLedger } from "../../../companion-server/jobs/job-ledger.ts";
import { newJobId } from "../../../companion-server/jobs/job-queue.ts";
import { parseSubmission } from "../../../companion-server/requests/parse-submission.ts";
import type { JobId } from "../../../shared/protocol/api.ts";
import { inRepository } from "../../support/repository.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { resultOf } from "../support/results.ts";

function newJob(prompt = 'a "cat" 🐈', count = 1) {
  const submission = parseSubmission(JSON.stringify({ request: { task: "restyle", prompt, count } }));
  return { id: newJobId(), submission, parts: [] } as const;
}

function accepted(ledger: JobLedger, prompt?: string, count?: number) {
  const job = newJob(prompt, count);
  ledger.accept(job, 1_000);
  return job;
}

const types = (ledger: JobLedger, id: JobId) => ledger.events(id, 0).map(({ event }) => event.type);

test("keeps what was asked, in the order it came, across a restart", async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, "jobs.db");
  const first = JobLedger.open(file);
  const jobs = [accepted(first), accepted(first)] as const;
  first.close();
  const again = JobLedger.open(file);
  expect(again.active().map(({ id }) => id)).toEqual(jobs.map(({ id }) => id));
  expect(again.order(jobs[0].id)).toMatchObject({ submission: jobs[0].submission, variants: [0] });
  expect(again.list().jobs.map(({ lastEvent }) => lastEvent)).toEqual([
    { type: "queued", ahead: 1 },
    { type: "queued", ahead: 0 },
  ]);
  again.close();
});

test("writes each transition once and numbers events without gaps", () => {
  const ledger = JobLedger.open(":memory:");
  const { id, submission } = accepted(ledger, "", 2);
  ledger.begin(id);
  ledger.started(id, { model: "starter", device: "cpu" });
  expect(ledger.commit(id, resultOf(submission.request, 0))?.id).toBe(3);
  expect(ledger.commit(id, resultOf(submission.request, 0))).toBeUndefined();
  expect(ledger.order(id).variants).toEqual([1]);
  ledger.commit(id, resultOf(submission.request, 1));
  const results = [0, 1].map((variant) => resultOf(submission.request, variant));
  expect(ledger.finish(id, { type: "done", results }, 7)?.id).toBe(5);
  expect(ledger.finish(id, { type: "cancelled" }, 7)).toBeUndefined();
  expect(ledger.events(id, 0).map(({ id: number }) => number)).toEqual([1, 2, 3, 4, 5]);
  expect(ledger.get(id)).toMatchObject({ state: "done", lastEvent: { type: "done", results } });
});

test("gives a folder free for removal only once nobody can want it any more", () => {
  const ledger = JobLedger.open(":memory:");
  const upload = newJob();
  ledger.reserve(upload.id);
  expect(ledger.removals()).toEqual([upload.id]);
  ledger.accept(upload, 0);
  expect(ledger.removals()).toEqual([]);
  ledger.begin(upload.id);
  ledger.commit(upload.id, resultOf(upload.submission.request, 0));
  ledger.finish(upload.id, { type: "cancelled" }, 7);
  expect(ledger.removals()).toEqual([]);
  ledger.acknowledge(upload.id);
  expect(ledger.removals()).toEqual([upload.id]);

  const fruitless = accepted(ledger);
  ledger.finish(fruitless.id, { type: "cancelled" }, 7);
  expect(ledger.removals()).toContain(fruitless.id);
});

test("pages from the newest on, and finds words of prompts in any case and letters", () => {
  const ledger = JobLedger.open(":memory:");
  const jobs = ["Två KATTER under ett träd", "a dog", "en katt, 100% grå", "a cat"].map((prompt) =>
    accepted(ledger, prompt),
  );
  const ids = jobs.map(({ id }) => id).reverse();
  const first = ledger.list({ limit: 3 });
  expect(first.jobs.map(({ id }) => id)).toEqual(ids.slice(0, 3));
  const second = ledger.list({ limit: 3, before: first.next });
  expect(second.jobs.map(({ id }) => id)).toEqual(ids.slice(3));
  expect(second.next).toBeUndefined();
  const prompts = (search: string) => ledger.list({ search }).jobs.map(({ request }) => request.prompt);
  expect(prompts("katt")).toEqual(["en katt, 100% grå", "Två KATTER under ett träd"]);
  expect(prompts("TVÅ träd")).toEqual(["Två KATTER under ett träd"]);
  expect(prompts("0%")).toEqual(["en katt, 100% grå"]);
});

test("shows people their own jobs alone", () => {
  const ledger = JobLedger.open(":memory:");
  const [ann, nobody] = [newJob(), newJob()];
  ledger.accept({ ...ann, owner: "ann" }, 0);
  ledger.accept(nobody, 0);
  expect(ledger.list({ owner: "ann" }).jobs.map(({ id }) => id)).toEqual([ann.id]);
  expect(ledger.list({ owner: null }).jobs.map(({ id }) => id)).toEqual([nobody.id]);
  expect(ledger.list().jobs).toHaveLength(2);
  expect(() => ledger.get(nobody.id, { owner: "ann" })).toThrow(`There is no job ${nobody.id}.`);
});

test("is the same as before where there is no room for a transition, and says so", () => {
  const ledger = JobLedger.open(":memory:");
  const { id } = accepted(ledger);
  const { page_count: pages } = ledger.database.prepare("PRAGMA page_count").get() as { page_count: number };
  ledger.database.exec(`PRAGMA max_page_count = ${pages}`);
  const large = newJob("x".repeat(4_000));
  const fill = () => {
    for (;;) ledger.accept({ ...large, id: newJobId() }, 0);
  };
  expect(fill).toThrow(expect.objectContaining({ code: "disk-full" }));
  const before = ledger.countActive();
  expect(() => ledger.accept(large, 0)).toThrow(expect.objectContaining({ code: "disk-full" }));
  expect(ledger.has(large.id)).toBe(false);
  expect(ledger.countActive()).toBe(before);
  expect(types(ledger, id)).toEqual(["queued"]);
  ledger.database.exec("PRAGMA max_page_count = 1000000");
  ledger.accept(large, 0);
  expect(types(ledger, large.id)).toEqual(["queued"]);
});

test("lists the jobs it can read beside one that it cannot", () => {
  const ledger = JobLedger.open(":memory:");
  const [readable, foreign] = [accepted(ledger), accepted(ledger)];
  ledger.database.prepare("UPDATE jobs SET job = '{}' WHERE id = ?").run(foreign.id);
  expect(ledger.list().jobs.map(({ id }) => id)).toEqual([readable.id]);
});

// Made by Overpaint 0.1.0 while its records had version 1: every step and every place in the queue is an event there.
test("brings records of version 1 forward without their steps, and loses no job", async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, "jobs.db");
  await copyFile(inRepository("tests/fixtures/ledger/jobs-version-1.db"), file);
  const ledger = JobLedger.open(file);
  const jobs = [...ledger.list().jobs].reverse();
  expect(jobs.map(({ state, acknowledged }) => [state, acknowledged])).toEqual([
    ["done", false],
    ["done", true],
    ["failed", false],
    ["running", false],
    ["queued", false],
    ["cancelled", false],
  ]);
  const [done, , failed, running, queued] = jobs;
  expect(types(ledger, done!.id)).toEqual(["queued", "started", "result", "result", "done"]);
  expect(done).toMatchObject({
    createdAt: 1_000,
    fileId: "file-1",
    lastEvent: { results: [{ variant: 0 }, { variant: 1 }] },
  });
  expect(failed?.lastEvent).toMatchObject({ error: { code: "out-of-memory", remedy: "Draw smaller." } });
  expect(ledger.order(running!.id).variants).toEqual([1]);
  expect(queued?.lastEvent).toEqual({ type: "queued", ahead: 1 });
  expect(ledger.list({ search: "två" }).jobs).toHaveLength(2);
  ledger.close();
  const { size } = await stat(file);
  JobLedger.open(file).close();
  expect((await stat(file)).size).toBe(size);
});

test("leaves records of a later version to the program that made them", async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, "jobs.db");
  const ledger = JobLedger.open(file);
  ledger.database.exec("PRAGMA user_version = 99");
  ledger.close();
  expect(() => JobLedger.open(file)).toThrow("The records have version 99");
});
