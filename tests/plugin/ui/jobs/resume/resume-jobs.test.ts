import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ResumeJobs } from "../../../../../plugin/ui/jobs/resume/resume-jobs.ts";
import { styleFromFile } from "../../../../../plugin/ui/restyle/style-reference.ts";
import { THUMBNAILS } from "../../../../../plugin/ui/thumbnails/drawn-thumbnails.ts";
import { editRequestSchema } from "../../../../../shared/protocol/edit-request.ts";
import { PanelInNode } from "../../support/panel-in-node.ts";
import { landscape } from "../../support/pictures.ts";

let panel: PanelInNode;
beforeEach(async () => {
  panel = await PanelInNode.start();
});
afterEach(() => panel.companion.kill());

async function reopened(): Promise<PanelInNode> {
  const another = panel.reopen();
  await another.engines.check();
  await new ResumeJobs(another).resume();
  return another;
}

test("takes up no thumbnail that was being drawn when the panel was closed, whatever file is open", async () => {
  const request = editRequestSchema.parse({
    task: "create",
    model: "starter",
    prompt: "a berry",
    width: 64,
    height: 64,
  });
  const run = await panel.engines.companionEngine.start({ request, fileId: THUMBNAILS });
  await run.follow(() => {});
  const { jobs, settings } = await reopened();
  expect(jobs.all.value).toEqual([]);
  expect(settings.task.value).toBe("inpaint");
});

test("shows the newest of several, however long its pictures take to arrive", async () => {
  const { restyle } = (await panel.paintedSession()).drafts;
  await panel.flow.generate(restyle);
  const file = new File([landscape(8, 8)], "style.png", { type: "image/png" });
  panel.settings.references.value = [await styleFromFile(file, panel.decode)];
  await vi.waitFor(() => expect(Date.now()).toBeGreaterThan([...panel.companion.jobs.values()][0]!.job.createdAt));
  await panel.flow.generate(restyle);
  const [, newest] = [...panel.companion.jobs.values()];
  const another = await reopened();
  await vi.waitFor(() => expect(another.jobs.all.value).toHaveLength(2));
  expect(another.sessions.current.value?.drafts.restyle.shown.value?.job.id).toBe(newest?.job.id);
  expect(another.settings.references.value).toHaveLength(1);
});
