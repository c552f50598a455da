import { expect, test } from "vitest";
import {
  createDocument,
  type Document,
  defaultShape,
  getShape,
} from "../../../../plugin/playground/document/document.ts";
import { shapeAt } from "../../../../plugin/playground/document/hit-test.ts";
import { outlineOnPage } from "../../../../plugin/playground/document/outline.ts";
import { paintedBounds } from "../../../../plugin/playground/document/painted-bounds.ts";
import { flatten } from "../../../../plugin/playground/document/path-data.ts";
import type { BooleanType, ShapeData, ShapeId } from "../../../../plugin/playground/document/shape.ts";
import { addShape, groupShapes } from "../../../../plugin/playground/document/tree-edits.ts";

function page(...shapes: readonly ShapeData[]): Document {
  return shapes.reduce<Document>((next, shape) => addShape(next, shape), createDocument("Test"));
}

/** By the signs of rings: holes count negative. */
function areaOf(document: Document, id: ShapeId): number {
  const rings = flatten(outlineOnPage(document, getShape(document, id)), 0.01);
  const areas = rings.map((ring) =>
    ring.reduce((sum, { x, y }, index) => {
      const next = ring[(index + 1) % ring.length] ?? { x, y };
      return sum + (x * next.y - next.x * y) / 2;
    }, 0),
  );
  return Math.abs(areas.reduce((sum, area) => sum + area, 0));
}

const box = (change: Partial<ShapeData> = {}): ShapeData =>
  ({ ...defaultShape("Box"), type: "rectangle", ...change }) as ShapeData;

test("rounds corners, each by its own radius, shrunk where they do not fit", () => {
  const rounded = box({ borderRadius: [20, 0, 0, 0] });
  const pill = box({ borderRadius: 500 });
  const ellipse = box({ type: "ellipse", width: 200 });
  const document = page(rounded, pill, ellipse);
  expect(areaOf(document, rounded.id)).toBeCloseTo(10_000 - 400 * (1 - Math.PI / 4), 0);
  expect(areaOf(document, pill.id) / (Math.PI * 2500)).toBeCloseTo(1, 3);
  expect(areaOf(document, ellipse.id) / (Math.PI * 5000)).toBeCloseTo(1, 3);
});

test.each([
  ["union", 17_500],
  ["difference", 7_500],
  ["intersection", 2_500],
  ["exclude", 15_000],
] as const)("combines turned and nested outlines by %s", (operation: BooleanType, area) => {
  const lower = box();
  const upper = box({ x: 50, y: 50, rotation: 90 });
  const inner = { ...defaultShape("Group"), type: "group", children: [], fills: [] } as const;
  const boolean = { ...defaultShape("Boolean"), type: "boolean", operation, children: [] } as const;
  const grouped = groupShapes(page(lower, upper), inner, [upper.id]);
  expect(areaOf(groupShapes(grouped, boolean, [lower.id, inner.id]), boolean.id)).toBeCloseTo(area, 3);
});

test("leaves holes open, to the eye and to the pointer", () => {
  const ring: ShapeData = {
    ...defaultShape("Ring"),
    type: "path",
    d: "M0 0H100V100H0ZM25 25V75H75V25Z",
    viewBox: { width: 100, height: 100 },
  };
  const document = page(ring);
  expect(areaOf(document, ring.id)).toBe(7_500);
  expect(shapeAt(document, { x: 10, y: 50 })).toBe(ring.id);
  expect(shapeAt(document, { x: 50, y: 50 })).toBeUndefined();
});

test("finds a line without a fill near it alone, and what a mask shows alone", () => {
  const line = {
    ...defaultShape("Line"),
    type: "path",
    d: "M0 0L100 100",
    viewBox: { width: 100, height: 100 },
  } as const;
  const open: ShapeData = { ...line, fills: [], x: 200 };
  const [mask, masked] = [box({ width: 20 }), box()];
  const group: ShapeData = { ...defaultShape("Mask"), type: "group", children: [], fills: [], isMask: true };
  const document = groupShapes(page(open, mask, masked), group, [mask.id, masked.id]);
  expect(shapeAt(document, { x: 252, y: 50 }, 4)).toBe(open.id);
  expect(shapeAt(document, { x: 280, y: 20 }, 4)).toBeUndefined();
  expect(shapeAt(document, { x: 10, y: 50 })).toBe(group.id);
  expect(shapeAt(document, { x: 50, y: 50 })).toBeUndefined();
});

test("takes up what strokes, shadows and blurs reach, as Penpot exports it", () => {
  const stroke = { strokeColor: "#000000", strokeOpacity: 1, strokeStyle: "solid", strokeAlignment: "outer" } as const;
  const shadow = {
    id: "1",
    style: "drop-shadow",
    offsetX: 50,
    offsetY: 0,
    blur: 0,
    spread: 2,
    hidden: false,
    color: { color: "#000000", opacity: 1 },
  } as const;
  const plain = box();
  const stroked = box({ strokes: [{ ...stroke, strokeWidth: 10 }] });
  const inside = box({ strokes: [{ ...stroke, strokeWidth: 10, strokeAlignment: "inner" }] });
  const shaded = box({ shadows: [shadow] });
  const document = page(plain, stroked, inside, shaded);
  expect(paintedBounds(document, plain)).toEqual({ x: 0, y: 0, width: 100, height: 100 });
  expect(paintedBounds(document, stroked)).toEqual({ x: -15, y: -15, width: 130, height: 130 });
  expect(paintedBounds(document, inside)).toEqual({ x: 0, y: 0, width: 100, height: 100 });
  expect(paintedBounds(document, shaded)).toEqual({ x: 0, y: -2, width: 152, height: 104 });
});
