import type { PixelRect } from "../../../../shared/protocol/geometry.ts";
import type { Point } from "../../masks/mask-stroke.ts";
import { fillPolygons } from "../../masks/shapes/fill-polygons.ts";
import { intersect } from "../../pixels/rectangles.ts";
import type { StageTool, ToolContext, ToolDrag, ToolPoint } from "./stage-tool.ts";

/** Corners of an ellipse: with this many no edge strays a tenth of a pixel from it at 4,096 pixels. */
const ELLIPSE_CORNERS = 180;

/** A drag that ends in a filled outline. `outlineOf` answers it for where the drag began and what it passed since. */
function outlineDrag(
  context: ToolContext,
  at: ToolPoint,
  outlineOf: (path: readonly ToolPoint[]) => readonly Point[],
): ToolDrag {
  const path = [at];
  return {
    move: (points) => {
      path.push(...points);
      context.outline.value = outlineOf(path);
    },
    end: (isKept) => {
      context.outline.value = undefined;
      if (isKept && path.length > 1) fill(context, outlineOf(path), at.isAlt);
    },
  };
}

function fill({ session, mask }: ToolContext, polygon: readonly Point[], isTurned: boolean): void {
  const place = intersect(boundsOf(polygon), session.visible.peek());
  if (place === undefined) return;
  const subtracts = (mask.mode.peek() === "subtract") !== isTurned;
  const data = fillPolygons([polygon], "nonzero", place);
  session.applyPatch({ place, data }, subtracts ? "subtract" : "add");
}

function boundsOf(polygon: readonly Point[]): PixelRect {
  const xs = polygon.map(({ x }) => x);
  const ys = polygon.map(({ y }) => y);
  const x = Math.floor(Math.min(...xs));
  const y = Math.floor(Math.min(...ys));
  return { x, y, width: Math.ceil(Math.max(...xs)) - x, height: Math.ceil(Math.max(...ys)) - y };
}

/** The box between two corners, with Shift a square. */
function boxOf(path: readonly ToolPoint[]) {
  const from = path[0]!; // a drag begins with a point
  const to = path.at(-1)!;
  let width = to.x - from.x;
  let height = to.y - from.y;
  if (to.isShift) {
    const side = Math.max(Math.abs(width), Math.abs(height));
    width = Math.sign(width) * side;
    height = Math.sign(height) * side;
  }
  return { x: from.x, y: from.y, width, height };
}

export const lasso: StageTool = {
  id: "lasso",
  name: "Lasso",
  icon: "lasso",
  key: "L",
  cursor: "crosshair",
  hint: "Draw around what should change",
  begin: (context, at) => outlineDrag(context, at, (path) => path),
};

export const rectangle: StageTool = {
  id: "rectangle",
  name: "Rectangle",
  icon: "square",
  key: "R",
  cursor: "crosshair",
  hint: "Drag a rectangle. Shift makes it square",
  begin: (context, at) =>
    outlineDrag(context, at, (path) => {
      const { x, y, width, height } = boxOf(path);
      return [
        { x, y },
        { x: x + width, y },
        { x: x + width, y: y + height },
        { x, y: y + height },
      ];
    }),
};

export const ellipse: StageTool = {
  id: "ellipse",
  name: "Ellipse",
  icon: "circle",
  key: "O",
  cursor: "crosshair",
  hint: "Drag an ellipse. Shift makes it round",
  begin: (context, at) =>
    outlineDrag(context, at, (path) => {
      const { x, y, width, height } = boxOf(path);
      return Array.from({ length: ELLIPSE_CORNERS }, (_, i) => {
        const angle = (i / ELLIPSE_CORNERS) * 2 * Math.PI;
        return { x: x + (width / 2) * (1 + Math.cos(angle)), y: y + (height / 2) * (1 + Math.sin(angle)) };
      });
    }),
};
