import { decode } from "fast-png";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { isNoSides } from "../../../../plugin/ui/extend/extension.ts";
import { existingBoardPlan, newBoardPlan } from "../../../../plugin/ui/extend/plan-boards.ts";
import { ResumeJobs } from "../../../../plugin/ui/jobs/resume/resume-jobs.ts";
import { actionName, insertName } from "../../../../plugin/ui/jobs/run/action-name.ts";
import type { Draft } from "../../../../plugin/ui/pictures/draft.ts";
import { styleFromFile, styleFromShape } from "../../../../plugin/ui/restyle/style-reference.ts";
import type { ModelSummary } from "../../../../shared/protocol/api.ts";
import { MAX_IMAGE_SIDE } from "../../../../shared/protocol/limits.ts";
import { modelIdSchema } from "../../../../shared/protocol/models/model-facts.ts";
import type { PictureTarget } from "../../../../shared/protocol/plugin/selection.ts";
import { PanelInNode } from "../support/panel-in-node.ts";
import { landscape } from "../support/pictures.ts";
import { shownOf } from "../support/shown-of.ts";

let panel: PanelInNode;
beforeEach(async () => {
  panel = await PanelInNode.start();
});
afterEach(() => panel.companion.kill());

const sizeOf = (png: Uint8Array) => {
  const { width, height } = decode(png);
  return { width, height };
};
const jobs = () => [...panel.companion.jobs.values()];
const board: PictureTarget = {
  shapeId: "board",
  pageId: "page-1",
  name: "Hero",
  kind: "board",
  width: 320,
  height: 180.4,
};

async function selected(change = {}) {
  await panel.sessions.select(panel.imageSelection("a", change));
  return panel.sessions.current.value!;
}

async function generated(edit: Draft) {
  await panel.flow.generate(edit);
  const phase = shownOf(edit);
  if (phase.type !== "result") throw new Error(`${phase.type}: ${JSON.stringify(edit.problem.value)}`);
  return phase;
}

test("extends a picture by typed sides and lays the result around it", async () => {
  const session = await selected();
  const edit = session.drafts.outpaint;
  session.extension.setSides({ left: 10, bottom: 6 });
  expect(actionName(edit, panel.settings, panel.sessions)).toBe("Extend to 74 × 54");
  await generated(edit);
  expect(jobs()[0]?.job.request).toMatchObject({ task: "outpaint", left: 10, right: 0, top: 0, bottom: 6 });
  expect([jobs()[0]?.image !== undefined, jobs()[0]?.mask]).toEqual([true, undefined]);
  await panel.insertions.insert(edit);
  expect(panel.placements).toMatchObject([
    {
      place: "around",
      from: { shapeId: "a" },
      layer: { x: -10, y: 0, width: 74, height: 54 },
      name: "Overpaint extension",
    },
  ]);
});

test("extends a picture to several boards, a job each with one seed, and fills them", async () => {
  const session = await selected();
  const edit = session.drafts.outpaint;
  const existing = { shapeId: "hero", name: "Hero", width: 200, height: 100 };
  const plans = [newBoardPlan(session, "1:1"), existingBoardPlan(session, existing)];
  await panel.flow.fillBoards(edit, plans);
  const requests = panel.jobs.all.value.map(({ request }) => request);
  expect(new Set(requests.map(({ seed }) => seed)).size).toBe(1);
  expect(isNoSides(session.extension.sides.value)).toBe(true);
  for (const job of panel.flow.jobsOf(edit)) {
    edit.show(job, 0);
    expect(insertName(edit, panel.settings)).toBe("Fill the board");
    await panel.insertions.insert(edit);
  }
  const filled = panel.boards.map(({ board, bytes }) => ({ type: board.type, ...sizeOf(bytes) }));
  expect(filled).toContainEqual({ type: "new", width: 64, height: 64 });
  expect(filled).toContainEqual({ type: "existing", width: 96, height: 48 });
  expect(panel.placements).toEqual([]);
});

test("ends an extension with the crop on the sides that were not extended", async () => {
  const session = await selected({ visible: { x: 16, y: 0, width: 32, height: 48 } });
  // 20 pixels to the right of what shows: 16 that the shape crops away, 4 that have to be drawn.
  session.extension.setSides({ right: 20 });
  const edit = session.drafts.outpaint;
  await generated(edit);
  expect(jobs()[0]?.job.request).toMatchObject({ left: 0, right: 4 });
  await panel.insertions.insert(edit);
  const [placed] = panel.placements;
  expect(placed?.layer).toEqual({ x: 16, y: 0, width: 52, height: 48 });
  const { width, height, data } = decode(placed!.bytes);
  expect([width, height]).toEqual([52, 48]);
  // Between what shows, up to 48, and what was drawn, from 64 on, lie the picture's own pixels.
  const source = decode(session.source.bytes);
  const step = source.channels;
  for (const x of [45, 48, 55, 63]) {
    const at = (20 * 64 + x) * step;
    const own = [...source.data.subarray(at, at + 3), 255];
    expect([...data.subarray((20 * 52 + x - 16) * 4, (20 * 52 + x - 16) * 4 + 4)], `column ${x}`).toEqual(own);
  }
});

test.each([
  ["no side", {}, "No side is extended"],
  ["what the shape only crops", { right: 10 }, "only crops"],
])("says why it does not extend by %s", async (_, sides, message) => {
  const session = await selected({ visible: { x: 0, y: 0, width: 32, height: 48 } });
  session.extension.setSides(sides);
  await panel.flow.generate(session.drafts.outpaint);
  expect(session.drafts.outpaint.problem.value?.error.message).toContain(message);
  session.extension.setSides({ left: 1 });
  expect(session.drafts.outpaint.problem.value).toBeUndefined();
  expect(jobs()).toEqual([]);
});

test("refuses an extension that Penpot could not take, with both sizes, before it is drawn", async () => {
  const session = await selected();
  session.extension.setSides({ right: MAX_IMAGE_SIDE });
  await panel.flow.generate(session.drafts.outpaint);
  const { error } = session.drafts.outpaint.problem.value!;
  expect(error.code).toBe("image-too-large");
  expect(error.message).toContain(`${MAX_IMAGE_SIDE + 64} × 48`);
  expect(jobs()).toEqual([]);
});

test.each(["outpaint", "restyle"] as const)(
  "takes the picture's place where a layer would not look like it: %s",
  async (task) => {
    const session = await selected({ insertion: "picture" });
    session.extension.setSides({ left: 10 });
    const edit = session.drafts[task];
    await generated(edit);
    expect(insertName(edit, panel.settings)).toBe("Replace the picture");
    await panel.insertions.insert(edit);
    expect(panel.placements).toEqual([]);
    const [replaced] = panel.replacements;
    const frame = task === "outpaint" ? { x: -10, y: 0, width: 74, height: 48 } : undefined;
    expect(replaced?.frame).toEqual(frame);
    expect(sizeOf(replaced!.bytes)).toEqual({ width: frame?.width ?? 64, height: 48 });
  },
);

test("restyles with preset, strength and layout, and lays the result over the whole picture", async () => {
  const { settings } = panel;
  settings.style.value = "riso";
  settings.restyleStrength.value = 0.4;
  settings.keepsLayout.value = false;
  const { restyle } = (await selected()).drafts;
  restyle.prompt.value = "a beach";
  await generated(restyle);
  expect(jobs()[0]?.job.request).toMatchObject({
    task: "restyle",
    prompt: "a beach",
    style: "riso",
    strength: 0.4,
    keepLayout: false,
  });
  await panel.insertions.insert(restyle);
  expect(panel.placements).toMatchObject([{ place: "whole", layer: { x: 0, y: 0, width: 64, height: 48 } }]);
});

test("restyles in the style of another picture, again with every further run, until it is removed", async () => {
  const { settings, images, sessions, flow } = panel;
  panel.imageSelection("poster", { name: "Poster", image: { width: 20, height: 30 } });
  const poster = await styleFromShape(images.get("poster")!, panel.sandbox, panel.decode);
  settings.references.value = [poster];
  settings.referenceStrength.value = 0.3;
  expect(panel.openPictures.size).toBe(0);
  const { restyle, upscale } = (await selected()).drafts;
  await generated(restyle);
  await generated(restyle);
  settings.references.value = [];
  await generated(restyle);
  expect(jobs().map(({ references }) => references.map((file) => decode(file).width))).toEqual([[20], [20], []]);
  expect(jobs().map(({ job }) => job.request)).toMatchObject([
    { referenceStrength: 0.3 },
    { referenceStrength: 0.3 },
    { referenceStrength: 0.8 },
  ]);
  // No other edit knows what to do with it.
  settings.references.value = [poster];
  await generated(upscale);
  expect(jobs().at(-1)?.references).toEqual([]);
  flow.discard(restyle);
  expect(sessions.current.value?.drafts.restyle.isIdle.value).toBe(true);
});

test("sends style pictures to the browser engine too, in their order", async () => {
  await panel.companion.kill();
  const files = [20, 30].map((width) => new File([landscape(width, 30)], `${width}.png`, { type: "image/png" }));
  panel.settings.references.value = await Promise.all(files.map((file) => styleFromFile(file, panel.decode)));
  await generated((await selected()).drafts.restyle);
  const [edit] = panel.browserScript.edits;
  expect(edit?.references?.map((file) => decode(file).width)).toEqual([20, 30]);
});

test("has the style pictures of a restyle back after the panel was closed, and runs with them again", async () => {
  const files = [20, 30].map((width) => new File([landscape(width, 30)], `${width}.png`, { type: "image/png" }));
  panel.settings.references.value = await Promise.all(files.map((file) => styleFromFile(file, panel.decode)));
  await generated((await selected()).drafts.restyle);

  const reopened = panel.reopen();
  await reopened.engines.check();
  await new ResumeJobs(reopened).resume();
  const { restyle } = reopened.sessions.current.value!.drafts;
  await vi.waitFor(() => expect(shownOf(restyle).type).toBe("result"));
  expect(restyle.notice.value).toBe("This edit was running while the panel was closed.");
  await reopened.flow.generate(restyle);
  expect(jobs()).toHaveLength(2);
  expect(jobs()[1]?.references).toEqual(jobs()[0]?.references);
  expect(jobs()[1]?.references).toHaveLength(2);
});

test("has the style picture back of a restyle that is not the newest job, and does not ask for it", async () => {
  const poster = new File([landscape(20, 30)], "poster.png", { type: "image/png" });
  panel.settings.references.value = [await styleFromFile(poster, panel.decode)];
  const session = await panel.paintedSession();
  await generated(session.drafts.restyle);
  await generated(session.drafts.inpaint);

  const reopened = panel.reopen();
  await reopened.engines.check();
  await new ResumeJobs(reopened).resume();
  const { restyle } = reopened.sessions.current.value!.drafts;
  await vi.waitFor(() => expect(reopened.settings.references.value).toHaveLength(1));
  await vi.waitFor(() => expect(shownOf(restyle).type).toBe("result"));
  expect(restyle.notice.value).toBe("This edit was running while the panel was closed.");
});

test("keeps a style picture that was chosen while that of a closed panel's restyle was fetched", async () => {
  const poster = new File([landscape(20, 30)], "poster.png", { type: "image/png" });
  panel.settings.references.value = [await styleFromFile(poster, panel.decode)];
  await generated((await selected()).drafts.restyle);

  const reopened = panel.reopen();
  await reopened.engines.check();
  const chosen = [await styleFromFile(new File([landscape(8, 8)], "chosen.png"), reopened.decode)];
  await new ResumeJobs(reopened).resume();
  reopened.settings.references.value = chosen;
  await vi.waitFor(() => expect(shownOf(reopened.sessions.current.value!.drafts.restyle).type).toBe("result"));
  expect(reopened.settings.references.value).toBe(chosen);
});

test("says that the style picture of a restyle is missing where the companion no longer has it", async () => {
  const poster = new File([landscape(20, 30)], "poster.png", { type: "image/png" });
  panel.settings.references.value = [await styleFromFile(poster, panel.decode)];
  await generated((await selected()).drafts.restyle);
  panel.companion.keepsParts = false;

  const reopened = panel.reopen();
  await reopened.engines.check();
  await new ResumeJobs(reopened).resume();
  await vi.waitFor(() => {
    const { notice } = reopened.sessions.current.value!.drafts.restyle;
    expect(notice.value).toContain("is not kept: choose it once more");
  });
  await reopened.flow.generate(reopened.sessions.current.value!.drafts.restyle);
  expect(panel.companion.jobs.size).toBe(1);
});

const added = (name: string, use: Partial<ModelSummary>): ModelSummary => ({ id: name, name, ...use });
const fits = ["starter"];

test("keeps a restyle's layout by an installed ControlNet, whose part in the layout its name tells", async () => {
  panel.companion.models = [
    added("depth", { controlNet: { fits } }),
    added("tile", { controlNet: { fits, kind: "tile" } }),
    added("canny", { controlNet: { fits: ["another"], kind: "canny" } }),
  ];
  await panel.engines.check();
  const { restyle } = (await selected()).drafts;
  await generated(restyle);
  expect(jobs()[0]?.job.request).toMatchObject({ keepLayout: true, controls: [{ model: "tile", kind: "tile" }] });
  panel.settings.keepsLayout.value = false;
  await panel.flow.generate(restyle);
  expect(jobs()[1]?.job.request).toMatchObject({ keepLayout: false, controls: [] });
});

test("sends the pictures of controls and reference beside the request, and has them back after the panel was closed", async () => {
  panel.companion.models = [added("net", { controlNet: { fits } }), added("adapter", { ipAdapter: { fits } })];
  await panel.engines.check();
  const file = new File([landscape(20, 30)], "poster.png", { type: "image/png" });
  const picture = await styleFromFile(file, panel.decode);
  const { controls, promptPictures } = panel.settings;
  const net = modelIdSchema.parse("net");
  controls.add(net, "tile");
  controls.add(net, "source");
  controls.change(1, { picture });
  promptPictures.pictures.value = [picture, picture];
  await generated((await panel.paintedSession()).drafts.inpaint);
  const [sent] = jobs();
  expect(sent?.job.request).toMatchObject({ controls: [{ kind: "tile" }, { kind: "raw" }], referenceModel: "adapter" });
  expect(sent?.controls.map((part) => part?.length)).toEqual([undefined, picture.bytes.length, undefined, undefined]);
  expect(sent?.references).toEqual([picture.bytes, picture.bytes]);

  const reopened = panel.reopen();
  await reopened.engines.check();
  await new ResumeJobs(reopened).resume();
  const { inpaint } = reopened.sessions.current.value!.drafts;
  await vi.waitFor(() => expect(shownOf(inpaint).type).toBe("result"));
  await reopened.flow.generate(inpaint);
  expect(jobs()[1]?.job.request.controls).toEqual(sent?.job.request.controls);
  expect([jobs()[1]?.controls, jobs()[1]?.references]).toEqual([sent?.controls, sent?.references]);
});

test("upscales in place, opens the new picture and says so there", async () => {
  const session = await selected();
  const edit = session.drafts.upscale;
  panel.settings.upscale.value = 3;
  expect(actionName(edit, panel.settings, panel.sessions)).toBe("Upscale to 192 × 144");
  await generated(edit);
  expect(insertName(edit, panel.settings)).toBe("Replace the picture");
  expect(jobs()[0]?.job.request).toMatchObject({ task: "upscale", width: 192, height: 144, model: "starter-upscale" });
  panel.imageSelection("a", { mediaId: "larger", image: { width: 192, height: 144 } });
  await panel.insertions.insert(edit);
  expect(panel.replacements).toMatchObject([{ from: { shapeId: "a", mediaId: "media-a" }, mime: "image/png" }]);
  expect(decode(panel.replacements[0]!.bytes)).toMatchObject({ width: 192, height: 144 });
  const opened = panel.sessions.current.value!;
  expect(opened).not.toBe(session);
  expect(opened.mask.size).toEqual({ width: 192, height: 144 });
  expect(opened.drafts.upscale.placed.value?.words).toContain("192 × 144");
  await vi.waitFor(() => expect(jobs()[0]?.isAcknowledged).toBe(true));
});

test("takes a picture that was replaced back, with its result, and replaces it again", async () => {
  const { upscale } = (await selected()).drafts;
  panel.settings.upscale.value = 3;
  await generated(upscale);
  const replaced = { mediaId: "larger", image: { width: 192, height: 144 } };
  panel.imageSelection("a", replaced);
  await panel.insertions.insert(upscale);
  const shown = () => panel.sessions.current.value!;
  expect(shown().drafts.upscale.placed.value?.placementId).toBe(panel.replacements[0]?.placementId);

  panel.imageSelection("a");
  await panel.insertions.undo(shown().drafts.upscale);
  expect(panel.undone).toEqual([panel.replacements[0]?.placementId]);
  expect(shown().mask.size).toEqual({ width: 64, height: 48 });
  expect(shown().drafts.upscale.chosen.value?.result.pixels).toEqual({ width: 192, height: 144 });

  panel.imageSelection("a", replaced);
  await panel.insertions.redo();
  expect(panel.undone).toEqual([]);
  expect(shown().mask.size).toEqual({ width: 192, height: 144 });
  expect(shown().drafts.upscale.placed.value?.words).toContain("192 × 144");
});

test("upscales as a new layer where that is wished", async () => {
  const { upscale } = (await selected()).drafts;
  panel.settings.replacesFill.value = false;
  await generated(upscale);
  await panel.insertions.insert(upscale);
  expect(panel.replacements).toEqual([]);
  expect(panel.placements).toMatchObject([{ place: "whole", layer: { x: 0, y: 0, width: 64, height: 48 } }]);
});

test("does not upscale to fewer pixels than the picture has", async () => {
  const { upscale } = (await selected({ width: 16, height: 12 })).drafts;
  panel.settings.upscale.value = "match";
  await panel.flow.generate(upscale);
  expect(upscale.problem.value?.error.message).toContain("already has");
});

test("creates a picture of the selected board's size in it, without any picture selected", async () => {
  const { creation } = panel.sessions;
  await panel.sessions.select({
    type: "none",
    error: { code: "no-image-in-selection", message: "“Hero” has no image fill." },
    shapes: [],
    pictures: [],
    target: board,
  });
  creation.prompt.value = "a lighthouse";
  expect(actionName(creation, panel.settings, panel.sessions)).toBe("Create 320 × 180");
  await generated(creation);
  const [job] = jobs();
  expect(job?.job).toMatchObject({
    request: { task: "create", width: 320, height: 180 },
    target: { shapeId: "board" },
  });
  expect([job?.image, job?.mask]).toEqual([undefined, undefined]);
  // Another selection by now does not change where it goes.
  await selected();
  expect(insertName(creation, panel.settings)).toBe("Fill “Hero”");
  await panel.insertions.insert(creation);
  expect(panel.pictures).toMatchObject([
    { shapeId: "board", name: "a lighthouse", size: { width: 320, height: 180 }, mime: "image/png" },
  ]);
});

test("creates a picture on the page when nothing is selected, once it is described", async () => {
  const { creation } = panel.sessions;
  panel.settings.creationSize.value = { width: 96, height: 64 };
  await panel.flow.generate(creation);
  expect(creation.problem.value?.error.message).toContain("described");
  creation.prompt.value = "a lighthouse";
  await generated(creation);
  expect(creation.problem.value).toBeUndefined();
  await panel.insertions.insert(creation);
  expect(panel.pictures).toHaveLength(1);
  expect(panel.pictures[0]).not.toHaveProperty("shapeId");
  expect(panel.pictures[0]?.size).toEqual({ width: 96, height: 64 });
});

test("shows finished variants while others run, and inserts one of them meanwhile", async () => {
  panel.companion.script = { steps: 20, stepMs: 5 };
  panel.settings.count.value = 3;
  const { restyle } = (await selected()).drafts;
  const generating = panel.flow.generate(restyle);
  await vi.waitFor(
    () => expect(shownOf(restyle)).toMatchObject({ type: "running", variants: [{}], job: { request: { count: 3 } } }),
    {
      timeout: 5_000,
      interval: 2,
    },
  );
  expect(restyle.chosen.value).toBeUndefined();
  restyle.show(restyle.shown.value!.job, 0);
  await panel.insertions.insert(restyle);
  expect(shownOf(restyle).type).toBe("running");
  expect(panel.placements).toHaveLength(1);
  await generating;
  const phase = shownOf(restyle);
  if (phase.type !== "result") throw new Error(phase.type);
  expect(phase.variants.map(({ placedAs }) => placedAs)).toEqual(["layer-1", undefined, undefined]);
  expect(phase.variants.map(({ result }) => result.recipe.seed)).toEqual([101, 102, 103]);
  restyle.show(phase.job, 2);
  await panel.insertions.insert(restyle);
  expect(panel.placements.map(({ recipe }) => recipe.variant)).toEqual([0, 2]);
  expect(shownOf(restyle).type).toBe("result");
  panel.flow.discard(restyle);
  expect(panel.openPictures.size).toBe(1);
  await vi.waitFor(() => expect(jobs()[0]?.isAcknowledged).toBe(true));
});

test("keeps the variants that were finished when a later one fails, or the edit is cancelled", async () => {
  const failure = { code: "out-of-memory", message: "Not enough memory." } as const;
  panel.companion.script = { steps: 3, stepMs: 1, failure, failingVariant: 1 };
  panel.settings.count.value = 2;
  const { restyle } = (await selected()).drafts;
  expect((await generated(restyle)).variants).toHaveLength(1);
  expect(restyle.problem.value?.error.code).toBe("out-of-memory");

  panel.companion.script = { steps: 20, stepMs: 5 };
  const generating = panel.flow.generate(restyle);
  await vi.waitFor(() => expect(shownOf(restyle)).toMatchObject({ type: "running", variants: [{}] }), {
    timeout: 5_000,
    interval: 2,
  });
  await panel.flow.cancel(restyle);
  await generating;
  expect(shownOf(restyle)).toMatchObject({ type: "result", chosen: 0, variants: [{}] });
});

test("keeps each tab's words and results apart", async () => {
  const session = await panel.paintedSession();
  const { inpaint, restyle } = session.drafts;
  inpaint.prompt.value = "a cat";
  await generated(inpaint);
  expect([restyle.prompt.value, restyle.isIdle.value]).toEqual(["", true]);
  expect(session.isBusy.value).toBe(true);
});

test("takes up a picture from nothing and an extension that ran while the panel was closed", async () => {
  panel.settings.count.value = 2;
  panel.sessions.creation.prompt.value = "a lighthouse";
  await generated(panel.sessions.creation);
  const session = await selected();
  session.extension.setSides({ left: 12 });
  await generated(session.drafts.outpaint);

  const reopened = panel.reopen();
  await reopened.engines.check();
  await new ResumeJobs(reopened).resume();
  // The newest decides the tab.
  expect(reopened.settings.task.value).toBe("outpaint");
  const { outpaint } = reopened.sessions.current.value!.drafts;
  const { creation } = reopened.sessions;
  await vi.waitFor(() => {
    for (const edit of [outpaint, creation])
      expect(shownOf(edit)).toMatchObject({ type: "result", variants: [{}, {}] });
  });
  expect(reopened.sessions.current.value?.extension.frame.value.x).toBe(-12);
  expect(creation.prompt.value).toBe("a lighthouse");
});
