import type { Point } from "../../masks/mask-stroke.ts";
import type { StageTool, ToolContext, ToolDrag, ToolPoint } from "./stage-tool.ts";

/** Where the last stroke on each picture ended: with Shift the next one begins there. */
const ends = new WeakMap<object, Point>();

function begin(context: ToolContext, at: ToolPoint, isEraser: boolean): ToolDrag {
  const { session, mask } = context;
  const subtracts = (isEraser || mask.mode.peek() === "subtract") !== at.isAlt;
  const tip = { hardness: mask.hardness.peek(), opacity: mask.opacity.peek() };
  const stroke = session.beginStroke(subtracts ? "eraser" : "brush", tip);
  let last: Point = at.isShift ? (ends.get(session) ?? at) : at;
  const drawTo = (point: Point) => {
    const changed = stroke.drawLine(last, point);
    last = point;
    if (changed !== undefined) session.touchMask(changed);
  };
  drawTo(at);
  return {
    move: (points) => points.forEach(drawTo),
    end: (isKept) => {
      if (isKept) ends.set(session, last);
      else stroke.cancel();
      session.endStroke(stroke);
    },
  };
}

export const brush: StageTool = {
  id: "brush",
  name: "Brush",
  icon: "brush",
  key: "B",
  cursor: "none",
  hint: "Paint what should change. Alt erases, Shift draws a line",
  begin: (context, at) => begin(context, at, false),
};

export const eraser: StageTool = {
  id: "eraser",
  name: "Eraser",
  icon: "eraser",
  key: "E",
  cursor: "none",
  hint: "Take paint away. Alt paints, Shift draws a line",
  begin: (context, at) => begin(context, at, true),
};
