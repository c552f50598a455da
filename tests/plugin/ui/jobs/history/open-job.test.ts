import { afterEach, beforeEach, expect, test } from "vitest";
import { openJob, openKept } from "../../../../../plugin/ui/jobs/history/open-job.ts";
import { styleFromFile } from "../../../../../plugin/ui/restyle/style-reference.ts";
import { fromErrorData } from "../../../../../shared/protocol/overpaint-error.ts";
import { PanelInNode } from "../../support/panel-in-node.ts";
import { landscape } from "../../support/pictures.ts";

let panel: PanelInNode;
beforeEach(async () => {
  panel = await PanelInNode.start();
});
afterEach(() => panel.companion.kill());

/** What the file keeps of an inpainting of the picture "a", while "b" is open. */
async function keptOfAnother() {
  const { inpaint } = (await panel.paintedSession("a")).drafts;
  inpaint.prompt.value = "an orange cat";
  await panel.flow.generate(inpaint);
  const { recipe } = inpaint.chosen.value!.result; // it was drawn
  inpaint.prompt.value = "";
  panel.flow.discard(inpaint);
  panel.imageSelection("b");
  await panel.sessions.openShape("b");
  return { id: "job", at: 0, recipe, shapeId: "layer-1" };
}
const sandboxOf = (readRecipe: () => Promise<{ madeFrom: { shapeId: string; name: string } }>) => ({
  readRecipe,
  readMask: async () => {
    throw fromErrorData({ code: "source-changed", message: "The layer is gone." });
  },
});

test("opens the picture that an earlier result was made from, with its words", async () => {
  const entry = await keptOfAnother();
  const { engines, sessions, settings, pixels } = panel;
  const sandbox = sandboxOf(async () => ({ madeFrom: { shapeId: "a", name: "A" } }));
  await openKept({ engines, sessions, settings, pixels, sandbox }, entry);
  expect(sessions.current.value?.shape.value.shapeId).toBe("a");
  expect(sessions.current.value?.drafts.inpaint.prompt.value).toBe("an orange cat");
});

test("sets a recipe for the picture that is open where its own is gone", async () => {
  const entry = await keptOfAnother();
  const { engines, sessions, settings, pixels } = panel;
  const sandbox = sandboxOf(async () => {
    throw fromErrorData({ code: "source-changed", message: "The shape is gone." });
  });
  await openKept({ engines, sessions, settings, pixels, sandbox }, entry);
  expect(sessions.current.value?.shape.value.shapeId).toBe("b");
  expect(sessions.current.value?.drafts.inpaint.prompt.value).toBe("an orange cat");
});

test.each(["its layer is gone", "only its recipe is left"])(
  "says that the reference of an earlier result is missing, where %s",
  async (where) => {
    const poster = new File([landscape(20, 30)], "poster.png", { type: "image/png" });
    panel.settings.references.value = [await styleFromFile(poster, panel.decode)];
    const { restyle } = (await panel.paintedSession("a")).drafts;
    await panel.flow.generate(restyle);
    const { job } = restyle.shown.value!;
    const { recipe } = restyle.chosen.value!.result; // it was drawn
    panel.settings.references.value = [];
    panel.jobs.release(job);
    const { engines, sessions, settings, pixels } = panel;
    const sandbox = sandboxOf(() => Promise.reject(fromErrorData({ code: "source-changed", message: "It is gone." })));
    const entry = { id: "job", at: 0, recipe, shapeId: "layer-1" };
    if (where === "only its recipe is left") await openJob({ engines, sessions, settings }, job);
    else await openKept({ engines, sessions, settings, pixels, sandbox }, entry);
    expect(restyle.notice.value).toContain("is not kept: choose it once more, or remove it.");
  },
);
