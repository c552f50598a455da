import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DiskArtifacts } from "../../../companion-server/jobs/artifacts.ts";
import { JobLedger } from "../../../companion-server/jobs/job-ledger.ts";
import { LedgerQueue } from "../../../companion-server/jobs/ledger-queue.ts";
import { openLedger } from "../../../companion-server/jobs/recovery/open-ledger.ts";
import { Retention } from "../../../companion-server/jobs/retention.ts";
import { StepTimes } from "../../../companion-server/jobs/step-times.ts";
import type { JobId } from "../../../shared/protocol/api.ts";
import { inRepository } from "../../support/repository.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { FakeDrawer } from "../support/fake-drawer.ts";

/** Runs the queue until it is killed at the n-th transition; answers what it had said until then. */
async function killedAt(folder: string, n: number, side: "before" | "after") {
  const script = inRepository("tests/companion-server/support/killed-queue.mjs");
  const child = spawn(process.execPath, [script, folder, String(n), side], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  await once(child, "close");
  const idsAfter = (word: string) =>
    [...output.matchAll(new RegExp(`${word} (\\w+)`, "g"))].map(([, id]) => id as JobId);
  return { signal: child.signalCode, accepted: idsAfter("accepted"), acknowledged: idsAfter("acknowledged") };
}

/** reserve, accept, begin, started, 2 × commit, finish for two jobs, then acknowledge, removed. */
const TRANSITIONS = 16;
const moments = Array.from({ length: TRANSITIONS }, (_, n) => [n, n % 2 === 0 ? "before" : "after"] as const);

// Side by side: most of the time goes into starting processes.
test.concurrent.each(moments)(
  "a companion that is killed at transition %i, %s it is written, loses and doubles nothing",
  async (n, side) => {
    await using folder = await temporaryFolder();
    const { signal, accepted, acknowledged } = await killedAt(folder.path, n, side);
    expect(signal).toBe("SIGKILL");

    const { ledger, trouble, isDurable } = await openLedger(join(folder.path, "jobs.db"), join(folder.path, "jobs"));
    expect({ trouble, isDurable }).toEqual({ trouble: undefined, isDurable: true });
    const artifacts = new DiskArtifacts(join(folder.path, "jobs"));
    const before = ledger.list().jobs.flatMap(({ id }) => ledger.results(id).map(({ variant }) => `${id}/${variant}`));
    const drawer = new FakeDrawer(artifacts);
    const queue = new LedgerQueue({
      ledger,
      artifacts,
      drawer,
      retention: new Retention(ledger.database),
      stepTimes: new StepTimes(ledger.database),
    });
    await queue.restore();
    const { jobs } = await queue.list();
    for (const id of accepted) expect(jobs.map((job) => job.id)).toContain(id);
    for (const { id } of jobs) {
      for await (const event of queue.events(id, 0, new AbortController().signal)) void event;
      const job = await queue.get(id);
      expect(job.state).toBe("done");
      if (job.acknowledged) continue;
      expect(ledger.results(id).map(({ variant }) => variant)).toEqual([0, 1]);
      for (const variant of [0, 1])
        expect(await readFile(artifacts.resultFile(id, variant), "utf8")).toBe(`${variant}`);
    }
    for (const variant of drawer.drawn) expect(before).not.toContain(variant);
    for (const id of acknowledged) expect((await queue.get(id)).acknowledged).toBe(true);
    const kept = (await queue.list()).jobs.filter((job) => !job.acknowledged).map(({ id }) => id);
    expect((await readdir(join(folder.path, "jobs"))).sort()).toEqual(kept.sort());
    await queue.close();
  },
);

test("the script gets through when nothing kills it, so that every transition was reached", async () => {
  await using folder = await temporaryFolder();
  expect(await killedAt(folder.path, TRANSITIONS, "after")).toMatchObject({
    signal: null,
    acknowledged: [expect.any(String)],
  });
  JobLedger.open(join(folder.path, "jobs.db")).close();
});
