import type { StrokeData } from "../document/decoration.ts";
import type { Point, Size } from "../document/geometry.ts";
import { flatten, type PathStep } from "../document/path-data.ts";
import type { ShapeData } from "../document/shape.ts";
import type { Canvas2D } from "./layers.ts";
import { gradientStyle } from "./paint-fill.ts";

/** Beyond any stroke, so that everything outside an outline can be clipped to. In page units. */
const OUTSIDE = 1e5;

/**
 * Paints the strokes along an outline in the shape's own box, the first on top. `openLine` is the outline again where it
 * has ends, which may carry markers.
 */
export function paintStrokes(context: Canvas2D, shape: ShapeData, path: Path2D, openLine?: readonly PathStep[]): void {
  for (const stroke of shape.strokes.toReversed()) {
    if (stroke.strokeWidth <= 0) continue;
    context.save();
    context.globalAlpha *= stroke.strokeOpacity;
    setLine(context, stroke, shape);
    // An open line has no inside: Penpot centres its stroke.
    const alignment = openLine ? "center" : stroke.strokeAlignment;
    if (alignment === "inner") context.clip(path);
    if (alignment === "outer") context.clip(everythingBut(path), "evenodd");
    context.lineWidth = stroke.strokeWidth * (alignment === "center" ? 1 : 2);
    context.stroke(path);
    if (openLine) paintCaps(context, stroke, openLine);
    context.restore();
  }
}

export function strokeStyleOf(context: Canvas2D, stroke: StrokeData, box: Size): string | CanvasGradient {
  const gradient = stroke.strokeColorGradient;
  if (!gradient) return stroke.strokeColor ?? "#000000";
  return gradientStyle(
    context,
    {
      kind: gradient.type,
      start: { x: gradient.startX, y: gradient.startY },
      end: { x: gradient.endX, y: gradient.endY },
      stops: gradient.stops,
    },
    box,
  );
}

function setLine(context: Canvas2D, stroke: StrokeData, box: Size): void {
  const width = stroke.strokeWidth;
  context.strokeStyle = strokeStyleOf(context, stroke, box);
  context.fillStyle = context.strokeStyle;
  context.lineCap = stroke.strokeCapStart === "round" || stroke.strokeCapEnd === "round" ? "round" : "butt";
  if (stroke.strokeCapStart === "square" || stroke.strokeCapEnd === "square") context.lineCap = "square";
  // Penpot's patterns: dashes ten units longer than the line is wide, dots as wide as the line.
  if (stroke.strokeStyle === "dashed") context.setLineDash([width + 10, width + 10]);
  if (stroke.strokeStyle === "mixed") context.setLineDash([width + 5, width + 5, width + 1, width + 5]);
  if (stroke.strokeStyle === "dotted") {
    context.lineCap = "round";
    context.setLineDash([0, width + 5]);
  }
}

function everythingBut(path: Path2D): Path2D {
  const outside = new Path2D();
  outside.rect(-OUTSIDE, -OUTSIDE, 2 * OUTSIDE, 2 * OUTSIDE);
  outside.addPath(path);
  return outside;
}

/** Arrow heads and markers at the ends of a line, three times as large as it is wide. */
function paintCaps(context: Canvas2D, stroke: StrokeData, outline: readonly PathStep[]): void {
  const points = flatten(outline, 0.1).flat();
  const [first, second] = points;
  const [last, beforeLast] = [points.at(-1), points.at(-2)];
  if (first && second) paintMarker(context, stroke.strokeCapStart, first, second, stroke.strokeWidth);
  if (last && beforeLast) paintMarker(context, stroke.strokeCapEnd, last, beforeLast, stroke.strokeWidth);
}

function paintMarker(
  context: Canvas2D,
  cap: StrokeData["strokeCapStart"],
  end: Point,
  before: Point,
  width: number,
): void {
  const size = 3 * width;
  const marker = new Path2D();
  if (cap === "line-arrow" || cap === "triangle-arrow")
    for (const [x, y] of [
      [-size, -size / 2],
      [0, 0],
      [-size, size / 2],
    ] as const)
      marker.lineTo(x, y);
  else if (cap === "square-marker") marker.rect(-size / 2, -size / 2, size, size);
  else if (cap === "circle-marker") marker.arc(0, 0, size / 2, 0, 2 * Math.PI);
  else if (cap === "diamond-marker")
    for (const [x, y] of [
      [-size / 2, 0],
      [0, -size / 2],
      [size / 2, 0],
      [0, size / 2],
    ] as const)
      marker.lineTo(x, y);
  else return;
  context.save();
  context.setLineDash([]);
  context.translate(end.x, end.y);
  context.rotate(Math.atan2(end.y - before.y, end.x - before.x));
  if (cap === "line-arrow") context.stroke(marker);
  else context.fill(marker);
  context.restore();
}
