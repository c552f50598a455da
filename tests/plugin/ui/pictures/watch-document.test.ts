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

test("knows that the document's redo has brought an insertion back", async () => {
  const { inpaint } = (await panel.paintedSession()).drafts;
  await panel.flow.generate(inpaint);
  await panel.insertions.insert(inpaint);
  const said = inpaint.placed.value!;
  const { mediaId } = said;
  const variant = () => panel.flow.jobsOf(inpaint)[0]?.variants.value[0];
  watch.tell([{ key: "placed/layer-1", exists: false }]);
  expect(variant()?.placedAs).toBeUndefined();
  expect(asked.map(({ shapeId }) => shapeId)).toEqual(["a", "layer-1"]);
  watch.tell([{ key: "placed/layer-1", exists: true, mediaId }]);
  expect(variant()?.placedAs).toBe("layer-1");
  expect(inpaint.placed.value).toEqual(said);
});

test("knows which variant a layer shows after the document's undo of one that took another's place", async () => {
  panel.settings.count.value = 2;
  const { inpaint } = (await panel.paintedSession()).drafts;
  await panel.flow.generate(inpaint);
  const { job } = inpaint.shown.value!;
  await panel.insertions.insert(inpaint);
  panel.earlierLayer = "layer-1";
  inpaint.show(job, 1);
  await panel.insertions.insert(inpaint);
  const [first, second] = job.variants.value.map(({ insertions }) => insertions[0]!.mediaId);
  const placed = () => job.variants.value.map(({ placedAs }) => placedAs);
  expect(placed()).toEqual([undefined, "layer-1"]);
  watch.tell([{ key: "placed/layer-1", exists: true, mediaId: first! }]);
  expect(placed()).toEqual(["layer-1", undefined]);
  watch.tell([{ key: "placed/layer-1", exists: true, mediaId: second! }]);
  expect(placed()).toEqual([undefined, "layer-1"]);
});

test("knows that the document's undo has taken back a picture that a result had replaced", async () => {
  const session = await panel.paintedSession();
  const { upscale } = session.drafts;
  panel.settings.upscale.value = 2;
  await panel.flow.generate(upscale);
  const { job } = upscale.shown.value!;
  await panel.insertions.insert(upscale);
  expect(job.variants.value[0]?.placedAs).toBe("a");
  watch.tell([{ key: "placed/a", exists: true, mediaId: "media-a" }]);
  expect(job.variants.value[0]?.placedAs).toBeUndefined();
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
