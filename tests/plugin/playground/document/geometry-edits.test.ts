import fc from "fast-check";
import { expect, test } from "vitest";
import {
  createDocument,
  type Document,
  defaultShape,
  getShape,
} from "../../../../plugin/playground/document/document.ts";
import { cornersOf, type Point } from "../../../../plugin/playground/document/geometry.ts";
import {
  flipShape,
  resizeShape,
  rotateShape,
  shapeBounds,
  translateShape,
} from "../../../../plugin/playground/document/geometry-edits.ts";
import type { ShapeData } from "../../../../plugin/playground/document/shape.ts";
import { addShape, groupShapes } from "../../../../plugin/playground/document/tree-edits.ts";

function boardWithChild(rotation = 0) {
  const board: ShapeData = { ...defaultShape("Board"), type: "board", children: [], clipContent: true };
  const child: ShapeData = {
    ...defaultShape("Child"),
    type: "rectangle",
    x: 10,
    y: 20,
    width: 30,
    height: 40,
    rotation,
  };
  const document = addShape(addShape(createDocument("Test"), board), child, board.id);
  return { document, board, child };
}

const cornerPoints = (document: Document, shape: ShapeData) => cornersOf(getShape(document, shape.id));
const mirrored = (points: readonly Point[], axis: number) => points.map(({ x, y }) => ({ x: 2 * axis - x, y }));

function expectClose(actual: readonly Point[], expected: readonly Point[]) {
  for (const [index, point] of expected.entries()) {
    expect(actual[index]?.x).toBeCloseTo(point.x, 6);
    expect(actual[index]?.y).toBeCloseTo(point.y, 6);
  }
}

test("moves what a board holds with it", () => {
  const { document, board, child } = boardWithChild();
  const moved = translateShape(document, board.id, { x: 5, y: -5 });
  expect(getShape(moved, child.id)).toMatchObject({ x: 15, y: 15 });
});

test("mirrors a rotated shape and what holds it point by point", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 359 }), (rotation) => {
      const { document, board, child } = boardWithChild(rotation);
      const flipped = flipShape(document, board.id, "x");
      expectClose(cornerPoints(flipped, child), mirrored(cornerPoints(document, child), 50));
      expectClose(cornerPoints(flipShape(flipped, board.id, "x"), child), cornerPoints(document, child));
    }),
  );
});

test("turns a board and what it holds about the board's centre", () => {
  const { document, board, child } = boardWithChild();
  const turned = getShape(rotateShape(document, board.id, 90), child.id);
  // The child's centre (25, 40) about (50, 50).
  expect(turned).toMatchObject({ rotation: 90, x: 60 - 15, y: 25 - 20 });
});

test("keeps a rotated shape's own top left corner in place when it is resized", () => {
  const { document, child } = boardWithChild(33);
  const resized = resizeShape(document, child.id, 90, 10);
  expectClose(cornerPoints(resized, child).slice(0, 1), cornerPoints(document, child).slice(0, 1));
});

test("gives groups the box around their children and moves them together", () => {
  const { document, child } = boardWithChild();
  const other: ShapeData = { ...defaultShape("Other"), type: "ellipse", x: 100, y: 100 };
  const group: ShapeData = { ...defaultShape("Group"), type: "group", children: [], fills: [] };
  const grouped = groupShapes(addShape(document, other), group, [child.id, other.id]);
  expect(shapeBounds(grouped, getShape(grouped, group.id))).toEqual({ x: 10, y: 20, width: 190, height: 180 });
  const moved = translateShape(grouped, group.id, { x: 1, y: 1 });
  expect(shapeBounds(moved, getShape(moved, group.id))).toMatchObject({ x: 11, y: 21 });
});
