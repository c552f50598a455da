import { expect, test } from "vitest";
import { JobLedger } from "../../../companion-server/jobs/job-ledger.ts";
import { newJobId } from "../../../companion-server/jobs/job-queue.ts";
import { Retention, type RetentionLimits, retentionLimits } from "../../../companion-server/jobs/retention.ts";
import { parseSubmission } from "../../../companion-server/requests/parse-submission.ts";
import type { JobId } from "../../../shared/protocol/api.ts";
import { resultOf } from "../support/results.ts";

const DAY_MS = 24 * 60 * 60_000;

function setUp(limits?: RetentionLimits) {
  const ledger = JobLedger.open(":memory:");
  const retention = new Retention(ledger.database, limits);
  let wall = 1_000 * DAY_MS;
  retention.tick(wall);
  const finished = (
    bytes: number,
    { isFetched = false, owner }: { isFetched?: boolean; owner?: string } = {},
  ): JobId => {
    const { request, ...rest } = parseSubmission('{ "request": { "task": "restyle" } }');
    const id = newJobId();
    ledger.accept({ id, submission: { request, ...rest }, parts: [], owner }, 0);
    ledger.begin(id);
    if (bytes > 0) ledger.commit(id, resultOf(request, 0));
    ledger.finish(id, bytes > 0 ? { type: "done", results: [] } : { type: "cancelled" }, bytes);
    if (isFetched) ledger.noteFetched(id);
    return id;
  };
  const jumpTo = (time: number) => {
    wall = time;
    retention.tick(wall);
  };
  const passDays = (days: number) => {
    for (let day = 0; day < days; day += 1) jumpTo(wall + DAY_MS);
  };
  return { ledger, retention, finished, passDays, jumpTo };
}

test("forgets fetched results after a quarter of the days, unfetched ones after all of them, records later", () => {
  const { retention, finished, passDays } = setUp({ days: 8 });
  const [fetched, unfetched, record] = [finished(5, { isFetched: true }), finished(5), finished(0)];
  passDays(2);
  expect(retention.due()).toEqual([]);
  passDays(1);
  expect(retention.due()).toEqual([fetched]);
  passDays(6);
  expect(retention.due()).toEqual([fetched, unfetched]);
  passDays(172);
  expect(retention.due()).toEqual([fetched, unfetched, record]);
});

test("makes room by letting go of what was fetched, then of the oldest, and of no more than it must", () => {
  const { retention, finished } = setUp({ bytes: 100 });
  const [old, , fetched] = [finished(40), finished(40), finished(40, { isFetched: true })];
  expect(retention.due()).toEqual([fetched]);
  finished(40);
  expect(retention.due()).toEqual([fetched, old]);
});

test("keeps to each person's part first, and to the whole with what is left; the owner of the companion has all of it", () => {
  const { retention, finished } = setUp({ bytes: 200, bytesEach: 80 });
  const own = finished(60);
  const [mias, , miasFetched] = [
    finished(40, { owner: "Mia" }),
    finished(40, { owner: "Mia" }),
    finished(40, { owner: "Mia", isFetched: true }),
  ];
  finished(40, { owner: "Noor" });
  expect(retention.due()).toEqual([miasFetched]);
  finished(40, { owner: "Mia" });
  expect(retention.due()).toEqual([miasFetched, mias]);
  finished(60);
  expect(retention.due()).toEqual([miasFetched, mias, own]);
});

test("never forgets a job that is not over", () => {
  const { ledger, retention, passDays } = setUp({ days: 1, bytes: 1 });
  const submission = parseSubmission('{ "request": { "task": "restyle" } }');
  ledger.accept({ id: newJobId(), submission, parts: [] }, 0);
  passDays(1_000);
  expect(retention.due()).toEqual([]);
});

test("takes a clock that jumps by years, either way, for a day at most", () => {
  const { retention, finished, jumpTo, passDays } = setUp({ days: 8 });
  const unfetched = finished(5);
  jumpTo(20_000 * DAY_MS);
  jumpTo(10 * DAY_MS);
  jumpTo(20_000 * DAY_MS);
  expect(retention.due()).toEqual([]);
  passDays(7);
  expect(retention.due()).toEqual([unfetched]);
});

test("reads the limits from the environment, and refuses what is none", () => {
  expect(retentionLimits({})).toEqual({});
  const env = { OVERPAINT_KEEP_DAYS: "7", OVERPAINT_KEEP_GB: "0.5", OVERPAINT_KEEP_GB_EACH: "0.1" };
  expect(retentionLimits(env)).toEqual({ days: 7, bytes: 5e8, bytesEach: 1e8 });
  for (const text of ["0", "-1", "many", "Infinity"])
    expect(() => retentionLimits({ OVERPAINT_KEEP_GB: text })).toThrow(`OVERPAINT_KEEP_GB is ${text}`);
});
