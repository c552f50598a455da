import { expect, test } from "vitest";
import { Artifacts, removeOrphans } from "../../../companion-server/jobs/artifacts.ts";
import { newJobId } from "../../../companion-server/jobs/job-queue.ts";
import { JobStore } from "../../../companion-server/jobs/job-store.ts";
import { parseSubmission } from "../../../companion-server/requests/parse-submission.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const DAY_MS = 24 * 60 * 60_000;

test("deletes pictures without a record once they are a day old, and none that have one", async () => {
  await using folder = await temporaryFolder();
  const artifacts = new Artifacts(folder.path);
  const store = JobStore.open(":memory:");
  const [known, forgotten] = [newJobId(), newJobId()];
  for (const id of [known, forgotten]) await artifacts.create(id);
  store.add({ id: known, submission: parseSubmission('{ "request": { "task": "inpaint" } }'), parts: [] }, 0);

  expect(await removeOrphans(artifacts, store, Date.now())).toBe(0);
  expect(await removeOrphans(artifacts, store, Date.now() + 2 * DAY_MS)).toBe(1);
  expect((await artifacts.list()).map(({ name }) => name)).toEqual([known]);
});

test("has nothing to do where no job ever was", async () => {
  await using folder = await temporaryFolder();
  const artifacts = new Artifacts(`${folder.path}/none`);
  expect(await removeOrphans(artifacts, JobStore.open(":memory:"), Date.now())).toBe(0);
});
