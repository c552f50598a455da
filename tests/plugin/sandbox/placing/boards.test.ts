import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import type { ShapeId } from "../../../../plugin/playground/document/shape.ts";
import { addShape } from "../../../../plugin/playground/document/tree-edits.ts";
import { aRecipe } from "../a-recipe.ts";
import { emptyPng } from "../empty-png.ts";
import { layerRequest, onBoard } from "../pictures-on-pages.ts";
import { rectangle } from "../shapes.ts";

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
  const file = { bytes: emptyPng(160, 90), mime: "image/png" };
  return { type: "fill-board", requestId: 6, placementId: randomUUID(), name: "Wide", ...file, recipe: aRecipe, board };
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
