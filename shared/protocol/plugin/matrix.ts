import type { Matrix } from "./outline.ts";

interface Point {
  readonly x: number;
  readonly y: number;
}

export const identity: Matrix = [1, 0, 0, 1, 0, 0];

export function applyMatrix([a, b, c, d, e, f]: Matrix, { x, y }: Point): Point {
  return { x: a * x + c * y + e, y: b * x + d * y + f };
}

/** The matrix that does `inner` first and `outer` after it. */
export function multiply(outer: Matrix, inner: Matrix): Matrix {
  const [a, b, c, d, e, f] = inner;
  const x = applyMatrix([outer[0], outer[1], outer[2], outer[3], 0, 0], { x: a, y: b });
  const y = applyMatrix([outer[0], outer[1], outer[2], outer[3], 0, 0], { x: c, y: d });
  const origin = applyMatrix(outer, { x: e, y: f });
  return [x.x, x.y, y.x, y.y, origin.x, origin.y];
}

/** Throws `RangeError` where the matrix flattens the plane. */
export function invert([a, b, c, d, e, f]: Matrix): Matrix {
  const area = a * d - b * c;
  if (area === 0 || !Number.isFinite(area)) throw new RangeError("The matrix has no inverse.");
  return [d / area, -b / area, -c / area, a / area, (c * f - d * e) / area, (b * e - a * f) / area];
}
