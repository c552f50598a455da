import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DiskArtifacts } from "../../../companion-server/jobs/artifacts.ts";
import { JobLedger } from "../../../companion-server/jobs/job-ledger.ts";
import { LedgerQueue } from "../../../companion-server/jobs/ledger-queue.ts";
import { Retention } from "../../../companion-server/jobs/retention.ts";
import { StepTimes } from "../../../companion-server/jobs/step-times.ts";
import { parseSubmission } from "../../../companion-server/requests/parse-submission.ts";
import type { JobId } from "../../../shared/protocol/api.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { FakeDrawer } from "../support/fake-drawer.ts";

const CLIENTS = 32;
const JOBS = 1_000;
const submission = parseSubmission('{ "request": { "task": "create", "width": 32, "height": 32 } }');

test("loses and doubles none of a thousand jobs of 32 clients, and writes as many rows for each", async () => {
  await using folder = await temporaryFolder();
  const artifacts = new DiskArtifacts(join(folder.path, "jobs"));
  const drawer = new FakeDrawer(artifacts);
  const ledger = JobLedger.open(join(folder.path, "jobs.db"));
  const beside = { retention: new Retention(ledger.database), stepTimes: new StepTimes(ledger.database) };
  const queue = new LedgerQueue({ ledger, artifacts, drawer, ...beside });

  /** Queues an edit, follows it, fetches its result and lets go of it, one after the other. */
  async function client(jobs: number): Promise<readonly JobId[]> {
    const ids: JobId[] = [];
    for (let job = 0; job < jobs; job += 1) {
      const id = await queue.reserve();
      await queue.submit({ id, submission, parts: [] });
      const told: number[] = [];
      for await (const event of queue.events(id, 0, new AbortController().signal))
        told.push(...(event.id ? [event.id] : []));
      expect(told).toEqual([1, 2, 3, 4]);
      expect(await readFile(artifacts.resultFile(id, 0), "utf8")).toBe("0");
      await queue.acknowledge(id);
      ids.push(id);
    }
    return ids;
  }

  const shareOf = (k: number) => Math.floor(((k + 1) * JOBS) / CLIENTS) - Math.floor((k * JOBS) / CLIENTS);
  const ids = (await Promise.all(Array.from({ length: CLIENTS }, (_, k) => client(shareOf(k))))).flat();
  expect(new Set(ids).size).toBe(JOBS);
  expect([...drawer.drawn].sort()).toEqual(ids.map((id) => `${id}/0`).sort());
  expect(await readdir(join(folder.path, "jobs"))).toEqual([]);
  const count = (table: string) =>
    (ledger.database.prepare(`SELECT count(*) AS count FROM ${table}`).get() as { readonly count: number }).count;
  expect([count("jobs"), count("events"), count("removals")]).toEqual([JOBS, 4 * JOBS, 0]);
  await queue.close();
}, 120_000);
