import fc from "fast-check";
import { expect, test } from "vitest";
import { createDocument, defaultShape, getShape } from "../../../../plugin/playground/document/document.ts";
import { applyMatrix, matrixOf, type Placement } from "../../../../plugin/playground/document/geometry.ts";
import { placementOf } from "../../../../plugin/playground/document/geometry-edits.ts";
import { pathText } from "../../../../plugin/playground/document/path-data.ts";
import type { ShapeData } from "../../../../plugin/playground/document/shape.ts";
import { addShape, groupShapes } from "../../../../plugin/playground/document/tree-edits.ts";
import { penSteps } from "../../../../plugin/playground/tools/pen-tool.ts";
import { frameOf, handleAt, handlesOf, pullHandle } from "../../../../plugin/playground/tools/selection-frame.ts";

const viewport = { x: 0, y: 0, zoom: 1 };

function onPage(change: Partial<Placement> = {}) {
  const shape: ShapeData = { ...defaultShape("Box"), type: "rectangle", ...change };
  return { shape, document: addShape(createDocument("Test"), shape) };
}

const at = (frame: Placement, x: number, y: number) =>
  applyMatrix(matrixOf({ ...frame, flipX: false, flipY: false }), { x: x * frame.width, y: y * frame.height });

test("keeps the opposite corner where it is, however the shape is turned and mirrored", () => {
  const placement = fc.record({
    rotation: fc.integer({ min: 0, max: 359 }),
    flipX: fc.boolean(),
    flipY: fc.boolean(),
    width: fc.integer({ min: 50, max: 300 }),
  });
  const corner = fc.record({ x: fc.constantFrom(0, 1), y: fc.constantFrom(0, 1) });
  const to = fc.record({ x: fc.integer({ min: -200, max: 400 }), y: fc.integer({ min: -200, max: 400 }) });
  fc.assert(
    fc.property(placement, corner, to, fc.boolean(), (change, pulled, point, keepsProportions) => {
      const { shape, document } = onPage(change);
      const options = { keepsProportions, isFromCenter: false };
      const after = pullHandle(document, [shape.id], shape, { type: "resize", at: pulled }, point, options);
      const resized = getShape(after, shape.id);
      const [before, now] = [at(shape, 1 - pulled.x, 1 - pulled.y), at(resized, 1 - pulled.x, 1 - pulled.y)];
      expect(now.x).toBeCloseTo(before.x, 6);
      expect(now.y).toBeCloseTo(before.y, 6);
      if (keepsProportions) expect(resized.width / resized.height).toBeCloseTo(shape.width / shape.height, 6);
    }),
  );
});

test("pulls one side alone by its middle, and both from the middle with Alt", () => {
  const { shape, document } = onPage();
  const right = { type: "resize", at: { x: 1, y: 0.5 } } as const;
  const pull = (isFromCenter: boolean) => {
    const options = { keepsProportions: false, isFromCenter };
    const after = pullHandle(document, [shape.id], shape, right, { x: 150, y: 70 }, options);
    const { x, y, width, height } = getShape(after, shape.id);
    return [x, y, width, height];
  };
  expect(pull(false)).toEqual([0, 0, 150, 100]);
  expect(pull(true)).toEqual([-50, 0, 200, 100]);
});

test("scales several shapes and groups about what stays", () => {
  const [a, b] = [onPage().shape, onPage({ x: 100, y: 100 }).shape];
  const group: ShapeData = { ...defaultShape("Group"), type: "group", children: [], fills: [] };
  const flat = addShape(addShape(createDocument("Test"), a), b);
  for (const [document, ids] of [
    [flat, [a.id, b.id]],
    [groupShapes(flat, group, [a.id, b.id]), [group.id]],
  ] as const) {
    const frame = frameOf(document, ids)!;
    const options = { keepsProportions: false, isFromCenter: false };
    const after = pullHandle(document, ids, frame, { type: "resize", at: { x: 1, y: 1 } }, { x: 400, y: 100 }, options);
    expect(placementOf(after, getShape(after, b.id))).toMatchObject({ x: 200, y: 50, width: 200, height: 50 });
  }
});

test("finds handles where they are seen, corners alone on small shapes", () => {
  const { shape } = onPage({ rotation: 90 });
  expect(handleAt(shape, viewport, { x: 100, y: 0 })).toEqual({ type: "resize", at: { x: 0, y: 0 } });
  expect(handleAt(shape, viewport, { x: 122, y: 50 })?.type).toBe("rotate");
  expect(handleAt(shape, viewport, { x: 50, y: 50 })).toBeUndefined();
  expect(handlesOf(shape, viewport)).toHaveLength(9);
  expect(handlesOf(shape, { ...viewport, zoom: 0.2 })).toHaveLength(5);
});

test("draws corners as lines and smooth points as curves that go on straight", () => {
  const points = [
    { x: 0, y: 0 },
    { x: 10, y: 0, handle: { x: 12, y: 3 } },
    { x: 20, y: 0 },
  ];
  expect(pathText(penSteps(points, false))).toBe("M0,0C0,0 8,-3 10,0C12,3 20,0 20,0");
  expect(pathText(penSteps([points[0]!, points[2]!], true))).toBe("M0,0L20,0L0,0Z");
});
