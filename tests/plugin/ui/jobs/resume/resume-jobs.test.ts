import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Settings } from "../../../../../plugin/ui/app/settings.ts";
import type { Sides } from "../../../../../plugin/ui/extend/extension.ts";
import { ResumeJobs } from "../../../../../plugin/ui/jobs/resume/resume-jobs.ts";
import { styleFromFile } from "../../../../../plugin/ui/restyle/style-reference.ts";
import { THUMBNAILS } from "../../../../../plugin/ui/thumbnails/drawn-thumbnails.ts";
import { editRequestSchema } from "../../../../../shared/protocol/edit-request.ts";
import { modelIdSchema } from "../../../../../shared/protocol/models/model-facts.ts";
import { PanelInNode } from "../../support/panel-in-node.ts";
import { landscape } from "../../support/pictures.ts";

let panel: PanelInNode;
beforeEach(async () => {
  panel = await PanelInNode.start();
});
afterEach(() => panel.companion.kill());

/** @param prepare is done in the panel before it takes jobs up */
async function reopened(prepare: (another: PanelInNode) => unknown = () => {}): Promise<PanelInNode> {
  const another = panel.reopen();
  await another.engines.check();
  await prepare(another);
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

/** A panel that was opened while the companion was away. */
async function reopenedWithout(): Promise<PanelInNode> {
  await panel.companion.kill();
  const another = panel.reopen();
  await another.engines.check();
  new ResumeJobs(another).start();
  // It answers before it tells of its jobs.
  vi.spyOn(another.engines.companionEngine, "unacknowledged").mockRejectedValueOnce(new Error("not yet"));
  return another;
}

test("takes jobs up when the companion is first reached, however late, and each once", async () => {
  await panel.flow.generate((await panel.paintedSession("b")).drafts.inpaint);
  const another = await reopenedWithout();
  another.imageSelection("b");
  expect(another.jobs.all.value).toEqual([]);
  await panel.companion.start();
  for (let checks = 0; checks < 3; checks++) await another.engines.check();
  const inpaint = () => another.sessions.current.value?.drafts.inpaint;
  await vi.waitFor(() => expect(inpaint()?.chosen.value).toBeDefined());
  await another.engines.check();
  expect(another.jobs.all.value.map(({ id }) => id)).toEqual([...panel.companion.jobs.keys()]);
});

test("lists a job without showing it where something was painted before the companion was reached", async () => {
  await panel.flow.generate((await panel.paintedSession("b")).drafts.inpaint);
  const another = await reopenedWithout();
  const { inpaint } = (await another.paintedSession("b")).drafts;
  await panel.companion.start();
  for (let checks = 0; checks < 2; checks++) await another.engines.check();
  await vi.waitFor(() => expect(another.jobs.unseen.value).toHaveLength(1));
  expect(inpaint.isIdle.value).toBe(true);
});

test.each<[string, (settings: Settings) => void]>([
  [
    "words against something were typed",
    ({ negativePrompt }) => {
      negativePrompt.value = "fog";
    },
  ],
  ["a LoRA was turned on", (settings) => settings.setLora(modelIdSchema.parse("ink"), 0.5)],
  ["a control was added", ({ controls }) => controls.add(modelIdSchema.parse("net"), "canny")],
])("sets nothing as it was for a job where %s before its jobs were told", async (_, change) => {
  await panel.flow.generate((await panel.paintedSession("b")).drafts.inpaint);
  const another = await reopened(({ settings }) => change(settings));
  const { negativePrompt, loras, controls } = another.settings;
  expect([negativePrompt.value === "", loras.value.size, controls.choices.value.length]).not.toEqual([true, 0, 0]);
  await another.sessions.select(another.imageSelection("b"));
  await vi.waitFor(() => expect(another.sessions.current.value?.drafts.inpaint.chosen.value).toBeDefined());
});

test("leaves the sides alone that were set before its jobs were told", async () => {
  await panel.flow.generate((await extendedSession(panel, { left: 20 })).drafts.outpaint);
  const another = await reopened((before) => extendedSession(before, { right: 9 }));
  await vi.waitFor(() => expect(another.jobs.unseen.value).toHaveLength(1));
  expect(another.sessions.current.value?.extension.sides.value).toMatchObject({ left: 0, right: 9 });
});

/** The picture "b" with sides that are typed. */
async function extendedSession(opened: PanelInNode, sides: Partial<Sides>) {
  await opened.sessions.select(opened.imageSelection("b"));
  const session = opened.sessions.current.value!; // it was selected
  session.extension.setSides(sides);
  return session;
}

test("takes up no job that it has begun itself before the companion told of its jobs", async () => {
  await panel.flow.generate((await panel.paintedSession("b")).drafts.inpaint);
  const another = await reopenedWithout();
  const { inpaint } = (await another.paintedSession("b")).drafts;
  await panel.companion.start();
  await another.engines.check();
  await another.flow.generate(inpaint);
  await another.engines.check();
  await vi.waitFor(() => expect(another.jobs.all.value).toHaveLength(2));
  expect(new Set(another.jobs.all.value.map(({ id }) => id)).size).toBe(2);
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
