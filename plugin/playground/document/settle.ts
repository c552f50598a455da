import { type Document, getShape } from "./document.ts";
import { flowBoard } from "./layout-flow.ts";
import type { BoardData, ShapeData, TextData } from "./shape.ts";
import { layOutText, type MeasureText } from "./text.ts";
import { setShapes } from "./tree-edits.ts";

/** What follows from a change by itself: texts take the size of their characters, layouts place what they hold. */
export function settle(before: Document | undefined, after: Document, measure: MeasureText): Document {
  const changed = [...after.shapes.values()].filter((shape) => before?.shapes.get(shape.id) !== shape);
  const fitted = changed
    .filter((shape): shape is TextData => shape.type === "text" && shape.growType !== "fixed")
    .map((text) => fitText(text, measure));
  const sized = fitted.length > 0 ? setShapes(after, fitted) : after;
  // Inner layouts first: the outer ones place boards whose size follows from theirs.
  const boards = [...sized.shapes.values()].filter((shape): shape is BoardData => hasLayout(shape));
  return boards.toSorted((a, b) => depthOf(sized, b) - depthOf(sized, a)).reduce(flowBoard, sized);
}

function fitText(text: TextData, measure: MeasureText): TextData {
  const lines = layOutText(text, measure);
  const height = Math.ceil(lines.reduce((sum, line) => sum + line.height, 0));
  const width =
    text.growType === "auto-height" ? text.width : Math.ceil(Math.max(...lines.map((line) => line.width), 1));
  return { ...text, width, height };
}

function hasLayout(shape: ShapeData): boolean {
  return shape.type === "board" && shape.layout !== undefined;
}

function depthOf(document: Document, { parentId }: ShapeData): number {
  return parentId === undefined ? 0 : 1 + depthOf(document, getShape(document, parentId));
}
