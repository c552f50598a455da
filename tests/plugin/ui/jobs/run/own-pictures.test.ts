import { decode } from "fast-png";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { newBoardPlan } from "../../../../../plugin/ui/extend/plan-boards.ts";
import { ResumeJobs } from "../../../../../plugin/ui/jobs/resume/resume-jobs.ts";
import type { ImageTask } from "../../../../../plugin/ui/pictures/edit-session.ts";
import { styleFromFile } from "../../../../../plugin/ui/restyle/style-reference.ts";
import { modelIdSchema } from "../../../../../shared/protocol/models/model-facts.ts";
import { PanelInNode } from "../../support/panel-in-node.ts";
import { landscape } from "../../support/pictures.ts";

let panel: PanelInNode;
beforeEach(async () => {
  panel = await PanelInNode.start();
});
afterEach(() => panel.companion.kill());

const jobs = () => [...panel.companion.jobs.values()];

/** The panel opened anew, with the result of a job that ran before. */
async function reopenedWith(task: ImageTask) {
  const reopened = panel.reopen();
  reopened.nextSeed = 500;
  await reopened.engines.check();
  await new ResumeJobs(reopened).resume();
  const session = reopened.sessions.current.value!;
  const draft = session.drafts[task];
  await vi.waitFor(() => expect(draft.chosen.value).toBeDefined());
  await vi.waitFor(() => expect(draft.shown.value?.job.isOver.value).toBe(true));
  return { reopened, session, draft, job: draft.shown.value!.job };
}

function paintCorner({ beginStroke, endStroke }: ReturnType<typeof paintable>) {
  const stroke = beginStroke("brush");
  stroke.drawLine({ x: 2, y: 2 }, { x: 4, y: 2 });
  endStroke(stroke);
}
function paintable(session: Awaited<ReturnType<PanelInNode["paintedSession"]>>) {
  return { beginStroke: session.beginStroke.bind(session), endStroke: session.endStroke.bind(session) };
}

test.each(["again", "moreLikeThis"] as const)(
  "draws a job that ran before the panel was opened from its own words and mask: %s",
  async (how) => {
    const { inpaint } = (await panel.paintedSession()).drafts;
    inpaint.prompt.value = "a cat";
    await panel.flow.generate(inpaint);
    const { reopened, session, draft, job } = await reopenedWith("inpaint");
    draft.prompt.value = "a dog";
    paintCorner(paintable(session));
    await reopened.flow.repeats[how](draft, job);
    const [first, second] = jobs();
    expect(second?.job.request.prompt).toBe("a cat");
    expect(second?.job.request.seed).not.toBe(first?.job.request.seed);
    expect(second?.mask).toEqual(first?.mask);
    expect(second?.job.target).toEqual(first?.job.target);
    if (how === "again") expect(second?.image).toEqual(first?.image);
    else expect(second?.image).not.toEqual(first?.image);
  },
);

test("says so and draws nothing where a job's own pictures are kept nowhere any more", async () => {
  const { inpaint } = (await panel.paintedSession()).drafts;
  await panel.flow.generate(inpaint);
  panel.companion.keepsParts = false;
  const { reopened, draft, job } = await reopenedWith("inpaint");
  await reopened.flow.repeats.again(draft, job);
  expect(jobs()).toHaveLength(1);
  expect(draft.problem.value?.error).toMatchObject({ code: "source-changed" });
  expect(draft.problem.value?.error.message).toContain("not kept");
  expect(draft.problem.value?.fixes).toEqual([]);
});

test("draws no job whose results did not arrive without the reference that it was sent", async () => {
  const poster = new File([landscape(20, 30)], "poster.png", { type: "image/png" });
  panel.settings.references.value = [await styleFromFile(poster, panel.decode)];
  const { restyle } = (await panel.paintedSession()).drafts;
  panel.companion.givesResults = false;
  await panel.flow.generate(restyle);
  const [job] = panel.jobs.all.value;
  const [sent] = jobs();
  panel.companion.jobs.set(sent!.job.id, { ...sent!, references: [] }); // they are kept no more
  job!.input = undefined; // as of one beyond those that are kept at hand
  await panel.flow.repeats.again(restyle, job!);
  expect(jobs()).toHaveLength(1);
  expect(restyle.problem.value?.error.message).toContain("The reference that this edit was drawn from is not kept");
});

test("fetches the pictures of a job of long ago back from the companion", async () => {
  const session = await panel.paintedSession();
  const { inpaint } = session.drafts;
  await panel.flow.generate(inpaint);
  const { job } = inpaint.shown.value!;
  job.input = undefined; // as of one beyond those that are kept at hand
  paintCorner(paintable(session));
  await panel.flow.repeats.again(inpaint, job);
  expect(jobs()[1]?.mask).toEqual(jobs()[0]?.mask);
});

test("lays more like a variant that takes away over the picture without what that took", async () => {
  const { inpaint } = (await panel.paintedSession()).drafts;
  panel.companion.erases = true;
  await panel.flow.generate(inpaint);
  const { job } = inpaint.shown.value!;
  await panel.flow.repeats.moreLikeThis(inpaint, job);
  const { data, width, channels } = decode(jobs()[1]!.image!);
  const middle = (24 * width + 32) * channels;
  expect([channels, data[middle + 3]]).toEqual([4, 0]);
});

test.each(["shown", "resumed"])(
  "puts more like a variant that takes away in the picture's place, as that one: %s",
  async (how) => {
    const { inpaint } = (await panel.paintedSession()).drafts;
    panel.companion.erases = true;
    await panel.flow.generate(inpaint);
    panel.companion.erases = false; // nothing more is taken from what was sent
    await panel.flow.repeats.moreLikeThis(inpaint, inpaint.shown.value!.job);
    const { reopened, draft } = how === "shown" ? { reopened: panel, draft: inpaint } : await reopenedWith("inpaint");
    expect(draft.chosen.value?.isWhole).toBe(true);
    await reopened.insertions.insert(draft);
    expect(reopened.placements).toEqual([]);
    expect(reopened.replacements).toHaveLength(1);
  },
);

test("fills the board that an extension was for, also after the panel was closed", async () => {
  await panel.sessions.select(panel.imageSelection("a"));
  const session = panel.sessions.current.value!;
  const plan = newBoardPlan(session, "1:1");
  await panel.flow.fillBoards(session.drafts.outpaint, [plan]);
  const { reopened, draft } = await reopenedWith("outpaint");
  await reopened.insertions.insert(draft);
  expect(draft.problem.value).toBeUndefined();
  expect(reopened.boards).toMatchObject([{ board: plan.board }]);
  expect(decode(reopened.boards[0]!.bytes)).toMatchObject({ width: 64, height: 64 });
});

test("lays a result above what it was drawn on, also after the panel was closed", async () => {
  const { inpaint } = (await panel.paintedSession()).drafts;
  await panel.flow.generate(inpaint);
  await panel.insertions.insert(inpaint);
  await panel.flow.generate(inpaint);
  const { reopened, draft } = await reopenedWith("inpaint");
  await reopened.insertions.insert(draft);
  expect(reopened.placements.map(({ drawnOn }) => drawnOn)).toEqual([["layer-1"]]);
});

test("cuts an extension as it was asked for, whatever the borders were moved to since", async () => {
  await panel.sessions.select(panel.imageSelection("a", { visible: { x: 16, y: 0, width: 32, height: 48 } }));
  const session = panel.sessions.current.value!;
  session.extension.setSides({ right: 20, left: 4 });
  await panel.flow.generate(session.drafts.outpaint);
  session.extension.setSides({ right: 30, left: 0 });
  await panel.insertions.insert(session.drafts.outpaint);
  expect(panel.placements[0]?.layer).toEqual({ x: 12, y: 0, width: 56, height: 48 });
});

test("draws a job again with the reference and the control's picture that it was sent", async () => {
  const fits = ["starter"];
  panel.companion.models = [
    { id: "net", name: "Net", controlNet: { fits } },
    { id: "adapter", name: "Adapter", ipAdapter: { fits } },
  ];
  await panel.engines.check();
  const file = new File([landscape(20, 30)], "poster.png", { type: "image/png" });
  const picture = await styleFromFile(file, panel.decode);
  panel.settings.controls.add(modelIdSchema.parse("net"), "source");
  panel.settings.controls.change(0, { picture });
  panel.settings.promptPictures.pictures.value = [picture, picture];
  const { inpaint } = (await panel.paintedSession()).drafts;
  await panel.flow.generate(inpaint);
  const { reopened, draft, job } = await reopenedWith("inpaint");
  reopened.settings.promptPictures.pictures.value = [];
  await reopened.flow.repeats.again(draft, job);
  const [first, second] = jobs();
  expect(first?.references).toEqual([picture.bytes, picture.bytes]);
  expect([second?.references, second?.controls]).toEqual([first?.references, first?.controls]);
});

test("tries an earlier job's edit that has failed once more as it was, and the draft's as it is by now", async () => {
  const { inpaint } = (await panel.paintedSession()).drafts;
  inpaint.prompt.value = "a cat";
  await panel.flow.generate(inpaint);
  const { job } = inpaint.shown.value!;
  inpaint.prompt.value = "a dog";
  const { script } = panel.companion;
  panel.companion.script = { ...script, failure: { code: "out-of-memory", message: "Not enough memory." } };
  await panel.flow.repeats.again(inpaint, job);
  panel.companion.script = script;
  await panel.flow.retry(inpaint, { steps: 7 });
  expect(jobs()[2]?.job.request).toEqual({ ...jobs()[1]?.job.request, prompt: "a cat", steps: 7 });
  await panel.flow.retry(inpaint);
  expect(jobs()[3]?.job.request.prompt).toBe("a dog");
});
