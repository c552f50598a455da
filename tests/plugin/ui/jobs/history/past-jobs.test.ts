import { signal } from "@preact/signals";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openPast } from "../../../../../plugin/ui/jobs/history/open-job.ts";
import { PastJobs, pastJobsHere } from "../../../../../plugin/ui/jobs/history/past-jobs.ts";
import { ResumeJobs } from "../../../../../plugin/ui/jobs/resume/resume-jobs.ts";
import { PanelInNode } from "../../support/panel-in-node.ts";

let panel: PanelInNode;
beforeEach(async () => {
  panel = await PanelInNode.start();
});
afterEach(() => panel.companion.kill());

async function draw(prompt: string) {
  const { inpaint } = (await panel.paintedSession()).drafts;
  inpaint.prompt.value = prompt;
  await panel.flow.generate(inpaint);
}

const promptsOf = (past: PastJobs) => past.found.value.map(({ recipe }) => recipe.request.prompt);

test("finds what the companion knows beyond its first page, over pages with nothing to list", async () => {
  for (const prompt of ["a fox", "a cat", "a dog", "an owl"]) await draw(prompt);
  panel.companion.pageSize = 1;
  const past = new PastJobs(panel.engines.companionEngine, ({ request }) => request.prompt === "a dog");
  await past.readOn();
  await past.readOn();
  expect([promptsOf(past), past.hasMore.value]).toEqual([["an owl", "a cat"], true]);
  await past.readOn();
  await past.readOn();
  expect([promptsOf(past), past.hasMore.value]).toEqual([["an owl", "a cat", "a fox"], false]);
});

test("reads on past jobs that are listed already", async () => {
  const { inpaint } = (await panel.paintedSession("a", { fileId: "here" })).drafts;
  for (const prompt of ["a fox", "a cat"]) {
    inpaint.prompt.value = prompt;
    await panel.flow.generate(inpaint);
  }
  panel.companion.pageSize = 1;
  const [cat] = panel.jobs.all.value;
  const past = pastJobsHere(panel, signal(new Set([cat!.id])));
  await past.readOn();
  expect(promptsOf(past)).toEqual(["a fox"]);
});

test("says why nothing more is found, and goes on from there", async () => {
  await draw("a fox");
  const { companion, engines } = panel;
  const past = new PastJobs(engines.companionEngine, () => false);
  await companion.kill();
  await past.readOn();
  expect(past.problem.value).toMatchObject({ code: "companion-unreachable" });
  await companion.start();
  await past.readOn();
  expect([promptsOf(past), past.problem.value]).toEqual([["a fox"], undefined]);
});

test("opens a past job's picture with its recipe set", async () => {
  await draw("a fox");
  const past = new PastJobs(panel.engines.companionEngine, () => false);
  await past.readOn();
  const [found] = past.found.value;
  const another = panel.reopen();
  another.imageSelection("a");
  await openPast(another, found!.job, found!.recipe);
  expect(another.sessions.current.value?.drafts.inpaint.prompt.value).toBe("a fox");
});

test("is known by the companion's id from when that has taken it on, so that it is listed once", async () => {
  await draw("a fox");
  const past = new PastJobs(panel.engines.companionEngine, () => false);
  await past.readOn();
  expect(panel.jobs.all.value.map(({ id }) => id)).toEqual(past.found.value.map(({ job }) => job.id));
});

test("takes up a job behind the first page that nobody came back for", async () => {
  await draw("a fox");
  await draw("a cat");
  const [fox, cat] = [...panel.companion.jobs.values()];
  panel.companion.pageSize = 1;
  const reopened = panel.reopen();
  await reopened.engines.check();
  await new ResumeJobs(reopened).resume();
  await expect.poll(() => reopened.jobs.all.value.map(({ id }) => id)).toEqual([cat?.job.id, fox?.job.id]);
});
