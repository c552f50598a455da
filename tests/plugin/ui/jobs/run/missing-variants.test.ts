import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { PanelInNode } from "../../support/panel-in-node.ts";

let panel: PanelInNode;
beforeEach(async () => {
  panel = await PanelInNode.start();
});
afterEach(() => panel.companion.kill());

const jobs = () => [...panel.companion.jobs.values()];

test("tells of variants that did not arrive, leaves them with the companion, and fetches them again", async () => {
  const { inpaint } = (await panel.paintedSession()).drafts;
  panel.settings.count.value = 2;
  panel.companion.givesResults = false;
  await panel.flow.generate(inpaint);
  expect(inpaint.problem.value?.error.message).toContain("2 of 2 variants did not arrive");
  expect(inpaint.problem.value?.fixes).toEqual(["fetch-again"]);
  expect(jobs()).toMatchObject([{ isAcknowledged: false }]);

  await panel.flow.fetchMissing(inpaint);
  expect(inpaint.problem.value?.error.message).toContain("2 of 2");
  panel.companion.givesResults = true;
  inpaint.problem.value = undefined;
  await panel.flow.fetchMissing(inpaint);
  expect(inpaint.problem.value).toBeUndefined();
  expect(inpaint.shown.value?.job.variants.value).toHaveLength(2);
  expect(inpaint.chosen.value?.result.variant).toBe(0);
  expect(jobs()).toHaveLength(1);
});

test("keeps a job with the companion while one of its variants is missing, and inserts the others", async () => {
  const { inpaint } = (await panel.paintedSession()).drafts;
  panel.settings.count.value = 2;
  const generating = panel.flow.generate(inpaint);
  await vi.waitFor(() => expect(panel.jobs.all.value[0]?.variants.value).toHaveLength(1), { interval: 1 });
  panel.companion.givesResults = false;
  await generating;
  expect(inpaint.problem.value?.error.message).toContain("1 of 2 variants did not arrive");
  inpaint.problem.value = undefined;
  await panel.insertions.insert(inpaint);
  expect(panel.placements).toHaveLength(1);
  // The job is over and waits for its other variant.
  expect(inpaint.shown.value?.job.missing.value).toHaveLength(1);
  expect(jobs()[0]?.isAcknowledged).toBe(false);
});
