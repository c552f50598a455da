import { expect, test } from "vitest";
import {
  createDocument,
  defaultShape,
  getContainer,
  getShape,
} from "../../../../plugin/playground/document/document.ts";
import { shapeAt } from "../../../../plugin/playground/document/hit-test.ts";
import type { ShapeData } from "../../../../plugin/playground/document/shape.ts";
import { addShape, paintOrder, relocateShape, removeShape } from "../../../../plugin/playground/document/tree-edits.ts";

const box = (name: string, change: Partial<ShapeData> = {}) =>
  ({ ...defaultShape(name), type: "rectangle", ...change }) as ShapeData;

function page() {
  const board: ShapeData = { ...defaultShape("Board"), type: "board", children: [], clipContent: true };
  const [low, high] = [box("low"), box("high", { x: 80 })];
  const document = [low, high].reduce(
    (next, shape) => addShape(next, shape, board.id),
    addShape(createDocument("T"), board),
  );
  return { document, board, low, high };
}

test("paints parents before children and from bottom to top", () => {
  const { document, board, low, high } = page();
  expect(paintOrder(document)).toEqual([board.id, low.id, high.id]);
});

test("counts the new place without the shape itself", () => {
  const { document, board, low, high } = page();
  expect(getContainer(relocateShape(document, low.id, board.id, 1), board.id).children).toEqual([high.id, low.id]);
});

test("takes a shape out of its board", () => {
  const { document, board, low } = page();
  const out = relocateShape(document, low.id, document.rootId, 0);
  expect(getContainer(out, out.rootId).children).toEqual([low.id, board.id]);
  expect(getShape(out, low.id).parentId).toBe(out.rootId);
});

test("refuses to put a board into itself", () => {
  const { document, board } = page();
  expect(() => relocateShape(document, board.id, board.id, 0)).toThrow("cannot be put into itself");
});

test("removes what a board holds with it", () => {
  const { document, board } = page();
  expect([...removeShape(document, board.id).shapes.keys()]).toEqual([document.rootId]);
});

test("leaves the document before an edit as it was", () => {
  const { document, board } = page();
  const before = new Map(document.shapes);
  removeShape(document, board.id);
  expect(document.shapes).toEqual(before);
});

test("hits the topmost shape, then the board, then nothing", () => {
  const { document, board, low, high } = page();
  expect(shapeAt(document, { x: 90, y: 50 })).toBe(high.id);
  expect(shapeAt(document, { x: 50, y: 50 })).toBe(low.id);
  expect(shapeAt(removeShape(document, low.id), { x: 50, y: 50 })).toBe(board.id);
  expect(shapeAt(document, { x: 500, y: 50 })).toBeUndefined();
});

test("does not hit what a board cuts off", () => {
  const { document } = page();
  expect(shapeAt(document, { x: 150, y: 50 })).toBeUndefined();
});

test("hits an ellipse only inside its outline", () => {
  const round = { ...defaultShape("round"), type: "ellipse" } as ShapeData;
  const document = addShape(createDocument("T"), round);
  expect(shapeAt(document, { x: 50, y: 50 })).toBe(round.id);
  expect(shapeAt(document, { x: 4, y: 4 })).toBeUndefined();
});
