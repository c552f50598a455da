import { afterEach, beforeEach, expect, test } from "vitest";
import { openKept } from "../../../../../plugin/ui/jobs/history/open-job.ts";
import { fromErrorData } from "../../../../../shared/protocol/overpaint-error.ts";
import { PanelInNode } from "../../support/panel-in-node.ts";

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
  const { sessions, settings, pixels } = panel;
  const sandbox = sandboxOf(async () => ({ madeFrom: { shapeId: "a", name: "A" } }));
  await openKept({ sessions, settings, pixels, sandbox }, entry);
  expect(sessions.current.value?.shape.value.shapeId).toBe("a");
  expect(sessions.current.value?.drafts.inpaint.prompt.value).toBe("an orange cat");
});

test("sets a recipe for the picture that is open where its own is gone", async () => {
  const entry = await keptOfAnother();
  const { sessions, settings, pixels } = panel;
  const sandbox = sandboxOf(async () => {
    throw fromErrorData({ code: "source-changed", message: "The shape is gone." });
  });
  await openKept({ sessions, settings, pixels, sandbox }, entry);
  expect(sessions.current.value?.shape.value.shapeId).toBe("b");
  expect(sessions.current.value?.drafts.inpaint.prompt.value).toBe("an orange cat");
});
