export interface Point {
  readonly x: number;
  readonly y: number;
}
export interface Size {
  readonly width: number;
  readonly height: number;
}
export interface Rect extends Point, Size {}

/**
 * How a shape stands on the page: an upright box in absolute page coordinates (y down), which is mirrored along its own
 * axes and then rotated, both about its centre. Rotation in degrees, clockwise, 0 ≤ rotation < 360.
 */
export interface Placement extends Rect {
  readonly rotation: number;
  readonly flipX: boolean;
  readonly flipY: boolean;
}

/** Maps a point (x, y) to (a·x + c·y + e, b·x + d·y + f), as SVG and canvas do. */
export interface Matrix {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly e: number;
  readonly f: number;
}

export function centerOf(rect: Rect): Point {
  return { x: rect.x + rect.width / 2, y: rect.y + rect.height / 2 };
}

/** Maps the box's own coordinates, (0, 0) to (width, height), to the page. */
export function matrixOf(placement: Placement): Matrix {
  const { x: cx, y: cy } = centerOf(placement);
  const { cos, sin } = turn(placement.rotation);
  const signX = placement.flipX ? -1 : 1;
  const signY = placement.flipY ? -1 : 1;
  const [a, b, c, d] = [signX * cos, signX * sin, -signY * sin, signY * cos];
  const [u, v] = [placement.width / 2, placement.height / 2];
  return { a, b, c, d, e: cx - a * u - c * v, f: cy - b * u - d * v };
}

export function applyMatrix({ a, b, c, d, e, f }: Matrix, { x, y }: Point): Point {
  return { x: a * x + c * y + e, y: b * x + d * y + f };
}

/** The box's corners on the page, clockwise from its own top left. */
export function cornersOf(placement: Placement): readonly [Point, Point, Point, Point] {
  const matrix = matrixOf(placement);
  const { width, height } = placement;
  return [
    applyMatrix(matrix, { x: 0, y: 0 }),
    applyMatrix(matrix, { x: width, y: 0 }),
    applyMatrix(matrix, { x: width, y: height }),
    applyMatrix(matrix, { x: 0, y: height }),
  ];
}

/** The upright box around the points. At least one point. */
export function boundsOfPoints(points: readonly Point[]): Rect {
  const xs = points.map((point) => point.x);
  const ys = points.map((point) => point.y);
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

export function boundsOf(placement: Placement): Rect {
  return boundsOfPoints(cornersOf(placement));
}

export function contains(placement: Placement, point: Point): boolean {
  const { x, y } = toLocal(placement, point);
  return x >= 0 && y >= 0 && x <= placement.width && y <= placement.height;
}

/** The inverse of `matrixOf`: a page point in the box's own coordinates. */
export function toLocal(placement: Placement, point: Point): Point {
  const { a, b, c, d, e, f } = matrixOf(placement);
  // The linear part is orthogonal, so its transpose inverts it.
  const [dx, dy] = [point.x - e, point.y - f];
  return { x: a * dx + b * dy, y: c * dx + d * dy };
}

export function rotatePoint(point: Point, degrees: number, about: Point): Point {
  const { cos, sin } = turn(degrees);
  const [dx, dy] = [point.x - about.x, point.y - about.y];
  return { x: about.x + cos * dx - sin * dy, y: about.y + sin * dx + cos * dy };
}

export function normalizeDegrees(degrees: number): number {
  return ((degrees % 360) + 360) % 360;
}

/** Exact at quarter turns, so that upright shapes stay on whole pixels. */
function turn(degrees: number): { readonly cos: number; readonly sin: number } {
  const exact = { 0: [1, 0], 90: [0, 1], 180: [-1, 0], 270: [0, -1] } as const;
  const normalized = normalizeDegrees(degrees);
  const [cos, sin] =
    normalized in exact
      ? exact[normalized as keyof typeof exact]
      : [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  return { cos, sin };
}
