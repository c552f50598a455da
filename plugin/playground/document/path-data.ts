import svgPath from "svgpath";
import { applyMatrix, boundsOfPoints, type Matrix, type Point, type Rect } from "./geometry.ts";

/** A path's steps in absolute coordinates; all curves are cubic, as Penpot keeps them. */
export type PathStep =
  | { readonly command: "M" | "L"; readonly points: readonly [Point] }
  | { readonly command: "C"; readonly points: readonly [control1: Point, control2: Point, end: Point] }
  | { readonly command: "Z"; readonly points: readonly [] };

const DIGITS = 6;

/** Reads SVG path data. Throws when it is none, or empty. */
export function parsePath(d: string): readonly PathStep[] {
  const path = svgPath(d);
  const { err } = path as unknown as { readonly err: string };
  const steps: PathStep[] = [];
  path
    .abs()
    .unarc()
    .unshort()
    .iterate((segment, _, x, y) => {
      const [command, ...values] = segment as readonly [string, ...number[]];
      const at = (index: number): Point => ({ x: values[index] ?? 0, y: values[index + 1] ?? 0 });
      if (command === "M" || command === "L") steps.push({ command, points: [at(0)] });
      else if (command === "H") steps.push({ command: "L", points: [{ x: at(0).x, y }] });
      else if (command === "V") steps.push({ command: "L", points: [{ x, y: at(0).x }] });
      else if (command === "C") steps.push({ command, points: [at(0), at(2), at(4)] });
      else if (command === "Q") steps.push({ command: "C", points: raised({ x, y }, at(0), at(2)) });
      else if (/z/i.test(command)) steps.push({ command: "Z", points: [] });
    });
  if (err || steps.length === 0) throw new Error(`“${d.slice(0, 40)}” is not path data`);
  return steps;
}

/** A quadratic curve as a cubic one. */
function raised(from: Point, control: Point, to: Point): [Point, Point, Point] {
  const towards = (end: Point) => ({
    x: end.x + (2 / 3) * (control.x - end.x),
    y: end.y + (2 / 3) * (control.y - end.y),
  });
  return [towards(from), towards(to), to];
}

export function pathText(steps: readonly PathStep[]): string {
  const text = (value: number) => String(Number(value.toFixed(DIGITS)));
  return steps
    .map(({ command, points }) => command + points.map(({ x, y }) => `${text(x)},${text(y)}`).join(" "))
    .join("");
}

export function transformPath(steps: readonly PathStep[], matrix: Matrix): readonly PathStep[] {
  // The number of points stays that of the command.
  return steps.map(
    ({ command, points }) =>
      ({ command, points: points.map((point) => applyMatrix(matrix, point)) }) as unknown as PathStep,
  );
}

/** The box of the drawn line, not of the control points. */
export function pathBounds(steps: readonly PathStep[]): Rect {
  const points = flatten(steps, 0.01).flat();
  return points.length > 0 ? boundsOfPoints(points) : { x: 0, y: 0, width: 0, height: 0 };
}

/** What makes a path shape of a line on the page: an upright box around it, and the line within. */
export function drawnBy(steps: readonly PathStep[]) {
  const box = pathBounds(steps);
  const d = pathText(transformPath(steps, { a: 1, b: 0, c: 0, d: 1, e: -box.x, f: -box.y }));
  // A straight line's box has no breadth, and shapes have some.
  const size = { width: Math.max(box.width, 0.01), height: Math.max(box.height, 0.01) };
  return { x: box.x, y: box.y, ...size, d, viewBox: size, rotation: 0, flipX: false, flipY: false };
}

/** Polylines that stay within `tolerance` of the path, one for each of its parts. */
export function flatten(steps: readonly PathStep[], tolerance: number): Point[][] {
  const lines: Point[][] = [];
  for (const step of steps) {
    const line = lines.at(-1);
    const [first] = line ?? [];
    if (step.command === "M") lines.push([step.points[0]]);
    else if (step.command === "L") line?.push(step.points[0]);
    else if (step.command === "C") line?.push(...curvePoints(line.at(-1) ?? step.points[0], step.points, tolerance));
    // What follows a closed part without a move starts where it started.
    else if (line && first) line.push(first);
  }
  return lines;
}

/** Points along the curve after its start. The number follows from the second differences, which bound the error. */
function curvePoints(from: Point, [a, b, to]: readonly [Point, Point, Point], tolerance: number): Point[] {
  const bend = Math.max(
    Math.hypot(from.x - 2 * a.x + b.x, from.y - 2 * a.y + b.y),
    Math.hypot(a.x - 2 * b.x + to.x, a.y - 2 * b.y + to.y),
  );
  const count = Math.max(1, Math.ceil(Math.sqrt((0.75 * bend) / tolerance)));
  return Array.from({ length: count }, (_, index) => {
    const t = (index + 1) / count;
    const s = 1 - t;
    const [u, v, w, z] = [s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t];
    return {
      x: u * from.x + v * a.x + w * b.x + z * to.x,
      y: u * from.y + v * a.y + w * b.y + z * to.y,
    };
  });
}
