import type { Penpot, Point, Shape } from "@penpot/plugin-types";

/** How a shape stands on the page: rotated about its centre after being mirrored along its own axes. */
export interface ShapeFrame {
  readonly center: Point;
  /** Clockwise, in degrees. */
  readonly rotation: number;
  readonly flipX: boolean;
  readonly flipY: boolean;
}

/** Unit vectors of a frame's own axes, in page coordinates (y down). */
export function frameAxes({ rotation, flipX, flipY }: Omit<ShapeFrame, "center">): {
  readonly x: Point;
  readonly y: Point;
} {
  const { cos, sin } = turn(rotation);
  const alongX = flipX ? -1 : 1;
  const alongY = flipY ? -1 : 1;
  return { x: { x: alongX * cos, y: alongX * sin }, y: { x: -alongY * sin, y: alongY * cos } };
}

/** The page position of a point given relative to the frame's centre, in its own axes. */
export function toPage(frame: ShapeFrame, offset: Point): Point {
  const axes = frameAxes(frame);
  return {
    x: frame.center.x + axes.x.x * offset.x + axes.y.x * offset.y,
    y: frame.center.y + axes.x.y * offset.x + axes.y.y * offset.y,
  };
}

/** Size of the upright box around a rectangle that stands in the frame's axes: what Penpot's `x` and `y` refer to. */
export function uprightSize(frame: ShapeFrame, size: { readonly width: number; readonly height: number }) {
  const axes = frameAxes(frame);
  return {
    width: Math.abs(axes.x.x) * size.width + Math.abs(axes.y.x) * size.height,
    height: Math.abs(axes.x.y) * size.width + Math.abs(axes.y.y) * size.height,
  };
}

/**
 * Reads a shape's frame. Penpot keeps a matrix; the rotation and flips it reports are derived from it step by step and,
 * after turns of more than 90° or flips of rotated shapes, can be off by half a turn together (common/geom/shapes/
 * transforms.cljc, `adjust-shape-flips`). The shape's SVG shows the matrix, so it decides where there is a doubt.
 */
export function readShapeFrame(penpot: Penpot, shape: Shape): ShapeFrame {
  const { rotation, flipX, flipY } = shape;
  const center = { x: shape.center.x, y: shape.center.y };
  const reported = { center, rotation, flipX, flipY };
  if (rotation === 0 && !flipX && !flipY) return reported;
  return isHalfTurned(penpot, shape, reported) ? { ...reported, rotation: (rotation + 180) % 360 } : reported;
}

/** Rounding of the six decimals in Penpot's SVG, with room for sines of a rounded rotation. */
const MATRIX_TOLERANCE = 1e-3;

function isHalfTurned(penpot: Penpot, shape: Shape, frame: ShapeFrame): boolean {
  const { x, y } = frameAxes(frame);
  const expected = [x.x, x.y, y.x, y.y];
  const matches = (matrix: readonly number[], sign: 1 | -1) =>
    expected.every((value, index) => Math.abs((matrix[index] ?? Number.NaN) - sign * value) < MATRIX_TOLERANCE);
  for (const matrix of svgMatrices(penpot, shape)) {
    if (matches(matrix, 1)) return false;
    if (matches(matrix, -1)) return true;
  }
  return false;
}

/** The linear parts (a, b, c, d) of all matrices in the shape's SVG, outermost first; none where SVG is not available. */
function svgMatrices(penpot: Penpot, shape: Shape): number[][] {
  try {
    const svg = penpot.generateMarkup([shape], { type: "svg" });
    return [...svg.matchAll(/matrix\(([^)]*)\)/g)].map((match) =>
      (match[1] ?? "")
        .split(/[\s,]+/)
        .map(Number)
        .slice(0, 4),
    );
  } catch {
    return [];
  }
}

/** Sine and cosine without rounding noise at quarter turns, where shapes must land on whole pixels. */
function turn(degrees: number): { cos: number; sin: number } {
  const quarters = degrees / 90;
  if (Number.isInteger(quarters)) {
    const exact = [0, 1, 0, -1] as const;
    const index = ((quarters % 4) + 4) % 4;
    return { sin: exact[index] ?? 0, cos: exact[(index + 1) % 4] ?? 0 };
  }
  const radians = (degrees * Math.PI) / 180;
  return { cos: Math.cos(radians), sin: Math.sin(radians) };
}
