import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { newJobId } from "../../../companion-server/jobs/job-queue.ts";
import { JobStore } from "../../../companion-server/jobs/job-store.ts";
import { parseSubmission } from "../../../companion-server/requests/parse-submission.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

function newJob() {
  const submission = parseSubmission('{ "request": { "task": "inpaint", "prompt": "a \\"cat\\" 🐈" } }');
  return { id: newJobId(), submission, parts: ["image", "mask"], source: { width: 3, height: 4 } } as const;
}

test("gives back what it was given, in the order it came", async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, "new/jobs.db");
  const jobs = [newJob(), newJob()] as const;
  const store = JobStore.open(file);
  for (const [index, job] of jobs.entries()) {
    store.add(job, 1_000 + index);
    store.append(job.id, 1, { type: "queued", ahead: index });
  }
  store.append(jobs[0].id, 2, { type: "cancelled" });
  store.acknowledge(jobs[0].id);
  store.countInterruption(jobs[1].id);
  store.close();
  expect(JobStore.open(file).readAll()).toEqual([
    {
      job: jobs[0],
      createdAt: 1_000,
      events: [{ type: "queued", ahead: 0 }, { type: "cancelled" }],
      isAcknowledged: true,
      interruptions: 0,
    },
    { job: jobs[1], createdAt: 1_001, events: [{ type: "queued", ahead: 1 }], isAcknowledged: false, interruptions: 1 },
  ]);
});

test("keeps steps without their previews", () => {
  const store = JobStore.open(":memory:");
  const job = newJob();
  store.add(job, 0);
  const preview = { url: "data:image/png;base64,AAAA", area: { x: 0, y: 0, width: 1, height: 1 } };
  store.append(job.id, 1, { type: "step", variant: 0, step: 1, steps: 2, preview });
  expect(store.readAll()[0]?.events).toEqual([{ type: "step", variant: 0, step: 1, steps: 2 }]);
});

test("forgets a job with all its events", () => {
  const store = JobStore.open(":memory:");
  const job = newJob();
  store.add(job, 0);
  store.append(job.id, 1, { type: "queued", ahead: 0 });
  store.remove(job.id);
  expect(store.ids().size).toBe(0);
  store.add(job, 0);
  expect(store.readAll()[0]?.events).toEqual([]);
});

test.each([
  ["no database", Buffer.from("scribble ".repeat(1_000))],
  ["cut off", Buffer.from("SQLite format 3\0")],
])("sets a file aside that is %s, and starts anew", async (_name, content) => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, "jobs.db");
  await writeFile(file, content);
  const errors: unknown[] = [];
  const store = JobStore.open(file, { onError: (error) => errors.push(error) });
  expect(errors).toHaveLength(1);
  expect(store.readAll()).toEqual([]);
  store.add(newJob(), 0);
  expect(store.readAll()).toHaveLength(1);
  expect(await readdir(folder.path)).toContain("jobs.db.damaged");
});

test("reports a record that cannot be written instead of throwing", () => {
  const errors: unknown[] = [];
  const store = JobStore.open(":memory:", { onError: (error) => errors.push(error) });
  store.append(newJob().id, 1, { type: "cancelled" }); // of no job that is there
  expect(errors).toHaveLength(1);
});
