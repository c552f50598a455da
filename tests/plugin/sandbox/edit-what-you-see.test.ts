import { randomUUID } from "node:crypto";
import type { Board, Shape } from "@penpot/plugin-types";
import { expect, test, vi } from "vitest";
import { createDocument, defaultShape, getContainer, getShape } from "../../../plugin/playground/document/document.ts";
import type { ShapeData, ShapeId } from "../../../plugin/playground/document/shape.ts";
import { addShape, updateShape } from "../../../plugin/playground/document/tree-edits.ts";
import { aRecipe } from "./a-recipe.ts";
import { emptyPng } from "./empty-png.ts";
import { SandboxInPlayground } from "./sandbox-in-playground.ts";
import { rectangle } from "./shapes.ts";

const place = { x: 10, y: 20, width: 30, height: 40 };

/** A picture of 100 × 80 pixels, one a unit, under a caption. */
function withPicture(change: Partial<ShapeData> = {}) {
  const host = new SandboxInPlayground().start();
  const fills = [host.imageFill(100, 80)];
  const picture = rectangle({ name: "Beach", x: 64, y: 32, width: 100, height: 80, fills, ...change });
  const [id] = host.open(picture, rectangle({ name: "Caption", x: 70, y: 40, width: 20, height: 10 }));
  const insert = async (change: Record<string, unknown> = {}) => {
    host.messages.length = 0;
    host.send(layerRequest(host, id!, change));
    return await host.answer("placed");
  };
  const names = () => {
    const { document } = host.store.snapshot;
    return getContainer(document, document.rootId).children.map((child) => getShape(document, child).name);
  };
  const shape = (shapeId: string) => host.penpot.currentPage?.getShapeById(shapeId) as Shape;
  const read = async () => {
    host.messages.length = 0;
    host.send({ type: "read-source", requestId: 9, shapeId: id });
    return await host.answer("source");
  };
  return { host, id: id!, insert, names, shape, read };
}

function layerRequest(host: SandboxInPlayground, shapeId: ShapeId, change: Record<string, unknown> = {}) {
  return {
    type: "place-layer",
    requestId: 1,
    placementId: randomUUID(),
    from: { ...host.identityOf(shapeId), image: { width: 100, height: 80 } },
    anyway: false,
    drawnOn: [],
    stacks: true,
    growsBoard: false,
    name: "a cat",
    place: "part",
    bytes: emptyPng(30, 40),
    mime: "image/png",
    layer: place,
    recipe: aRecipe,
    ...change,
  };
}

test("hands over the visible layers above the picture with their place on its pixels, and names the others", async () => {
  const { insert, shape, read } = withPicture();
  const { shapeId } = await insert();
  const second = await insert({ layer: { ...place, x: 50 } });
  shape(shapeId).opacity = 0.5;
  shape(shapeId).blendMode = "multiply";
  const { image, layers, others } = await read();
  expect(layers).toMatchObject([
    { shapeId, name: "a cat", matrix: [30, 0, 0, 40, 10, 20], opacity: 0.5, blendMode: "multiply", mime: "image/png" },
    { shapeId: second.shapeId, name: "a cat 2", matrix: [30, 0, 0, 40, 50, 20], opacity: 1, blendMode: "normal" },
  ]);
  expect(image.layers).toEqual(layers.map(({ shapeId, name }) => ({ shapeId, name })));
  expect(others).toMatchObject([{ name: "Caption" }]);
  shape(shapeId).hidden = true;
  expect((await read()).layers).toMatchObject([{ shapeId: second.shapeId }]);
});

test("places layers on the pixels of a turned, mirrored and cropped picture", async () => {
  const { host, id, insert, read } = withPicture({ width: 50, height: 80, rotation: 30, flipX: true });
  const fills = [host.imageFill(100, 80, true)];
  host.store.edit((page) => updateShape(page, id, (each) => ({ ...each, fills })));
  await insert({ layer: { ...place, x: 40 } });
  const [layer] = (await read()).layers;
  for (const [index, value] of [30, 0, 0, 40, 40, 20].entries()) expect(layer?.matrix[index]).toBeCloseTo(value, 3);
});

test("tells the source's version, which changes with the layers over it and not with where it stands", async () => {
  const { host, id, insert, shape, read } = withPicture();
  const { version } = (await read()).image;
  const { shapeId } = await insert();
  const withLayer = (await read()).image.version;
  expect(withLayer).not.toBe(version);
  shape(shapeId).x += 1;
  expect((await read()).image.version).not.toBe(withLayer);
  shape(shapeId).x -= 1;
  for (const each of [id, shapeId]) shape(each).y += 40;
  expect((await read()).image.version).toBe(withLayer);
  host.store.undo();
});

test("puts a layer above those it was drawn on, whatever lies between", async () => {
  const { insert, shape, names } = withPicture();
  const first = await insert({ name: "First" });
  shape(first.shapeId).bringToFront();
  const { stacking } = await insert({ name: "Second", drawnOn: [first.shapeId] });
  expect(names()).toEqual(["Beach", "Caption", "First", "Second"]);
  expect(stacking).toBe("above-results");
});

test("puts the next variant of a job in the place of the one before, unless they are to be stacked", async () => {
  const { host, insert, shape, names } = withPicture();
  const first = await insert({ job: "job-1", stacks: false, name: "One" });
  const before = host.store.snapshot.document;
  const second = await insert({ job: "job-1", stacks: false, name: "Two", layer: { ...place, x: 12, width: 20 } });
  expect(second).toMatchObject({ shapeId: first.shapeId, name: "Two", hasReplaced: true });
  expect(shape(first.shapeId)).toMatchObject({ x: 76, y: 52, width: 20, height: 40 });
  expect(names()).toEqual(["Beach", "Two", "Caption"]);
  host.store.undo();
  expect(host.store.snapshot.document).toBe(before);
  await insert({ job: "job-1", stacks: true, name: "One" });
  await insert({ job: "job-2", stacks: false, name: "Other" });
  expect(names()).toEqual(["Beach", "One", "One 2", "Other", "Caption"]);
});

test("takes an insertion back and does it again for the panel, each as one step", async () => {
  const { host, insert, names } = withPicture();
  const placementId = randomUUID();
  const before = host.store.snapshot.document;
  await insert({ placementId });
  host.send({ type: "undo-placement", requestId: 2, placementId });
  await host.answer("done");
  expect(names()).toEqual(["Beach", "Caption"]);
  expect(getContainer(host.store.snapshot.document, before.rootId)).toEqual(getContainer(before, before.rootId));
  host.messages.length = 0;
  host.send({ type: "redo-placement", requestId: 3, placementId });
  await host.answer("placed");
  expect(names()).toEqual(["Beach", "a cat", "Caption"]);
  host.store.undo();
  expect(names()).toEqual(["Beach", "Caption"]);
});

test("takes an exchanged variant back to the one before", async () => {
  const { host, id, insert, shape, names } = withPicture();
  const first = await insert({ job: "job-1", stacks: false, name: "One" });
  const picture = () => (shape(first.shapeId).fills as { fillImage?: { id: string } }[])[0]?.fillImage?.id;
  const shown = picture();
  const placementId = randomUUID();
  await insert({ job: "job-1", stacks: false, name: "Two", layer: { ...place, x: 0 }, placementId });
  host.send({ type: "undo-placement", requestId: 2, placementId });
  await host.answer("done");
  expect([picture(), names()[1], shape(first.shapeId).x]).toEqual([shown, "One", shape(id).x + 10]);
});

test("leaves alone what Penpot's own undo has taken back, and inserts it again when asked", async () => {
  const { host, insert, names } = withPicture();
  const placementId = randomUUID();
  await insert({ placementId });
  host.store.undo();
  const before = host.store.snapshot.document;
  host.send({ type: "undo-placement", requestId: 2, placementId });
  await host.answer("done");
  expect(host.store.snapshot.document).toBe(before);
  await insert({ placementId });
  expect(names()).toEqual(["Beach", "a cat", "Caption"]);
});

test("does not insert twice what is sent again because no answer came", async () => {
  const { host, id, names } = withPicture();
  const request = layerRequest(host, id);
  host.send(request);
  host.send({ ...request, requestId: 2 });
  await vi.waitFor(() => expect(host.messages.filter(({ type }) => type === "placed")).toHaveLength(2));
  host.send({ ...request, requestId: 3 });
  await vi.waitFor(() => expect(host.messages.filter(({ type }) => type === "placed")).toHaveLength(3));
  expect(names()).toEqual(["Beach", "a cat", "Caption"]);
  const ids = host.messages.flatMap((message) => (message.type === "placed" ? message.shapeId : []));
  expect(new Set(ids).size).toBe(1);
});

test("tells what has become of an insertion: undone, redone, deleted", async () => {
  const { host, insert, shape } = withPicture();
  const { shapeId } = await insert();
  host.send({ type: "watch", watches: [{ key: "layer", shapeId, maskShapeIds: [] }] });
  const exists = async (value: boolean) =>
    await vi.waitFor(() => expect(host.last("watched")?.watched).toMatchObject([{ key: "layer", exists: value }]));
  await exists(true);
  host.store.undo();
  await exists(false);
  host.store.redo();
  await exists(true);
  shape(shapeId).remove();
  await exists(false);
});

test("reads how a layer came to be, wherever it was copied to", async () => {
  const { host, id, insert, shape } = withPicture();
  const { shapeId } = await insert();
  const copy = shape(shapeId).clone();
  host.send({ type: "read-recipe", requestId: 4, shapeId: copy.id });
  expect(await host.answer("recipe")).toMatchObject({ recipe: aRecipe, madeFrom: { shapeId: id, name: "Beach" } });
  host.messages.length = 0;
  host.send({ type: "read-recipe", requestId: 5, shapeId: id });
  expect(await host.answer("recipe")).not.toHaveProperty("recipe");
});

test.each([
  ["opacity", { opacity: 0.5 }],
  ["blend mode", { blendMode: "multiply" }],
] as const)("puts source and layer into a group that takes over the source's %s", async (_, look) => {
  const { host, id, insert, shape, names } = withPicture(look);
  const before = host.store.snapshot.document;
  const { shapeId } = await insert();
  const group = shape(id).parent as Shape;
  expect(group).toMatchObject({ type: "group", name: "Beach", opacity: 1, blendMode: "normal", ...look });
  expect(shape(id)).toMatchObject({ opacity: 1, blendMode: "normal" });
  expect((group as Board).children.map((child) => child.id)).toEqual([id, shapeId]);
  expect(names()).toEqual(["Beach", "Caption"]);
  // The next one finds the group there.
  await insert();
  expect((group as Board).children).toHaveLength(3);
  host.store.undo();
  host.store.undo();
  expect(host.store.snapshot.document).toBe(before);
});

test("lets an extension look as its translucent picture does: in a group with it, or by itself behind others", async () => {
  const around = { place: "around", layer: { x: -20, y: 0, width: 140, height: 80 } };
  const alone = withPicture({ opacity: 0.5 });
  const { shapeId } = await alone.insert(around);
  const group = alone.shape(alone.id).parent as Board;
  expect(group).toMatchObject({ type: "group", opacity: 0.5 });
  expect(group.children.map(({ id }) => id)).toEqual([shapeId, alone.id]);
  expect(alone.names()).toEqual(["Beach", "Caption"]);

  const covered = withPicture({ opacity: 0.5 });
  const { rootId } = covered.host.store.snapshot.document;
  const below = rectangle({ name: "Below", x: 150, y: 40, width: 30, height: 10 });
  covered.host.store.edit((page) => addShape(page, below, rootId, 0));
  const extension = await covered.insert(around);
  expect(covered.names()).toEqual(["a cat", "Below", "Beach", "Caption"]);
  expect(covered.shape(extension.shapeId).opacity).toBe(0.5);
  expect(covered.shape(covered.id).opacity).toBe(0.5);
});

test("takes such a group back with its layer", async () => {
  const { host, id, insert, shape, names } = withPicture({ opacity: 0.5 });
  const placementId = randomUUID();
  await insert({ placementId });
  host.send({ type: "undo-placement", requestId: 2, placementId });
  await host.answer("done");
  expect(names()).toEqual(["Beach", "Caption"]);
  expect(shape(id).opacity).toBe(0.5);
});

test.each<[string, Partial<ShapeData>, string]>([
  ["a translucent fill", {}, "picture"],
  ["a blur", { blur: { id: "b", value: 4, hidden: false } }, "picture"],
  ["half its opacity", { opacity: 0.5 }, "group"],
  ["nothing of the kind", {}, "layer"],
])("says how a result comes in to look like its source: %s", async (name, change, insertion) => {
  const { host, id } = withPicture(change);
  if (name === "a translucent fill")
    host.store.edit((page) =>
      updateShape(page, id, (each) => ({ ...each, fills: each.fills.map((fill) => ({ ...fill, opacity: 0.6 })) })),
    );
  host.store.select([id]);
  await vi.waitFor(() => expect(host.last("selection")?.selection).toMatchObject({ image: { insertion } }));
});

test("tells what a picture's shape cuts away and how far strokes cover it", async () => {
  const { host, id } = withPicture({ borderRadius: 9 });
  host.penpot.currentPage!.getShapeById(id)!.strokes = [
    { strokeColor: "#000000", strokeWidth: 6, strokeAlignment: "center", strokeStyle: "solid", strokeOpacity: 1 },
  ];
  host.store.select([id]);
  await vi.waitFor(() =>
    expect(host.last("selection")?.selection).toMatchObject({
      image: { rim: 3, outline: { d: expect.stringContaining("A9 9"), matrix: [1, 0, 0, 1, 0, 0] } },
    }),
  );
});

test("gives a layer over the whole of a path the path's own outline, and none of its strokes", async () => {
  const { host, shape } = withPicture();
  const path = host.penpot.createPath();
  path.d = "M300 300L400 300L350 380Z";
  const upload = await host.penpot.uploadMediaData("Peak", emptyPng(100, 80), "image/png");
  path.fills = [{ fillImage: upload, fillOpacity: 1 }];
  path.strokes = [{ strokeColor: "#000000", strokeWidth: 2, strokeAlignment: "outer" }];
  host.send(layerRequest(host, path.id as ShapeId, { place: "whole", layer: { x: 0, y: 0, width: 100, height: 80 } }));
  const { shapeId } = await host.answer("placed");
  const layer = shape(shapeId);
  expect(layer).toMatchObject({ type: "path", name: "a cat", x: path.x, y: path.y, width: path.width, strokes: [] });
  expect((layer as typeof path).d).toBe(path.d);
});

/** A board of 200 × 100 at the origin with a picture of 100 × 80 at (60, 10). */
function onBoard() {
  const host = new SandboxInPlayground().start();
  const size = { width: 200, height: 100 };
  const board: ShapeData = { ...defaultShape("Hero"), ...size, type: "board", children: [], clipContent: true };
  const fills = [host.imageFill(100, 80)];
  const picture = rectangle({ name: "Beach", x: 60, y: 10, width: 100, height: 80, fills });
  const title = rectangle({ name: "Title", x: 4, y: 4, width: 20, height: 8 });
  host.store.open(
    [picture, title].reduce((page, each) => addShape(page, each, board.id), addShape(createDocument("T"), board)),
  );
  const shape = (id: string) => host.penpot.currentPage?.getShapeById(id) as Shape;
  return { host, board: shape(board.id) as Board, picture: shape(picture.id), title: shape(title.id), shape };
}

test("shows an extension with the picture that it extends, and lays what is drawn on both above both", async () => {
  const { host, board, picture } = onBoard();
  const around = { x: -60, y: -10, width: 200, height: 100 };
  host.send(layerRequest(host, picture.id as ShapeId, { place: "around", layer: around, name: "Extension" }));
  const extension = (await host.answer("placed")).shapeId as ShapeId;
  const sourceOf = async (shapeId: string) => {
    host.messages.length = 0;
    host.send({ type: "read-source", requestId: 9, shapeId });
    return await host.answer("source");
  };
  const seen = await sourceOf(extension);
  expect(seen.layers).toMatchObject([{ name: "Beach" }]);
  const drawnOn = seen.layers.map(({ shapeId }) => shapeId);
  const seam = { x: 5, y: 10, width: 20, height: 20 };
  const from = host.identityOf(extension);
  host.messages.length = 0;
  host.send(layerRequest(host, extension, { from, layer: seam, drawnOn, name: "Seam" }));
  await host.answer("placed");
  expect(board.children.map(({ name }) => name)).toEqual(["Extension", "Beach", "Seam", "Title"]);
  expect((await sourceOf(extension)).layers).toMatchObject([{ name: "Beach" }, { name: "Seam" }]);
  // The picture alone is seen with the seam over it too.
  expect((await sourceOf(picture.id)).layers).toMatchObject([{ name: "Seam" }]);
});

test("grows the board that would clip an extension, and leaves what stands on it where it is", async () => {
  const { host, board, picture, title } = onBoard();
  const before = host.store.snapshot.document;
  const around = { x: -100, y: -20, width: 300, height: 120 };
  host.send(layerRequest(host, picture.id as ShapeId, { place: "around", layer: around, growsBoard: true }));
  await host.answer("placed");
  expect(board).toMatchObject({ x: -40, y: -10, width: 300, height: 120 });
  expect([picture.x, picture.y, title.x, title.y]).toEqual([60, 10, 4, 4]);
  host.store.undo();
  expect(host.store.snapshot.document).toBe(before);
});

function boardRequest(board: Record<string, unknown>) {
  const { recipe } = { recipe: aRecipe };
  const file = { bytes: emptyPng(160, 90), mime: "image/png" };
  return { type: "fill-board", requestId: 6, placementId: randomUUID(), name: "Wide", ...file, recipe, board };
}

test("lays a picture beneath all that stands on a board, over its ground", async () => {
  const { host, board } = onBoard();
  const ground = rectangle({ name: "Ground", width: 200, height: 100 });
  host.store.edit((page) => addShape(page, ground, board.id as ShapeId, 0));
  host.send(boardRequest({ type: "existing", shapeId: board.id }));
  const { shapeId } = await host.answer("placed");
  expect(board.children.map(({ name }) => name)).toEqual(["Ground", "Wide", "Beach", "Title"]);
  expect(board.children.find(({ id }) => id === shapeId)).toMatchObject({ x: 0, y: 0, width: 200, height: 100 });
});

test("makes boards of other formats side by side", async () => {
  const { host, board } = onBoard();
  const formats = [
    { name: "Square", width: 100, height: 100 },
    { name: "Story", width: 90, height: 160 },
  ];
  for (const format of formats) {
    host.messages.length = 0;
    host.send(boardRequest({ type: "new", beside: board.id, ...format }));
    await host.answer("placed");
  }
  host.messages.length = 0;
  host.send({ type: "list-boards", requestId: 7 });
  expect((await host.answer("boards")).boards).toMatchObject([
    { name: "Story", width: 90, height: 160 },
    { name: "Square", width: 100, height: 100 },
    { name: "Hero", width: 200, height: 100 },
  ]);
  const boards =
    host.penpot.currentPage?.findShapes({ type: "board" }).filter(({ name }) => name !== "Root Frame") ?? [];
  expect(boards.map(({ name, x, y }) => [name, x, y])).toEqual([
    ["Hero", 0, 0],
    ["Square", 280, 0],
    ["Story", 460, 0],
  ]);
});

test("lets a picture grow in one shape, its known part where it was", async () => {
  const { host, picture } = onBoard();
  picture.rotation = 90;
  const { x, y } = picture.center;
  host.send({
    ...layerRequest(host, picture.id as ShapeId),
    type: "replace-picture",
    frame: { x: -20, y: 0, width: 140, height: 80 },
  });
  await host.answer("placed");
  expect([picture.width, picture.height]).toEqual([140, 80]);
  // 20 pixels more on either end: the middle moved by none.
  expect([picture.center.x, picture.center.y]).toEqual([x, y]);
});

test("hides the layers that became part of a new picture, and shows them again when it is taken back", async () => {
  const { host, id, insert, shape } = withPicture();
  const { shapeId } = await insert();
  const placementId = randomUUID();
  host.send({ ...layerRequest(host, id, { drawnOn: [shapeId], placementId }), type: "replace-picture" });
  await vi.waitFor(() => expect(shape(shapeId).hidden).toBe(true));
  host.send({ type: "undo-placement", requestId: 2, placementId });
  await vi.waitFor(() => expect(shape(shapeId).hidden).toBe(false));
});

test.each(["flex", "grid"] as const)("lies over its picture in a %s layout, and moves nothing there", async (kind) => {
  const { host, board, picture, title, shape } = onBoard();
  const layout = kind === "flex" ? board.addFlexLayout() : board.addGridLayout();
  if ("dir" in layout && kind === "flex") layout.dir = "row";
  const places = [picture, title].map(({ x, y }) => [x, y]);
  host.send(layerRequest(host, picture.id as ShapeId));
  const { shapeId } = await host.answer("placed");
  expect([picture, title].map(({ x, y }) => [x, y])).toEqual(places);
  expect(shape(shapeId)).toMatchObject({ x: picture.x + 10, y: picture.y + 20, width: 30, height: 40 });
  expect(shape(shapeId).layoutChild?.absolute).toBe(true);
});
