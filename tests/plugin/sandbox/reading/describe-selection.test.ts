import { expect, test, vi } from "vitest";
import { createDocument, defaultShape } from "../../../../plugin/playground/document/document.ts";
import { rotateShape } from "../../../../plugin/playground/document/geometry-edits.ts";
import type { ShapeData } from "../../../../plugin/playground/document/shape.ts";
import { addShape, groupShapes, removeShape, updateShape } from "../../../../plugin/playground/document/tree-edits.ts";
import { SandboxInPlayground } from "../sandbox-in-playground.ts";
import { rectangle } from "../shapes.ts";

/** The selection's problem, or its image. */
async function selectionOf(host: SandboxInPlayground) {
  host.messages.length = 0;
  host.send({ type: "ready" });
  const { selection } = await host.answer("selection");
  if (selection.type === "pair") return selection.images;
  return selection.type === "image" ? selection.image : selection.error;
}

test("opens the panel by a relative address and answers ready with theme and selection", async () => {
  const host = new SandboxInPlayground().start();
  const address = expect.stringMatching(/^ui\/index\.html\?panel=\w{32}$/);
  expect(host.opened).toEqual([["Overpaint", address, expect.objectContaining({ width: expect.any(Number) })]]);
  host.send({ type: "ready" });
  expect((await host.answer("theme")).theme).toBe("dark");
  expect((await host.answer("selection")).selection.type).toBe("none");
});

test("counts children from the bottom, as insertChild needs it", () => {
  const host = new SandboxInPlayground().start();
  expect(host.penpot.flags.naturalChildOrdering).toBe(true);
});

test("tells that nothing is selected", async () => {
  const host = new SandboxInPlayground().start();
  expect(await selectionOf(host)).toMatchObject({ code: "no-selection", remedy: expect.stringContaining("Select") });
});

test("tells how many layers are selected", async () => {
  const host = new SandboxInPlayground().start();
  host.store.select(host.open(rectangle(), rectangle(), rectangle()));
  expect(await selectionOf(host)).toMatchObject({ code: "several-selected", message: "3 layers are selected." });
});

test("tells of two selected pictures, and follows changes of either", async () => {
  const host = new SandboxInPlayground().start();
  const [first, second] = host.open(
    rectangle({ name: "Beach", fills: [host.imageFill(8, 8)] }),
    rectangle({ name: "Poster", fills: [host.imageFill(4, 4)] }),
  );
  host.store.select([first!, second!]);
  expect(await selectionOf(host)).toMatchObject([{ shapeId: first }, { shapeId: second }]);
  host.store.edit((document) => updateShape(document, second!, (shape) => ({ ...shape, name: "Print" })));
  await vi.waitFor(() =>
    expect(host.last("selection")?.selection).toMatchObject({ images: [{ name: "Beach" }, { name: "Print" }] }),
  );
});

test("tells of a picture and of the shapes selected with it", async () => {
  const host = new SandboxInPlayground().start();
  const [picture, hole] = host.open(rectangle({ fills: [host.imageFill(8, 8)] }), rectangle({ name: "Hole" }));
  host.store.select([hole!, picture!]);
  await vi.waitFor(() =>
    expect(host.last("selection")?.selection).toMatchObject({
      type: "image",
      image: { shapeId: picture },
      shapes: [{ shapeId: hole, name: "Hole", type: "rectangle" }],
    }),
  );
});

test("offers the pictures inside a selected board, and those beneath a selected shape", async () => {
  const host = new SandboxInPlayground().start();
  const { board, picture } = onBoard(host, {});
  const hole = rectangle({ name: "Hole", x: 170, y: 230, width: 20, height: 20 });
  host.store.edit((document) => addShape(document, hole, board.id));
  for (const id of [board.id, hole.id]) {
    host.store.select([id]);
    await vi.waitFor(() => {
      const selection = host.last("selection")?.selection;
      expect(selection).toMatchObject({ type: "none", shapes: [{ shapeId: id }], pictures: [{ shapeId: picture.id }] });
    });
  }
});

test("names the layer and its type when it has no image", async () => {
  const host = new SandboxInPlayground().start();
  host.store.select(host.open({ ...rectangle({ name: "Sun" }), type: "ellipse" } as ShapeData));
  expect(await selectionOf(host)).toMatchObject({
    code: "no-image-in-selection",
    message: "“Sun” (ellipse) has no image fill.",
  });
});

test("sends the designer into a group", async () => {
  const host = new SandboxInPlayground().start();
  const ids = host.open(rectangle({ fills: [host.imageFill(8, 8)] }), rectangle());
  const group: ShapeData = { ...defaultShape("Pair"), type: "group", children: [], fills: [] };
  host.store.edit((document) => groupShapes(document, group, ids));
  host.store.select([group.id]);
  expect(await selectionOf(host)).toMatchObject({
    code: "no-image-in-selection",
    remedy: expect.stringContaining("inside the group"),
  });
});

test("describes the image, its geometry and its identity", async () => {
  const host = new SandboxInPlayground().start();
  const fill = host.imageFill(640, 480);
  const [id] = host.open(rectangle({ name: "Beach", x: 10, y: 20, width: 320, height: 240, fills: [fill] }));
  host.store.edit((document) => rotateShape(document, id!, 30));
  host.store.select([id!]);
  const { document } = host.store.snapshot;
  expect(await selectionOf(host)).toEqual({
    shapeId: id,
    pageId: document.pageId,
    fileId: document.fileId,
    name: "Beach",
    width: 320,
    height: 240,
    rotation: 30,
    image: { width: 640, height: 480 },
    visible: { x: 0, y: 0, width: 640, height: 480 },
    mediaId: fill.type === "image" && fill.mediaId,
    rim: 0,
    layers: [],
    version: expect.any(String),
    insertion: "layer",
  });
});

test.each([
  { image: [400, 200], box: [100, 100], visible: { x: 100, y: 0, width: 200, height: 200 } },
  { image: [200, 400], box: [100, 100], visible: { x: 0, y: 100, width: 200, height: 200 } },
  { image: [400, 200], box: [200, 100], visible: { x: 0, y: 0, width: 400, height: 200 } },
  // 100 × 30 shows 7 × 2.1 pixels' worth of a 7 × 7 picture: the fewest whole pixels around it.
  { image: [7, 7], box: [100, 30], visible: { x: 0, y: 2, width: 7, height: 3 } },
])("tells which part of a $image picture covers a $box box", async ({ image, box, visible }) => {
  const host = new SandboxInPlayground().start();
  const fills = [host.imageFill(image[0]!, image[1]!, true)];
  host.store.select(host.open(rectangle({ width: box[0]!, height: box[1]!, fills })));
  expect(await selectionOf(host)).toMatchObject({ visible });
});

test("sees a picture through a translucent colour, not through an opaque one", async () => {
  const host = new SandboxInPlayground().start();
  const picture = host.imageFill(8, 8);
  const [veiled, covered] = host.open(
    rectangle({ fills: [{ type: "color", color: "#ffffff", opacity: 0.5 }, picture] }),
    rectangle({ fills: [{ type: "color", color: "#ffffff", opacity: 1 }, picture] }),
  );
  host.store.select([veiled!]);
  expect(await selectionOf(host)).toMatchObject({ image: { width: 8, height: 8 } });
  host.store.select([covered!]);
  expect(await selectionOf(host)).toMatchObject({ code: "no-image-in-selection" });
});

test("follows another selection, another theme and changes of the selected shape", async () => {
  const host = new SandboxInPlayground().start();
  const [id] = host.open(rectangle({ fills: [host.imageFill(8, 8)] }));
  host.store.select([id!]);
  await vi.waitFor(() => expect(host.last("selection")?.selection.type).toBe("image"));
  host.store.setTheme("light");
  await vi.waitFor(() => expect(host.last("theme")?.theme).toBe("light"));
  host.store.edit((document) => updateShape(document, id!, (shape) => ({ ...shape, name: "Renamed" })));
  await vi.waitFor(() => expect(host.last("selection")?.selection).toMatchObject({ image: { name: "Renamed" } }));
  host.store.edit((document) => removeShape(document, id!));
  await vi.waitFor(() => expect(host.last("selection")?.selection.type).toBe("none"));
});

test("stays silent while the selected shape is only moved", async () => {
  const host = new SandboxInPlayground().start();
  const [id] = host.open(rectangle({ fills: [host.imageFill(8, 8)] }));
  host.store.select([id!]);
  await host.answer("selection");
  const told = host.messages.length;
  host.store.edit((document) => updateShape(document, id!, (shape) => ({ ...shape, x: 50 })));
  await new Promise((resolve) => setTimeout(resolve, 40));
  expect(host.messages).toHaveLength(told);
});

test("notices that another page is opened", async () => {
  const host = new SandboxInPlayground().start();
  host.store.select(host.open(rectangle({ fills: [host.imageFill(8, 8)] })));
  await host.answer("selection");
  host.store.open(addShape(createDocument("Other"), rectangle()));
  await vi.waitFor(() => expect(host.last("selection")?.selection.type).toBe("none"));
});

function onBoard(host: SandboxInPlayground, change: Partial<ShapeData>) {
  const place = { x: 100, y: 200, width: 320, height: 180 };
  const board: ShapeData = { ...defaultShape("Hero 16:9"), ...place, type: "board", children: [], clipContent: true };
  const picture = rectangle({ x: 160, y: 220, width: 100, height: 80, fills: [host.imageFill(200, 160)], ...change });
  host.store.open(addShape(addShape(createDocument("T"), board), picture, board.id));
  host.store.select([picture.id]);
  return { board, picture };
}

test.each([
  // Two pixels a unit: 60 units of board to the left, 160 to the right, 20 above, 80 below.
  [{}, { x: -120, y: -40, width: 640, height: 360 }],
  [{ flipX: true }, { x: -320, y: -40, width: 640, height: 360 }],
  [{ rotation: 180 }, { x: -320, y: -160, width: 640, height: 360 }],
  [{ width: 99.9 }, { x: -121, y: -40, width: 642, height: 360 }],
])("tells where the board around the picture lies, in its pixels: %j", async (change, area) => {
  const host = new SandboxInPlayground().start();
  onBoard(host, change);
  expect(await selectionOf(host)).toMatchObject({ board: { name: "Hero 16:9", area, clips: true } });
});

test("tells of no board that is turned against the picture, and none on the bare page", async () => {
  const host = new SandboxInPlayground().start();
  onBoard(host, { rotation: 10 });
  expect(await selectionOf(host)).not.toHaveProperty("board");
  host.store.select(host.open(rectangle({ fills: [host.imageFill(8, 8)] })));
  expect(await selectionOf(host)).not.toHaveProperty("board");
});

test("notices that the board around the picture is resized", async () => {
  const host = new SandboxInPlayground().start();
  const { board } = onBoard(host, {});
  await host.answer("selection");
  host.store.edit((document) => updateShape(document, board.id, (shape) => ({ ...shape, width: 420 })));
  await vi.waitFor(() =>
    expect(host.last("selection")?.selection).toMatchObject({ image: { board: { area: { width: 840 } } } }),
  );
});

test("names the selected shape as a place for a new picture, with a picture in it or not", async () => {
  const host = new SandboxInPlayground().start();
  const [card, picture] = host.open(
    rectangle({ name: "Card", width: 320, height: 200 }),
    rectangle({ fills: [host.imageFill(8, 8)] }),
  );
  for (const [id, type] of [
    [card, "none"],
    [picture, "image"],
  ] as const) {
    host.store.select([id!]);
    await vi.waitFor(() =>
      expect(host.last("selection")?.selection).toMatchObject({ type, target: { shapeId: id, kind: "shape" } }),
    );
  }
});
