import { randomUUID } from "node:crypto";
import type { Board, Shape } from "@penpot/plugin-types";
import { expect, test } from "vitest";
import { getContainer } from "../../../../plugin/playground/document/document.ts";
import type { ShapeId } from "../../../../plugin/playground/document/shape.ts";
import { addShape } from "../../../../plugin/playground/document/tree-edits.ts";
import { emptyPng } from "../empty-png.ts";
import { layerRequest, onBoard, place, withPicture } from "../pictures-on-pages.ts";
import { rectangle } from "../shapes.ts";

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
  // From the bottom, as the document keeps them, however Penpot lists them.
  const { document } = host.store.snapshot;
  const names = getContainer(document, board.id as ShapeId).children.map((id) => document.shapes.get(id)?.name);
  expect(names).toEqual(["Beach", "a cat", "Title"]);
});
