import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { WatchDocument } from "../../../../plugin/ui/pictures/watch-document.ts";
import type { Watches } from "../../../../plugin/ui/sandbox-link/sandbox-link.ts";
import { PanelInNode } from "../support/panel-in-node.ts";

const patch = { place: { x: 0, y: 0, width: 2, height: 1 }, data: Uint8Array.of(255, 255) };

let panel: PanelInNode;
let asked: Watches;
let watch: WatchDocument;
beforeEach(async () => {
  panel = await PanelInNode.start();
  const { sessions, jobs } = panel;
  watch = new WatchDocument({
    sessions,
    jobs,
    sandbox: {
      watch: (watches) => {
        asked = watches;
      },
    },
  });
  watch.start();
});
afterEach(() => panel.companion.kill());

test("reads the picture again when the layers over it were changed, and keeps mask and words", async () => {
  const session = await panel.paintedSession();
  await panel.flow.generate(session.drafts.inpaint);
  await panel.insertions.insert(session.drafts.inpaint);
  const withLayer = session.source.bytes;
  panel.placements.length = 0;
  panel.imageSelection("a", { version: "undone" });
  watch.tell([{ key: session.key, exists: true, version: "undone" }]);
  await vi.waitFor(() => expect(session.source.version).toBe("undone"));
  expect(session.source.bytes).not.toEqual(withLayer);
  expect(session.hasMask.value).toBe(true);
});

test("lets what was undone in the document be inserted anew", async () => {
  const { inpaint } = (await panel.paintedSession()).drafts;
  await panel.flow.generate(inpaint);
  await panel.insertions.insert(inpaint);
  expect(asked.map(({ shapeId }) => shapeId)).toEqual(["a", "layer-1"]);
  watch.tell([{ key: "placed/layer-1", exists: false }]);
  expect(inpaint.placed.value).toBeUndefined();
  expect(panel.flow.jobsOf(inpaint)[0]?.variants.value[0]?.placedAs).toBeUndefined();
});

test("says that the shapes of a mask have changed", async () => {
  const session = await panel.paintedSession();
  session.drawShapes({ shapeIds: ["star"], by: "outline", version: "1" }, patch);
  expect(asked[0]?.maskShapeIds).toEqual(["star"]);
  const state = { key: session.key, exists: true, version: session.source.version };
  watch.tell([{ ...state, maskVersion: "1" }]);
  expect(session.maskShapes.value?.isStale).toBe(false);
  watch.tell([{ ...state, maskVersion: "2" }]);
  expect(session.maskShapes.value?.isStale).toBe(true);
  watch.tell([{ ...state, maskVersion: "1" }]);
  expect(session.maskShapes.value?.isStale).toBe(false);
});

test("asks for a mask's shapes as the mask was made of them: another way of reading them has another version", async () => {
  const session = await panel.paintedSession();
  session.drawShapes({ shapeIds: ["star"], by: "alpha", version: "1" }, patch);
  expect(asked[0]).toMatchObject({ maskShapeIds: ["star"], maskBy: "alpha" });
});
