import { defaultShape } from "../document/document.ts";
import type { Point, Rect } from "../document/geometry.ts";
import { boardAt } from "../document/hit-test.ts";
import type { ShapeData } from "../document/shape.ts";
import { defaultTextStyle } from "../document/text.ts";
import { addShape } from "../document/tree-edits.ts";
import type { Playground } from "../playground.ts";
import type { PointerAt, Tool } from "./tool.ts";

type DrawnType = "board" | "rectangle" | "ellipse" | "text";

/** A pointer that moves less than this, in CSS pixels, clicks. */
const CLICK_DISTANCE = 3;
const CLICKED_SIZE = 100;

/** Draws a box by its diagonal; Shift keeps it square, Alt draws from its middle. A click draws one of usual size. */
export function drawTool(type: DrawnType, label: string, key: string): Tool {
  return {
    label,
    key,
    hover: () => (type === "text" ? "text" : "crosshair"),
    press(playground, start) {
      playground.marquee.value = undefined;
      return {
        move(at) {
          playground.marquee.value = boxBetween(start.page, at);
        },
        end(at, isCancelled) {
          playground.marquee.value = undefined;
          if (isCancelled) return;
          const isClick = Math.hypot(at.screen.x - start.screen.x, at.screen.y - start.screen.y) < CLICK_DISTANCE;
          const corner = { x: Math.round(start.page.x), y: Math.round(start.page.y) };
          const box = isClick ? { ...corner, width: CLICKED_SIZE, height: CLICKED_SIZE } : boxBetween(start.page, at);
          add(playground, start.page, shapeOf(type, box, isClick));
        },
      };
    },
  };
}

/** On whole units, at least one in size. */
function boxBetween(start: Point, { page, isShift, isAlt }: PointerAt): Rect {
  let [dx, dy] = [page.x - start.x, page.y - start.y];
  if (isShift) {
    const side = Math.max(Math.abs(dx), Math.abs(dy));
    [dx, dy] = [side * Math.sign(dx || 1), side * Math.sign(dy || 1)];
  }
  const from = isAlt ? { x: start.x - dx, y: start.y - dy } : start;
  const [width, height] = isAlt ? [2 * Math.abs(dx), 2 * Math.abs(dy)] : [Math.abs(dx), Math.abs(dy)];
  const [x, y] = [Math.min(from.x, start.x + dx), Math.min(from.y, start.y + dy)];
  return {
    x: Math.round(x),
    y: Math.round(y),
    width: Math.max(Math.round(width), 1),
    height: Math.max(Math.round(height), 1),
  };
}

function shapeOf(type: DrawnType, box: Rect, isClick: boolean): ShapeData {
  switch (type) {
    case "board":
      return {
        ...defaultShape("Board"),
        ...box,
        type,
        children: [],
        clipContent: true,
        fills: [{ type: "color", color: "#ffffff", opacity: 1 }],
      };
    case "text":
      return {
        ...defaultShape("Text"),
        ...box,
        type,
        runs: [{ text: "", style: defaultTextStyle }],
        growType: isClick ? "auto-width" : "fixed",
        verticalAlign: "top",
        fills: [],
      };
    default:
      return { ...defaultShape(type === "ellipse" ? "Ellipse" : "Rectangle"), ...box, type };
  }
}

/** Adds to the board it was begun on, selects it and goes back to moving; a text begins to be typed. */
function add(playground: Playground, start: Point, shape: ShapeData): void {
  const { store } = playground;
  playground.tool.value = "move";
  if (shape.type === "text") playground.startTyping(shape, boardAt(store.snapshot.document, start));
  else {
    store.edit((document) => addShape(document, shape, boardAt(document, start)));
    store.select([shape.id]);
  }
}
