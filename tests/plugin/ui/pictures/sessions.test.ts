import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Selection } from "../../../../shared/protocol/plugin/selection.ts";
import { PanelInNode } from "../support/panel-in-node.ts";

let panel: PanelInNode;
beforeEach(async () => {
  panel = await PanelInNode.start();
});
afterEach(() => panel.companion.kill());

const nothing = {
  type: "none",
  error: { code: "no-selection", message: "Nothing is selected.", remedy: "Select an image." },
  shapes: [],
  pictures: [],
} satisfies Selection;

test("follows the selection from picture to picture while nothing is painted", async () => {
  const { sessions } = panel;
  await sessions.select(panel.imageSelection("a"));
  await sessions.select(panel.imageSelection("b"));
  expect(sessions.current.value?.shape.value.shapeId).toBe("b");
  expect(sessions.offered.value).toBeUndefined();
  expect(panel.openPictures.size).toBe(1);
});

test("says what to select when the selection holds no picture", async () => {
  const { sessions } = panel;
  await sessions.select(panel.imageSelection("a"));
  await sessions.select(nothing);
  expect(sessions.current.value).toBeUndefined();
  expect(sessions.empty.value).toEqual({ type: "nothing", error: nothing.error, pictures: [] });
  expect(panel.openPictures.size).toBe(0);
});

test("stays with an open picture while shapes are selected, which may become its mask", async () => {
  const { sessions } = panel;
  await sessions.select(panel.imageSelection("a"));
  const shapes = [{ shapeId: "star", name: "Star", type: "path" }];
  await sessions.select({ ...nothing, shapes, pictures: [] });
  expect(sessions.current.value?.shape.value.shapeId).toBe("a");
  expect(sessions.shapes.value).toEqual(shapes);
  await sessions.select({ ...nothing, shapes: [], pictures: [] });
  expect(sessions.current.value).toBeUndefined();
});

test("offers the pictures inside or beneath what is selected", async () => {
  const { sessions } = panel;
  const image = shape("a");
  await sessions.select({ ...nothing, shapes: [], pictures: [image] });
  expect(sessions.empty.value).toMatchObject({ type: "nothing", pictures: [{ shapeId: "a" }] });
});

test("asks which of two selected pictures is meant, and offers the other's style", async () => {
  const { sessions } = panel;
  await sessions.select(pair());
  expect(sessions.empty.value).toMatchObject({ type: "choice", images: [{ shapeId: "a" }, { shapeId: "b" }] });
  await sessions.open(shape("b"));
  expect(sessions.current.value?.shape.value.shapeId).toBe("b");
  expect(offers()).toEqual(["a"]);
  await sessions.open(shape("a"));
  expect(offers()).toEqual(["b"]);
  await sessions.select(panel.imageSelection("a"));
  expect(offers()).toEqual([]);
});

test("stays with the shown picture when another is selected beside it", async () => {
  const { sessions } = panel;
  await sessions.select(panel.imageSelection("b"));
  const shown = sessions.current.value;
  await sessions.select(pair());
  expect(sessions.current.value).toBe(shown);
  expect(offers()).toEqual(["a"]);
});

test("stays with a painted picture and offers the newly selected one", async () => {
  const { sessions } = panel;
  const painted = await panel.paintedSession("a");
  await sessions.select(panel.imageSelection("b"));
  expect(sessions.current.value).toBe(painted);
  expect(sessions.offered.value?.shapeId).toBe("b");
  await sessions.select(nothing);
  expect(sessions.current.value).toBe(painted);
  expect(sessions.offered.value).toBeUndefined();
});

test("keeps each picture's mask and prompt while another one is worked on", async () => {
  const { sessions } = panel;
  const first = await panel.paintedSession("a");
  first.drafts.inpaint.prompt.value = "a cat";
  await sessions.open(shape("b"));
  expect(sessions.current.value?.mask.isEmpty).toBe(true);
  await sessions.select(panel.imageSelection("a"));
  expect(sessions.current.value).toBe(first);
  expect(first.drafts.inpaint.prompt.value).toBe("a cat");
  expect(first.mask.isPainted(32, 24)).toBe(true);
});

test("takes a shape whose picture was exchanged for another picture", async () => {
  const { sessions } = panel;
  const painted = await panel.paintedSession("a");
  await sessions.select(panel.imageSelection("a", { mediaId: "another" }));
  expect(sessions.current.value).toBe(painted);
  expect(sessions.offered.value?.mediaId).toBe("another");
});

test("does not offer the layer it has just inserted, whichever message comes first", async () => {
  const { sessions } = panel;
  await panel.paintedSession("a");
  await sessions.select(panel.imageSelection("layer-1"));
  sessions.rememberPlaced("layer-1");
  expect(sessions.offered.value).toBeUndefined();
  sessions.rememberPlaced("layer-2");
  await sessions.select(panel.imageSelection("layer-2"));
  expect(sessions.offered.value).toBeUndefined();
});

test("stays with the picture when its layer is inserted, and opens the layer when it is selected later", async () => {
  const { sessions } = panel;
  await sessions.select(panel.imageSelection("a"));
  sessions.rememberPlaced("layer-1");
  await sessions.select(panel.imageSelection("layer-1"));
  await sessions.select(panel.imageSelection("layer-1"));
  expect(sessions.current.value?.shape.value.shapeId).toBe("a");
  await sessions.select(panel.imageSelection("a"));
  await sessions.select(panel.imageSelection("layer-1"));
  expect(sessions.current.value?.shape.value.shapeId).toBe("layer-1");
});

test("offers the layer it has inserted when somebody comes back to it from a shape without a picture", async () => {
  const { sessions } = panel;
  await panel.paintedSession("a");
  sessions.rememberPlaced("layer-1");
  await sessions.select(panel.imageSelection("layer-1"));
  expect(sessions.offered.value).toBeUndefined();
  await sessions.select(nothing);
  await sessions.select(panel.imageSelection("layer-1"));
  expect(sessions.offered.value?.shapeId).toBe("layer-1");
});

test("shows the last of several pictures selected in a hurry", async () => {
  const { sessions } = panel;
  await Promise.all(["a", "b", "c"].map((id) => sessions.select(panel.imageSelection(id))));
  expect(sessions.current.value?.shape.value.shapeId).toBe("c");
  expect(panel.openPictures.size).toBe(1);
});

test("says why a picture cannot be read and can be asked again", async () => {
  const { sessions } = panel;
  const image = shape("a");
  panel.images.delete("a");
  await sessions.open(image);
  expect(sessions.empty.value).toMatchObject({ type: "unreadable", error: { code: "source-changed" } });
  panel.images.set("a", image);
  await sessions.open(image);
  expect(sessions.current.value?.shape.value.shapeId).toBe("a");
});

test("paints only where the picture shows, in the pixels that were decoded", async () => {
  // Penpot speaks of 128 × 96 pixels; the file that could be had has 64 × 48.
  const { sessions } = panel;
  await sessions.select(panel.imageSelection("a"));
  panel.images.set("a", shape("a"));
  const session = sessions.current.value!;
  session.shape.value = {
    ...session.shape.value,
    image: { width: 128, height: 96 },
    visible: { x: 20, y: 0, width: 64, height: 96 },
  };
  expect(session.visible.value).toEqual({ x: 10, y: 0, width: 32, height: 48 });
  session.setBrushSize(1_000);
  const stroke = session.beginStroke("brush");
  stroke.drawLine({ x: 0, y: 24 }, { x: 64, y: 24 });
  expect([session.mask.isPainted(9, 24), session.mask.isPainted(10, 24)]).toEqual([false, true]);
});

function shape(id: string) {
  const selection = panel.imageSelection(id);
  if (selection.type !== "image") throw new Error("an image was expected");
  return selection.image;
}

const pair = (): Selection => ({ type: "pair", images: [shape("a"), shape("b")] });
const offers = () => panel.sessions.styleOffers.value.map(({ shapeId }) => shapeId);

/** Answers readings of the source one by one, when they are let go. */
function holdReadings() {
  const { readSource } = panel.sandbox;
  const held: ((version: string) => void)[] = [];
  panel.sandbox.readSource = async (shapeId) => {
    const answer = await readSource(shapeId);
    const version = await new Promise<string>((resolve) => held.push(resolve));
    return { ...answer, image: { ...answer.image, version } };
  };
  return held;
}

test("shows what was read last, whichever answer comes last", async () => {
  const session = await panel.paintedSession();
  const held = holdReadings();
  const first = panel.sessions.refresh(session, "none");
  const second = panel.sessions.refresh(session, "all");
  await vi.waitFor(() => expect(held).toHaveLength(2));
  held[1]?.("newer");
  await second;
  held[0]?.("older");
  await first;
  expect([session.source.version, session.layers.value]).toEqual(["newer", "all"]);
  expect(panel.openPictures.size).toBe(1);
});

test("reads once more what was changed while it was read", async () => {
  const session = await panel.paintedSession();
  const held = holdReadings();
  const read = panel.sessions.refresh(session);
  const told = panel.sessions.follow(session, "newer");
  await vi.waitFor(() => expect(held).toHaveLength(1));
  held[0]?.("older");
  await read;
  await vi.waitFor(() => expect(held).toHaveLength(2));
  held[1]?.("newer");
  await told;
  expect(session.source.version).toBe("newer");
});

test("takes an exchanged picture of the same size for another picture, and keeps what was painted on the old one", async () => {
  const session = await panel.paintedSession();
  const { bytes } = session.source;
  panel.imageSelection("a", { mediaId: "exchanged", version: "exchanged" });
  await panel.sessions.follow(session, "exchanged");
  expect(panel.sessions.current.value).toBe(session);
  expect([session.source.bytes, session.hasMask.value]).toEqual([bytes, true]);
  expect(panel.sessions.offered.value?.mediaId).toBe("exchanged");

  session.clearMask();
  await panel.sessions.follow(session, "exchanged");
  expect(panel.sessions.current.value?.shape.value.mediaId).toBe("exchanged");
  expect(panel.openPictures.size).toBe(1);
});
