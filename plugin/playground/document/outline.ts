import polygonClipping from "polygon-clipping";
import { cornersOfRadius } from "./decoration.ts";
import { type Document, getShape } from "./document.ts";
import { matrixOf, type Point, type Size } from "./geometry.ts";
import { flatten, type PathStep, parsePath, transformPath } from "./path-data.ts";
import type { ShapeData, ShapeId } from "./shape.ts";

/** Curves of boolean shapes become polygons this close to them, in page units: far below a pixel. */
const TOLERANCE = 0.02;
/** A cubic curve's handle over the radius of the quarter circle it stands for. */
const QUARTER_HANDLE = 0.5522847498;

/** What a shape fills, in page coordinates; nothing for groups, texts and what cannot be outlined. */
export function outlineOnPage(document: Document, shape: ShapeData): readonly PathStep[] {
  if (shape.type === "boolean") return booleanOutline(document, shape);
  if (shape.type === "group") return shape.children.flatMap((id) => outlineOnPage(document, getShape(document, id)));
  return transformPath(outlineInBox(shape), matrixOf(shape));
}

/** The outline in coordinates of the shape's own box. */
export function outlineInBox(shape: ShapeData): readonly PathStep[] {
  switch (shape.type) {
    case "rectangle":
    case "board":
      return roundedBox(shape, cornersOfRadius(shape.borderRadius));
    case "ellipse":
      return roundedBox(shape, undefined);
    case "path": {
      const [a, d] = [shape.width / (shape.viewBox.width || 1), shape.height / (shape.viewBox.height || 1)];
      return transformPath(parsePath(shape.d), { a, b: 0, c: 0, d, e: 0, f: 0 });
    }
    default:
      return [];
  }
}

/** A box with corners of these radii, shrunk to fit as CSS does; an ellipse without. */
function roundedBox({ width, height }: Size, radii: readonly number[] | undefined): readonly PathStep[] {
  const [tl = 0, tr = 0, br = 0, bl = 0] = radii ?? [];
  const isEllipse = radii === undefined;
  const fit = Math.min(
    1,
    width / (tl + tr || 1),
    width / (bl + br || 1),
    height / (tl + bl || 1),
    height / (tr + br || 1),
  );
  const corner = (radius: number): Point => {
    const length = radius * (radius === 0 ? 0 : fit);
    return isEllipse ? { x: width / 2, y: height / 2 } : { x: length, y: length };
  };
  const steps: PathStep[] = [];
  const round = (at: Point, from: Point, to: Point) => {
    if (steps.length === 0) steps.push({ command: "M", points: [from] });
    else steps.push({ command: "L", points: [from] });
    if (from.x === to.x && from.y === to.y) return;
    const towards = (end: Point) => ({
      x: end.x + (at.x - end.x) * QUARTER_HANDLE,
      y: end.y + (at.y - end.y) * QUARTER_HANDLE,
    });
    steps.push({ command: "C", points: [towards(from), towards(to), to] });
  };
  const [a, b, c, d] = [corner(tl), corner(tr), corner(br), corner(bl)];
  round({ x: 0, y: 0 }, { x: 0, y: a.y }, { x: a.x, y: 0 });
  round({ x: width, y: 0 }, { x: width - b.x, y: 0 }, { x: width, y: b.y });
  round({ x: width, y: height }, { x: width, y: height - c.y }, { x: width - c.x, y: height });
  round({ x: 0, y: height }, { x: d.x, y: height }, { x: 0, y: height - d.y });
  return [...steps, { command: "Z", points: [] }];
}

/** Outcomes of boolean operations: documents do not change, so what was found once for one stays true. */
const booleanOutlines = new WeakMap<Document, Map<ShapeId, readonly PathStep[]>>();

function booleanOutline(document: Document, shape: BooleanData): readonly PathStep[] {
  const known = booleanOutlines.get(document) ?? new Map<ShapeId, readonly PathStep[]>();
  booleanOutlines.set(document, known);
  const outline = known.get(shape.id) ?? combineOutlines(document, shape);
  known.set(shape.id, outline);
  return outline;
}

type BooleanData = Extract<ShapeData, { type: "boolean" }>;

function combineOutlines(document: Document, shape: BooleanData): readonly PathStep[] {
  const [first, ...others] = shape.children.map((id) => polygonsOf(outlineOnPage(document, getShape(document, id))));
  if (!first) return [];
  const combine = {
    union: polygonClipping.union,
    difference: polygonClipping.difference,
    intersection: polygonClipping.intersection,
    exclude: polygonClipping.xor,
  }[shape.operation];
  return combine(first, ...others)
    .flat()
    .flatMap((ring): PathStep[] => {
      const [start, ...rest] = ring.slice(0, -1).map(([x, y]) => ({ x, y }));
      if (!start) return [];
      const lines = rest.map((point): PathStep => ({ command: "L", points: [point] }));
      return [{ command: "M", points: [start] }, ...lines, { command: "Z", points: [] }];
    });
}

/** The filled area by the nonzero rule, for which rings that turn the other way round inside another are holes. */
function polygonsOf(steps: readonly PathStep[]): [number, number][][][] {
  const rings = flatten(steps, TOLERANCE)
    .filter((line) => line.length > 2)
    .map((line) => line.map(({ x, y }): [number, number] => [x, y]));
  const area = (ring: readonly [number, number][]) =>
    ring.reduce((sum, [x, y], index) => {
      const [nextX, nextY] = ring[(index + 1) % ring.length] ?? [x, y];
      return sum + x * nextY - nextX * y;
    }, 0);
  const sign = Math.sign(area(rings[0] ?? []));
  const filled = rings.filter((ring) => Math.sign(area(ring)) === sign).map((ring) => [ring]);
  const holes = rings.filter((ring) => Math.sign(area(ring)) === -sign).map((ring) => [ring]);
  if (filled.length === 0) return [];
  const [outer, ...more] = filled;
  const union = polygonClipping.union(outer ?? [], ...more);
  return holes.length > 0 ? polygonClipping.difference(union, ...holes) : union;
}
