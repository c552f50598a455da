import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Draft } from "../../../../plugin/ui/pictures/draft.ts";
import { sceneOf } from "../../../../plugin/ui/stage/scene-of.ts";
import { PanelInNode } from "../support/panel-in-node.ts";

let panel: PanelInNode;
beforeEach(async () => {
  panel = await PanelInNode.start();
});
afterEach(() => panel.companion.kill());

/** What the stage lays over the picture while an edit shows a preview. */
function overlayOf(draft: Draft) {
  const preview = { image: {} as HTMLImageElement, area: { x: 0, y: 0, width: 64, height: 48 } };
  return sceneOf(draft, { preview, frameColour: [0, 0, 0], creationSize: { width: 1, height: 1 } }).overlay;
}

function maskOf(draft: Draft) {
  const overlay = overlayOf(draft);
  return overlay?.type === "preview" ? overlay.mask : undefined;
}

test("shows the preview of a repeated job through the job's own mask, whatever is painted by now", async () => {
  const session = await panel.paintedSession();
  const { inpaint } = session.drafts;
  await panel.flow.generate(inpaint);
  const { job } = inpaint.shown.value!;
  session.clearMask();
  const stroke = session.beginStroke("brush");
  stroke.drawLine({ x: 2, y: 2 }, { x: 4, y: 2 });
  session.endStroke(stroke);

  panel.companion.script = { steps: 3, stepMs: 200 };
  const running = panel.flow.repeats.again(inpaint, job);
  await vi.waitFor(() => expect(maskOf(inpaint)).toBeDefined());
  expect([maskOf(inpaint)?.isPainted(32, 24), maskOf(inpaint)?.isPainted(2, 2)]).toEqual([true, false]);
  await running;
});

test("shows nothing through a mask that is not known", async () => {
  const session = await panel.paintedSession();
  const { inpaint } = session.drafts;
  panel.companion.script = { steps: 3, stepMs: 200 };
  vi.spyOn(panel.pixels, "decodeMask").mockRejectedValueOnce(new Error("The worker has ended."));
  const running = panel.flow.generate(inpaint);
  await vi.waitFor(() => expect(inpaint.isRunning.value).toBe(true));
  expect(overlayOf(inpaint)).toBeUndefined();
  await running;
});
