import svgPath from "svgpath";
import { OverpaintError } from "../../../../shared/protocol/overpaint-error.ts";
import { applyMatrix } from "../../../../shared/protocol/plugin/matrix.ts";
import type { Outline } from "../../../../shared/protocol/plugin/outline.ts";

export interface Point {
  readonly x: number;
  readonly y: number;
}
/** A closed line of straight pieces, in pixels of the picture. */
export type Polygon = readonly Point[];

/** How far a straight piece may be from its curve, in pixels: along a whole pixel's side less than half a level of 255. */
const TOLERANCE = 1 / 600;
/** More pieces than these add nothing at any size a picture may have. */
const MAX_PIECES = 4_096;

/** The outline as polygons. Throws `invalid-request` for path data that cannot be read. */
export function flattenOutline({ d, matrix }: Outline): Polygon[] {
  const polygons: Point[][] = [];
  let current: Point[] = [];
  let start: Point = { x: 0, y: 0 };
  const toPixels = (point: Point) => applyMatrix(matrix, point);
  const scale = Math.hypot(matrix[0], matrix[1], matrix[2], matrix[3]);
  const begin = (at: Point) => {
    current = [toPixels(at)];
    polygons.push(current);
    start = at;
  };
  const path = svgPath(d);
  const { err } = path as unknown as { readonly err: string };
  if (err) throw new OverpaintError("invalid-request", `A shape's outline cannot be read: ${err}.`);
  path
    .abs()
    .unshort()
    .iterate((segment, _, x, y) => {
      const [command, ...values] = segment as readonly [string, ...number[]];
      const at = (index: number): Point => ({ x: values[index] ?? 0, y: values[index + 1] ?? 0 });
      const from = { x, y };
      if (command === "M") return begin(at(0));
      if (/z/i.test(command)) return begin(start);
      if (command === "L") current.push(toPixels(at(0)));
      else if (command === "H") current.push(toPixels({ x: values[0] ?? 0, y }));
      else if (command === "V") current.push(toPixels({ x, y: values[0] ?? 0 }));
      else if (command === "C") current.push(...cubic(from, at(0), at(2), at(4), scale).map(toPixels));
      else if (command === "Q") current.push(...cubic(from, ...raised(from, at(0), at(2)), scale).map(toPixels));
      else if (command === "A") current.push(...arc(from, values, scale).map(toPixels));
    });
  return polygons.filter((polygon) => polygon.length > 2);
}

/** A quadratic curve as a cubic one. */
function raised(from: Point, control: Point, to: Point): [Point, Point, Point] {
  const towards = (end: Point) => ({
    x: end.x + (2 / 3) * (control.x - end.x),
    y: end.y + (2 / 3) * (control.y - end.y),
  });
  return [towards(from), towards(to), to];
}

/** A chord over t = 1/n departs from a cubic by at most |second derivative| / (8 n²). */
function cubic(p0: Point, p1: Point, p2: Point, p3: Point, scale: number): Point[] {
  const bend = (a: Point, b: Point, c: Point) => Math.hypot(a.x - 2 * b.x + c.x, a.y - 2 * b.y + c.y);
  const derivative = 6 * Math.max(bend(p0, p1, p2), bend(p1, p2, p3)) * scale;
  const pieces = piecesFor(Math.sqrt(derivative / (8 * TOLERANCE)));
  return Array.from({ length: pieces }, (_, i) => {
    const t = (i + 1) / pieces;
    const s = 1 - t;
    const [a, b, c, e] = [s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t];
    return { x: a * p0.x + b * p1.x + c * p2.x + e * p3.x, y: a * p0.y + b * p1.y + c * p2.y + e * p3.y };
  });
}

/** An elliptical arc by its centre (SVG 2, appendix B.2.4): rx ry rotation large sweep x y. */
function arc(from: Point, values: readonly number[], scale: number): Point[] {
  const [, , rotation = 0, large = 0, sweep = 0, x = 0, y = 0] = values;
  const to = { x, y };
  let [rx, ry] = [Math.abs(values[0] ?? 0), Math.abs(values[1] ?? 0)];
  if (rx === 0 || ry === 0 || (from.x === x && from.y === y)) return [to];
  const turn = (rotation * Math.PI) / 180;
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  const half = { x: (from.x - x) / 2, y: (from.y - y) / 2 };
  const own = { x: cos * half.x + sin * half.y, y: cos * half.y - sin * half.x };
  const reach = (own.x / rx) ** 2 + (own.y / ry) ** 2;
  // Radii that do not reach from end to end grow until they do.
  if (reach > 1) [rx, ry] = [rx * Math.sqrt(reach), ry * Math.sqrt(reach)];
  const spread = (rx * own.y) ** 2 + (ry * own.x) ** 2;
  const away = Math.sqrt(Math.max(0, (rx * ry) ** 2 / spread - 1)) * (large === sweep ? -1 : 1);
  const centre = { x: (away * rx * own.y) / ry, y: (-away * ry * own.x) / rx };
  const middle = {
    x: cos * centre.x - sin * centre.y + (from.x + x) / 2,
    y: sin * centre.x + cos * centre.y + (from.y + y) / 2,
  };
  const first = Math.atan2((own.y - centre.y) / ry, (own.x - centre.x) / rx);
  const last = Math.atan2((-own.y - centre.y) / ry, (-own.x - centre.x) / rx);
  let angle = last - first;
  if (sweep !== 0 && angle < 0) angle += 2 * Math.PI;
  if (sweep === 0 && angle > 0) angle -= 2 * Math.PI;
  // A chord over the angle φ departs from a circle by r (1 - cos φ/2), about r φ²/8.
  const pieces = piecesFor(Math.abs(angle) * Math.sqrt((Math.max(rx, ry) * scale) / (8 * TOLERANCE)));
  return Array.from({ length: pieces }, (_, i) => {
    if (i === pieces - 1) return to;
    const at = first + (angle * (i + 1)) / pieces;
    const [along, across] = [rx * Math.cos(at), ry * Math.sin(at)];
    return { x: middle.x + cos * along - sin * across, y: middle.y + sin * along + cos * across };
  });
}

function piecesFor(wanted: number): number {
  return Math.min(MAX_PIECES, Math.max(1, Math.ceil(wanted)));
}
