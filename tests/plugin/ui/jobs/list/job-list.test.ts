import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { EditJob } from "../../../../../plugin/ui/jobs/list/edit-job.ts";
import { JobList } from "../../../../../plugin/ui/jobs/list/job-list.ts";
import { ResumeJobs } from "../../../../../plugin/ui/jobs/resume/resume-jobs.ts";
import { resultScene } from "../../../../../plugin/ui/stage/result-scene.ts";
import { editRequestSchema } from "../../../../../shared/protocol/edit-request.ts";
import { PanelInNode } from "../../support/panel-in-node.ts";
import { pictureFor, resultFor } from "../../support/pictures.ts";

let panel: PanelInNode;
beforeEach(async () => {
  panel = await PanelInNode.start();
});
afterEach(() => panel.companion.kill());

const jobs = () => [...panel.companion.jobs.values()];
const seeds = () => panel.jobs.all.value.map(({ request }) => request.seed);

test("queues edits in the browser, one after the other, and shows the one that was begun first", async () => {
  await panel.companion.kill();
  const { inpaint } = (await panel.paintedSession()).drafts;
  const first = panel.flow.generate(inpaint);
  inpaint.prompt.value = "a cat";
  const second = panel.flow.generate(inpaint);
  const shown = inpaint.shown.value?.job;
  await first;
  expect(inpaint.shown.value?.job).toBe(shown);
  await second;
  expect(panel.browserScript.edits.map(({ request }) => request.prompt)).toEqual(["", "a cat"]);
  expect(panel.jobs.all.value.map(({ state }) => state.value.type)).toEqual(["done", "done"]);
  expect(inpaint.problem.value).toBeUndefined();
  expect(inpaint.chosen.value?.result.recipe.request.prompt).toBe("");
});

test("cancels one that waits in the browser and leaves the one that runs alone", async () => {
  await panel.companion.kill();
  const { inpaint } = (await panel.paintedSession()).drafts;
  const first = panel.flow.generate(inpaint);
  const second = panel.flow.generate(inpaint);
  const [waiting] = panel.jobs.all.value;
  await vi.waitFor(() => expect(waiting?.state.value.type).toBe("queued"), { interval: 1 });
  await panel.flow.cancelAll();
  await Promise.all([first, second]);
  const third = panel.flow.generate(inpaint);
  await third;
  expect(panel.jobs.all.value[0]?.state.value.type).toBe("done");
});

test("keeps the variants of a prompt that was changed since, to be looked at and inserted", async () => {
  const { inpaint } = (await panel.paintedSession()).drafts;
  inpaint.prompt.value = "a cat";
  await panel.flow.generate(inpaint);
  inpaint.prompt.value = "a dog";
  await panel.flow.generate(inpaint);
  const [dog, cat] = panel.flow.jobsOf(inpaint);
  expect([dog?.request.prompt, cat?.request.prompt]).toEqual(["a dog", "a cat"]);
  inpaint.show(cat!, 0);
  await panel.insertions.insert(inpaint);
  expect(panel.placements.map(({ name }) => name)).toEqual(["a cat"]);
});

test("keeps results when the picture is loaded again or replaced by a larger one", async () => {
  const session = await panel.paintedSession();
  await panel.flow.generate(session.drafts.inpaint);
  panel.imageSelection("a", { mediaId: "larger", image: { width: 128, height: 96 } });
  await panel.sessions.reload(session);
  const { inpaint } = panel.sessions.current.value!.drafts;
  expect(panel.flow.jobsOf(inpaint)).toHaveLength(1);
});

test("closes the pictures of variants that were looked at long ago, keeps their files, and opens them again", async () => {
  const { decode, pixels } = panel;
  // Each as large as half of what may be open.
  const decodeSmall: typeof decode = async (bytes, mime) => ({
    ...(await decode(bytes, mime)),
    size: { width: 1, height: 1 },
  });
  const jobs = new JobList(decodeSmall, pixels);
  const request = editRequestSchema.parse({ task: "create", width: 64, height: 48 });
  const made = await Promise.all(
    [0, 1, 2].map(async (createdAt) => {
      const job = new EditJob({ request, target: undefined, sourceSize: undefined, createdAt });
      const picture = pictureFor(request, {});
      const result = resultFor(request, { ...picture, pixels: { width: 8_000, height: 4_000 } });
      jobs.add(job);
      await jobs.receive(job, result, picture.png);
      return job;
    }),
  );
  const isOpen = () => made.map(({ variants }) => variants.value[0]?.picture !== undefined);
  expect(isOpen()).toEqual([false, true, true]);
  await jobs.open(made[0]!, 0);
  expect(isOpen()).toEqual([true, false, true]);
});

test("shows the picture as it becomes where a result takes something away, which its layer cannot show", async () => {
  const session = await panel.paintedSession();
  await panel.flow.generate(session.drafts.inpaint);
  const { job } = session.drafts.inpaint.shown.value!;
  const { result, png, picture } = job.variants.value[0]!;
  expect(resultScene(session.drafts.inpaint, job.variants.value[0]!).overlay).toMatchObject({ area: result.layer });
  expect(picture?.size).toEqual(result.pixels);

  await panel.jobs.receive(job, { ...result, erases: result.layer }, png);
  const whole = { x: 0, y: 0, ...session.mask.size };
  expect(resultScene(session.drafts.inpaint, job.variants.value[0]!).overlay).toMatchObject({
    area: whole,
    isInstead: true,
  });
});

test("closes the picture of a variant that is drawn again, and knows that it was inserted", async () => {
  const { inpaint } = (await panel.paintedSession()).drafts;
  await panel.flow.generate(inpaint);
  const { job } = inpaint.shown.value!;
  const { result, png, picture } = job.variants.value[0]!;
  job.keep({ ...job.variants.value[0]!, placedAs: "layer-1" });
  await panel.jobs.receive(job, result, png);
  expect(panel.openPictures.has(picture!)).toBe(false);
  expect(job.variants.value[0]?.placedAs).toBe("layer-1");
});

test("has a discarded result back", async () => {
  const { inpaint } = (await panel.paintedSession()).drafts;
  await panel.flow.generate(inpaint);
  const { job } = inpaint.shown.value!;
  panel.flow.discard(inpaint);
  expect([inpaint.isIdle.value, panel.flow.jobsOf(inpaint)]).toEqual([true, []]);
  panel.flow.undoDiscard();
  await vi.waitFor(() => expect(inpaint.chosen.value?.picture).toBeDefined());
  expect(inpaint.shown.value?.job).toBe(job);
  await panel.insertions.insert(inpaint);
  expect(panel.placements).toHaveLength(1);
});

test("runs a job again as it was, with another seed, whatever is painted by now", async () => {
  const session = await panel.paintedSession();
  await panel.flow.generate(session.drafts.inpaint);
  const { job } = session.drafts.inpaint.shown.value!;
  session.clearMask();
  await panel.flow.repeats.again(session.drafts.inpaint, job);
  expect(jobs()[1]?.mask).toEqual(jobs()[0]?.mask);
  expect(new Set(seeds()).size).toBe(2);
});

test.each([
  ["of another file", { fileId: "file-2" }, []],
  ["that another panel has", {}, ["job000000000000"]],
])("leaves a job alone %s", async (_, change, taken) => {
  const session = await panel.paintedSession("a", { fileId: "file-1" });
  await panel.flow.generate(session.drafts.inpaint);
  const reopened = panel.reopen();
  for (const id of taken) reopened.taken.add(id);
  await reopened.sessions.select(reopened.imageSelection("a", { fileId: "file-1", ...change }));
  await new ResumeJobs(reopened).resume();
  await vi.waitFor(() => expect(reopened.sessions.current.value).toBeDefined());
  expect(reopened.jobs.all.value).toEqual([]);
  expect(reopened.sessions.current.value?.drafts.inpaint.isIdle.value).toBe(true);
});

test("names the picture that a resumed job was made from, also where it was changed since", async () => {
  await panel.flow.generate((await panel.paintedSession("a")).drafts.inpaint);
  const reopened = panel.reopen();
  await reopened.sessions.select(reopened.imageSelection("a", { mediaId: "another" }));
  await new ResumeJobs(reopened).resume();
  const { inpaint } = reopened.sessions.current.value!.drafts;
  await vi.waitFor(() => expect(inpaint.chosen.value).toBeDefined());
  await reopened.insertions.insert(inpaint);
  expect(reopened.placements[0]).toMatchObject({ from: { mediaId: "media-a" }, anyway: false });
});

test("says that the picture was changed while the panel was closed", async () => {
  await panel.flow.generate((await panel.paintedSession("a")).drafts.inpaint);
  const reopened = panel.reopen();
  await reopened.sessions.select(reopened.imageSelection("a", { mediaId: "another" }));
  await new ResumeJobs(reopened).resume();
  const { inpaint } = reopened.sessions.current.value!.drafts;
  await vi.waitFor(() => expect(inpaint.notice.value).toContain("was changed since"));
});

test("opens a variant that was put aside when it is shown, without being asked to", async () => {
  panel.settings.count.value = 2;
  const { inpaint } = (await panel.paintedSession()).drafts;
  await panel.flow.generate(inpaint);
  const { job } = inpaint.shown.value!;
  panel.jobs.close(job);
  await vi.waitFor(() => expect(inpaint.chosen.value?.picture).toBeDefined());
  expect(job.variant(1)?.picture).toBeUndefined();
  inpaint.show(job, 1);
  await vi.waitFor(() => expect(inpaint.chosen.value?.picture).toBeDefined());
});

test("goes on showing an inserted extension after it was put aside", async () => {
  await panel.sessions.select(panel.imageSelection("a"));
  const session = panel.sessions.current.value!;
  const { outpaint } = session.drafts;
  panel.settings.task.value = "outpaint";
  session.extension.setSides({ left: 8 });
  await panel.flow.generate(outpaint);
  const { job } = outpaint.shown.value!;
  await panel.insertions.insert(outpaint);
  panel.jobs.close(job);
  await vi.waitFor(() => expect(outpaint.inserted.value?.picture).toBeDefined());
  expect(panel.openPictures).toContain(outpaint.inserted.value?.picture);
});

test("keeps the inputs of the newest jobs at hand, and of all that go on", () => {
  const list = new JobList(panel.decode, panel.pixels);
  const request = editRequestSchema.parse({ task: "create", width: 64, height: 64, prompt: "a cat" });
  const jobs = Array.from({ length: 30 }, (_, createdAt) => {
    const job = new EditJob({ request, target: undefined, sourceSize: undefined, createdAt });
    job.input = { request };
    if (createdAt > 0) job.state.value = { type: "done" };
    list.add(job);
    return job;
  });
  const kept = jobs.filter(({ input }) => input !== undefined).map(({ createdAt }) => createdAt);
  expect(kept).toEqual([0, ...Array.from({ length: 24 }, (_, i) => i + 6)]);
});
