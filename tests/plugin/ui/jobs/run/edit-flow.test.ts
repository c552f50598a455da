import { effect } from "@preact/signals";
import { decode } from "fast-png";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { newBoardPlan } from "../../../../../plugin/ui/extend/plan-boards.ts";
import { ResumeJobs } from "../../../../../plugin/ui/jobs/resume/resume-jobs.ts";
import { takeSnapshot } from "../../../../../plugin/ui/masks/take-snapshot.ts";
import type { Draft } from "../../../../../plugin/ui/pictures/draft.ts";
import { MAX_PROMPT_CHARACTERS } from "../../../../../shared/protocol/limits.ts";
import { modelIdSchema } from "../../../../../shared/protocol/models/model-facts.ts";
import { PanelInNode } from "../../support/panel-in-node.ts";
import { readMask } from "../../support/pictures.ts";
import { type ShownState, shownOf } from "../../support/shown-of.ts";

let panel: PanelInNode;
beforeEach(async () => {
  panel = await PanelInNode.start();
});
afterEach(() => panel.companion.kill());

async function phaseOf<T extends ShownState["type"]>(edit: Draft, type: T) {
  await vi.waitFor(() => expect(shownOf(edit).type).toBe(type), { timeout: 5_000, interval: 5 });
  return shownOf(edit) as Extract<ShownState, { type: T }>;
}
const jobs = () => [...panel.companion.jobs.values()];

test("takes an edit from the button to a layer above its source", async () => {
  const session = await panel.paintedSession();
  const edit = session.drafts.inpaint;
  edit.prompt.value = "  an orange cat ";
  const seen: string[] = [];
  const stop = effect(() => void seen.push(shownOf(edit).type));
  await panel.flow.generate(edit);
  const [variant] = (await phaseOf(edit, "result")).variants;
  const { result, png } = variant!;
  stop();
  expect(new Set(seen)).toEqual(new Set(["draft", "starting", "running", "result"]));
  expect(jobs()[0]?.job.request).toMatchObject({ prompt: "an orange cat", seed: 101, model: "starter" });

  await panel.insertions.insert(edit);
  expect(panel.placements).toMatchObject([
    {
      from: { pageId: "page-1", shapeId: "a", image: { width: 64, height: 48 } },
      name: "an orange cat",
      layer: result.layer,
    },
  ]);
  expect(panel.placements[0]?.recipe).toEqual(result.recipe);
  expect([...panel.placements[0]!.bytes]).toEqual([...png]);
  expect(shownOf(edit)).toEqual({ type: "draft" });
  expect(edit.placed.value?.shapeId).toBe("layer-1");
  expect(session.hasMask.value).toBe(true);
  await vi.waitFor(() => expect(jobs()[0]?.isAcknowledged).toBe(true));
});

test("keeps what was painted for another edit of it; what is painted elsewhere begins anew, and undo brings it back", async () => {
  const session = await panel.paintedSession();
  const { mask, drafts } = session;
  const paintCorner = () => {
    const stroke = session.beginStroke("brush");
    stroke.drawLine({ x: 2, y: 2 }, { x: 2, y: 2 });
    session.endStroke(stroke);
  };
  await panel.flow.generate(drafts.inpaint);
  await phaseOf(drafts.inpaint, "result");
  await panel.insertions.insert(drafts.inpaint);
  expect(mask.isPainted(32, 24)).toBe(true);
  paintCorner();
  expect([mask.isPainted(2, 2), mask.isPainted(32, 24)]).toEqual([true, false]);
  session.undo();
  session.undo();
  expect([mask.isPainted(2, 2), mask.isPainted(32, 24)]).toEqual([false, true]);
  paintCorner();
  expect([mask.isPainted(2, 2), mask.isPainted(32, 24)]).toEqual([true, true]);
});

test("cuts the layer to the part that shows in the shape", async () => {
  const visible = { x: 32, y: 0, width: 32, height: 48 };
  const session = await panel.paintedSession("a");
  const edit = session.drafts.inpaint;
  await panel.flow.generate(edit);
  session.shape.value = { ...session.shape.value, visible };
  const [variant] = (await phaseOf(edit, "result")).variants;
  const { result } = variant!;
  expect(result.layer.x).toBeLessThan(32);
  await panel.insertions.insert(edit);
  const [placed] = panel.placements;
  expect(placed?.layer.x).toBe(32);
  expect(decode(placed!.bytes).width).toBe(placed?.layer.width);
});

test("asks for paint before it sends anything", async () => {
  await panel.sessions.select(panel.imageSelection("a"));
  const session = panel.sessions.current.value!;
  const edit = session.drafts.inpaint;
  await panel.flow.generate(edit);
  expect(edit.problem.value).toMatchObject({ error: { code: "empty-mask" }, fixes: [] });
  expect(jobs()).toEqual([]);
  const stroke = session.beginStroke("brush");
  stroke.drawLine({ x: 30, y: 20 }, { x: 30, y: 20 });
  session.endStroke(stroke);
  expect(edit.problem.value).toBeUndefined();
});

test("refuses a prompt that is too long before it sends anything, with both lengths", async () => {
  const session = await panel.paintedSession();
  const edit = session.drafts.inpaint;
  edit.prompt.value = "x".repeat(10_000);
  await panel.flow.generate(edit);
  expect(edit.problem.value?.error).toMatchObject({ code: "prompt-too-long" });
  expect(edit.problem.value?.error.message).toContain("10000");
  expect(edit.problem.value?.error.message).toContain(String(MAX_PROMPT_CHARACTERS));
  expect(jobs()).toEqual([]);
});

test("draws another seed each time unless it is locked", async () => {
  const session = await panel.paintedSession();
  const edit = session.drafts.inpaint;
  await panel.flow.generate(edit);
  await panel.flow.generate(edit);
  panel.settings.isSeedLocked.value = true;
  await panel.flow.generate(edit);
  const [first, second, third] = jobs().map(({ job }) => job.request.seed);
  expect(second).not.toBe(first);
  expect(third).toBe(second);
});

test("cancels a running edit and keeps mask and prompt", async () => {
  panel.companion.script = { steps: 1_000, stepMs: 5 };
  const session = await panel.paintedSession();
  const edit = session.drafts.inpaint;
  edit.prompt.value = "a cat";
  const generating = panel.flow.generate(edit);
  await phaseOf(edit, "running");
  await panel.flow.cancel(edit);
  await generating;
  expect(shownOf(edit)).toEqual({ type: "draft" });
  expect(edit.problem.value).toBeUndefined();
  expect([session.hasMask.value, edit.prompt.value]).toEqual([true, "a cat"]);
  await vi.waitFor(() => expect(jobs()[0]).toMatchObject({ isCancelled: true, isAcknowledged: true }));
});

test("cancels an edit that is still on its way to the engine", async () => {
  panel.companion.script = { steps: 1_000, stepMs: 5 };
  const session = await panel.paintedSession();
  const edit = session.drafts.inpaint;
  const generating = panel.flow.generate(edit);
  expect(shownOf(edit)).toMatchObject({ type: "starting" });
  await panel.flow.cancel(edit);
  expect(shownOf(edit).type).toBe("draft");
  await generating;
  expect(shownOf(edit).type).toBe("draft");
  expect(jobs()).toEqual([]);
});

test("runs the very same edit in the browser when the companion dies in the middle", async () => {
  panel.companion.script = { steps: 1_000, stepMs: 5 };
  const session = await panel.paintedSession();
  const edit = session.drafts.inpaint;
  edit.prompt.value = "a cat";
  const generating = panel.flow.generate(edit);
  await phaseOf(edit, "running");
  await vi.waitFor(() =>
    expect(edit.shown.value?.job.state.value).toMatchObject({ progress: { step: expect.any(Number) } }),
  );
  const { job, mask } = jobs()[0]!;
  await panel.companion.kill();
  await generating;
  await phaseOf(edit, "result");
  expect(panel.browserScript.edits[0]?.request).toEqual(job.request);
  expect([...panel.browserScript.edits[0]!.mask!]).toEqual([...mask!]);
  expect(edit.notice.value).toContain("browser");
  expect(panel.engines.place.value).toBe("browser");
}, 15_000);

test("starts an edit again that a restarted companion has forgotten", async () => {
  panel.companion.script = { steps: 1_000, stepMs: 5, eventsPerConnection: 5 };
  const session = await panel.paintedSession();
  const edit = session.drafts.inpaint;
  const generating = panel.flow.generate(edit);
  await phaseOf(edit, "running");
  panel.companion.jobs.clear();
  panel.companion.script = { steps: 2, stepMs: 1 };
  await generating;
  await phaseOf(edit, "result");
  expect(edit.notice.value).toContain("restarted");
});

test("offers what helps when an edit fails, and keeps everything", async () => {
  const failure = { code: "out-of-memory", message: "Not enough memory.", remedy: "Paint less." } as const;
  panel.companion.script = { steps: 3, stepMs: 1, failure };
  const session = await panel.paintedSession();
  const edit = session.drafts.inpaint;
  await panel.flow.generate(edit);
  expect(shownOf(edit).type).toBe("draft");
  expect(edit.problem.value).toEqual({ error: failure, fixes: ["run-in-browser", "retry"] });
  expect(session.hasMask.value).toBe(true);
});

test("keeps a result that Penpot refused, and inserts it on the next try", async () => {
  const session = await panel.paintedSession();
  const edit = session.drafts.inpaint;
  await panel.flow.generate(edit);
  panel.refusePlacement = { code: "upload-rejected", message: "The file is too large." };
  await panel.insertions.insert(edit);
  expect(shownOf(edit)).toMatchObject({ type: "result" });
  expect(edit.problem.value?.fixes).toEqual(["insert-again"]);
  expect(jobs()[0]?.isAcknowledged).toBe(false);
  panel.refusePlacement = undefined;
  await panel.insertions.insert(edit);
  expect(panel.placements).toHaveLength(1);
});

test("tells of the variant that is in the document, not of the one whose place it took", async () => {
  panel.settings.count.value = 2;
  const edit = (await panel.paintedSession()).drafts.inpaint;
  await panel.flow.generate(edit);
  await vi.waitFor(() => expect(shownOf(edit)).toMatchObject({ type: "result", variants: [{}, {}] }));
  await panel.insertions.insert(edit);
  const [first, second] = edit.shown.value!.job.variants.value;
  expect([first?.placedAs, second?.placedAs]).toEqual(["layer-1", undefined]);
  panel.earlierLayer = "layer-1";
  edit.show(edit.shown.value!.job, second!.result.variant);
  await panel.insertions.insert(edit);
  expect(edit.shown.value?.job.variants.value.map(({ placedAs }) => placedAs)).toEqual([undefined, "layer-1"]);
});

test("goes on showing an inserted extension until another one is begun", async () => {
  await panel.sessions.select(panel.imageSelection("a"));
  const session = panel.sessions.current.value!;
  const edit = session.drafts.outpaint;
  const insertOne = async () => {
    session.extension.setSides({ left: 8 });
    await panel.flow.generate(edit);
    const [variant] = (await phaseOf(edit, "result")).variants;
    await panel.insertions.insert(edit);
    expect(edit.inserted.value?.picture).toBe(variant?.picture);
    return () => expect(edit.inserted.value).toBeUndefined();
  };
  const expectHidden = await insertOne();
  session.extension.setSides({ left: 9 });
  expectHidden();

  const expectHiddenByRun = await insertOne();
  const generating = panel.flow.generate(edit);
  expectHiddenByRun();
  await generating;
  panel.flow.discard(edit);

  const expectHiddenBySelection = await insertOne();
  await panel.sessions.select(panel.imageSelection("b"));
  expectHiddenBySelection();
});

test("draws the next edit on what was inserted, and lays it above that", async () => {
  const session = await panel.paintedSession();
  const edit = session.drafts.inpaint;
  const before = session.source.bytes;
  await panel.flow.generate(edit);
  await panel.insertions.insert(edit);
  expect(session.source.bytes).not.toEqual(before);
  expect(session.hasMask.value).toBe(true);
  await panel.flow.generate(edit);
  expect(jobs()[1]?.image).toEqual(session.source.bytes);
  await panel.insertions.insert(edit);
  expect(panel.placements.map(({ drawnOn }) => drawnOn)).toEqual([[], ["layer-1"]]);

  await panel.sessions.refresh(session, "none");
  await panel.flow.generate(edit);
  expect(jobs()[2]?.image).toEqual(jobs()[0]?.image);
});

test("marks the variants of a job, so that the document can put one in the place of another", async () => {
  panel.settings.count.value = 2;
  const { inpaint } = (await panel.paintedSession()).drafts;
  await panel.flow.generate(inpaint);
  const { job } = inpaint.shown.value!;
  await panel.insertions.insert(inpaint);
  inpaint.show(job, 1);
  panel.settings.stacks.value = true;
  await panel.insertions.insert(inpaint);
  expect(panel.placements.map((each) => [each.job, each.stacks])).toEqual([
    [job.id, false],
    [job.id, true],
  ]);
});

test("takes an insertion back and does it again", async () => {
  const { inpaint } = (await panel.paintedSession()).drafts;
  await panel.flow.generate(inpaint);
  await panel.insertions.insert(inpaint);
  await panel.insertions.undo(inpaint);
  expect(panel.undone).toEqual([panel.placements[0]?.placementId]);
  expect(inpaint.chosen.value?.placedAs).toBeUndefined();
  expect(inpaint.chosen.value).toBeDefined();
  const { job } = inpaint.shown.value!; // the result shows again
  await panel.insertions.redo();
  expect(panel.undone).toEqual([]);
  expect(inpaint.placed.value?.shapeId).toBe("layer-again");
  expect(job.variants.value.map(({ placedAs }) => placedAs)).toEqual(["layer-again"]);
  expect(shownOf(inpaint)).toEqual({ type: "draft" });
  await panel.insertions.redo();
  expect(inpaint.placed.value?.shapeId).toBe("layer-again");
});

test("draws a result again whose mask's shape has moved: the same words and seed, in its place in the document", async () => {
  const session = await panel.paintedSession();
  const { inpaint } = session.drafts;
  const drawAt = (x: number, version: string) =>
    session.drawShapes(
      { shapeIds: ["star"], by: "outline", version },
      { place: { x, y: 4, width: 2, height: 2 }, data: new Uint8Array(4).fill(255) },
    );
  drawAt(4, "1");
  inpaint.prompt.value = "a star";
  await panel.flow.generate(inpaint);
  const first = inpaint.shown.value!.job;
  await panel.insertions.insert(inpaint);
  session.maskShapes.value = { ...session.maskShapes.value!, isStale: true };
  drawAt(40, "2");
  inpaint.prompt.value = "something else by now";
  await panel.flow.repeats.redraw(inpaint, first);
  const again = inpaint.shown.value!.job;
  expect(again.request).toEqual(first.request);
  expect([first.target?.maskVersion, again.target?.maskVersion]).toEqual(["1", "2"]);
  const [before, after] = [...panel.companion.jobs.values()];
  expect(after?.image).toEqual(before?.image);
  // The dot in the middle was painted by hand.
  const paintedIn = (mask: Uint8Array | undefined) => {
    const { isPainted } = readMask(mask!);
    return [isPainted(32, 24), isPainted(5, 5), isPainted(41, 5)];
  };
  expect([paintedIn(before?.mask), paintedIn(after?.mask)]).toEqual([
    [true, true, false],
    [true, false, true],
  ]);
  await panel.insertions.insert(inpaint);
  expect(panel.placements.map((each) => each.job)).toEqual([first.id, first.id]);
});

test("gives a result up without touching the document", async () => {
  const session = await panel.paintedSession();
  const edit = session.drafts.inpaint;
  await panel.flow.generate(edit);
  panel.flow.discard(edit);
  expect(shownOf(edit)).toEqual({ type: "draft" });
  expect(panel.placements).toEqual([]);
  await vi.waitFor(() => expect(jobs()[0]?.isAcknowledged).toBe(true));
});

test("keeps every result beside those of further runs, also with the engine, until it is given up", async () => {
  const session = await panel.paintedSession();
  const edit = session.drafts.inpaint;
  await panel.flow.generate(edit);
  const first = (await phaseOf(edit, "result")).job;
  panel.companion.script = { steps: 30, stepMs: 5 };
  const generating = panel.flow.generate(edit);
  await phaseOf(edit, "running");
  await generating;
  const { variants } = await phaseOf(edit, "result");
  expect(variants[0]?.result.recipe.request.seed).toBe(jobs()[1]?.job.request.seed);
  expect(panel.flow.jobsOf(edit).at(-1)).toBe(first);
  expect(jobs().map(({ isAcknowledged }) => isAcknowledged)).toEqual([false, false]);
  edit.show(first, 0);
  await panel.insertions.insert(edit);
  expect(panel.placements[0]?.recipe.request.seed).toBe(jobs()[0]?.job.request.seed);
  await vi.waitFor(() => expect(jobs().map(({ isAcknowledged }) => isAcknowledged)).toEqual([true, false]));
});

test("comes back to the result when the next run is cancelled or fails, which can still be inserted", async () => {
  const session = await panel.paintedSession();
  const edit = session.drafts.inpaint;
  await panel.flow.generate(edit);
  const { variants } = await phaseOf(edit, "result");
  const isUntouched = () =>
    edit.shown.value?.job.isOver.value === true &&
    edit.shown.value.job.variants.value === variants &&
    !jobs()[0]?.isAcknowledged;

  panel.companion.script = { steps: 1_000, stepMs: 5 };
  const early = panel.flow.generate(edit);
  await panel.flow.cancel(edit);
  await early;
  expect(isUntouched()).toBe(true);

  const late = panel.flow.generate(edit);
  await phaseOf(edit, "running");
  await panel.flow.cancel(edit);
  await late;
  expect(isUntouched()).toBe(true);

  panel.companion.script = { steps: 2, stepMs: 1, failure: { code: "out-of-memory", message: "Not enough memory." } };
  await panel.flow.generate(edit);
  expect(edit.problem.value?.error.code).toBe("out-of-memory");
  expect(isUntouched()).toBe(true);

  await panel.insertions.insert(edit);
  expect([...panel.placements[0]!.bytes]).toEqual([...variants[0]!.png]);
});

test("leaves a result as it is when there is nothing to run again", async () => {
  const session = await panel.paintedSession();
  const edit = session.drafts.inpaint;
  await panel.flow.generate(edit);
  const phase = await phaseOf(edit, "result");
  session.clearMask();
  await panel.flow.generate(edit);
  expect(edit.problem.value?.error.code).toBe("empty-mask");
  expect(shownOf(edit)).toEqual(phase);
  expect(jobs()).toMatchObject([{ isAcknowledged: false }]);
});

test("keeps finished variants when contact is lost and the browser cannot go on", async () => {
  panel.companion.script = { steps: 40, stepMs: 5 };
  panel.settings.count.value = 2;
  panel.settings.chooseModel("inpaint", modelIdSchema.parse("photo-inpaint"));
  const session = await panel.paintedSession();
  const edit = session.drafts.inpaint;
  const generating = panel.flow.generate(edit);
  await vi.waitFor(() => expect(shownOf(edit)).toMatchObject({ variants: [{ placedAs: undefined }] }), { interval: 2 });
  await panel.companion.kill();
  await generating;
  expect(edit.problem.value?.error.code).toBe("unknown-model");
  expect((await phaseOf(edit, "result")).variants).toHaveLength(1);
}, 15_000);

test("does not quietly take another model when the browser lacks the chosen one", async () => {
  await panel.companion.kill();
  const session = await panel.paintedSession();
  const edit = session.drafts.inpaint;
  panel.settings.chooseModel("inpaint", modelIdSchema.parse("photo-inpaint"));
  await panel.flow.generate(edit);
  expect(edit.problem.value).toMatchObject({
    error: { code: "unknown-model" },
    fixes: ["use-starter", "check-companion"],
  });
  expect(panel.browserScript.edits).toEqual([]);
});

test("takes up an edit that ran while the panel was closed and places it where it belongs", async () => {
  const closed = await panel.paintedSession("b");
  closed.drafts.inpaint.prompt.value = "a tower";
  panel.settings.steps.value = 17;
  panel.settings.guidanceScale.value = 4.5;
  panel.settings.count.value = 2;
  panel.settings.chooseModel("inpaint", modelIdSchema.parse("photo-inpaint"));
  await panel.flow.generate(closed.drafts.inpaint);

  const reopened = panel.reopen();
  await reopened.engines.check();
  await reopened.sessions.select(reopened.imageSelection("a"));
  await new ResumeJobs(reopened).resume();
  const session = reopened.sessions.current.value!;
  const edit = session.drafts.inpaint;
  expect(session.shape.value.shapeId).toBe("b");
  expect(reopened.sessions.offered.value?.shapeId).toBe("a");
  expect(edit.notice.value).toContain("closed");
  await phaseOf(edit, "result");
  expect(edit.prompt.value).toBe("a tower");
  const { settings } = reopened;
  expect([settings.seed.value, settings.steps.value, settings.guidanceScale.value, settings.count.value]).toEqual([
    jobs()[0]?.job.request.seed,
    17,
    4.5,
    2,
  ]);
  expect(settings.models.value.inpaint).toBe("photo-inpaint");
  await vi.waitFor(() => expect(session.hasMask.value).toBe(true));
  expect(takeSnapshot(session.mask)).toEqual(takeSnapshot(closed.mask));
  await reopened.insertions.insert(edit);
  expect(reopened.placements).toMatchObject([{ from: { shapeId: "b" }, name: "a tower" }]);
  reopened.flow.discard(edit);
  await vi.waitFor(() => expect(jobs()[0]?.isAcknowledged).toBe(true));
});

test("says that the painted area is not known when the companion cannot give it, and inserts all the same", async () => {
  await panel.flow.generate((await panel.paintedSession("b")).drafts.inpaint);
  panel.companion.keepsParts = false;
  const reopened = panel.reopen();
  await reopened.sessions.select(reopened.imageSelection("b"));
  await new ResumeJobs(reopened).resume();
  const session = reopened.sessions.current.value!;
  const edit = session.drafts.inpaint;
  await vi.waitFor(() => expect(edit.notice.value).toContain("The painted area is not known"));
  await phaseOf(edit, "result");
  await reopened.insertions.insert(edit);
  // Penpot selects the new layer; nothing of the session would be lost by leaving it.
  await reopened.sessions.select(reopened.imageSelection("layer-1"));
  expect(reopened.sessions.current.value).toBe(session);
  expect(edit.placed.value?.words).toBe("Inserted above the picture.");
});

test.each([
  ["above-source", "Inserted above the picture."],
  ["above-results", "Inserted on top."],
] as const)("says where a result was put: %s", async (stacking, words) => {
  panel.stacking = stacking;
  const { drafts: edits } = await panel.paintedSession("b");
  await panel.flow.generate(edits.inpaint);
  await phaseOf(edits.inpaint, "result");
  await panel.insertions.insert(edits.inpaint);
  expect(edits.inpaint.placed.value?.words).toBe(words);
});

test("leaves an edit with the companion whose shape is not here, until it is selected", async () => {
  await panel.flow.generate((await panel.paintedSession("b")).drafts.inpaint);
  const reopened = panel.reopen();
  reopened.images.delete("b");
  await reopened.sessions.select(reopened.imageSelection("a"));
  await new ResumeJobs(reopened).resume();
  expect(shownOf(reopened.sessions.current.value!.drafts.inpaint).type).toBe("draft");
  await reopened.sessions.select(reopened.imageSelection("b"));
  await phaseOf(reopened.sessions.current.value!.drafts.inpaint, "result");
});

test("draws each choice of words for each of several boards, and remembers the words", async () => {
  await panel.sessions.select(panel.imageSelection("a"));
  const session = panel.sessions.current.value!;
  const { outpaint } = session.drafts;
  outpaint.prompt.value = "a {green|dry} meadow";
  await panel.flow.fillBoards(outpaint, [newBoardPlan(session, "1:1"), newBoardPlan(session, "16:9")]);
  const asked = jobs().map(({ job }) => [job.request.prompt, job.target?.board]);
  expect(asked.map(([prompt]) => prompt).sort()).toEqual(
    ["a dry meadow", "a dry meadow", "a green meadow", "a green meadow"].sort(),
  );
  expect(new Set(jobs().map(({ job }) => job.request.seed)).size).toBe(1);
  expect(panel.prompts).toEqual(["a {green|dry} meadow"]);
});

test("lets go of discarded results once they cannot be had back, and keeps how they were made", async () => {
  const { inpaint } = (await panel.paintedSession()).drafts;
  await panel.flow.generate(inpaint);
  const { job } = inpaint.shown.value!;
  panel.flow.discard(inpaint);
  expect(job.variants.value).toHaveLength(1);
  await panel.flow.generate(inpaint);
  expect([job.variants.value, job.input]).toEqual([[], undefined]);
  expect(job.remains.value?.result.recipe.request.seed).toBe(job.request.seed);
  expect(panel.flow.discarded.value).toBeUndefined();
});
