import type { Point } from "../document/geometry.ts";
import type { Playground } from "../playground.ts";
import { drawTool } from "./draw-tool.ts";
import { moveTool } from "./move-tool.ts";
import { penTool } from "./pen-tool.ts";

export type ToolName = "move" | "board" | "rectangle" | "ellipse" | "path" | "text";

/** Where a pointer is, and what is held with it. */
export interface PointerAt {
  /** On the page. */
  readonly page: Point;
  /** CSS pixels from the canvas's corner. */
  readonly screen: Point;
  readonly isShift: boolean;
  readonly isAlt: boolean;
}

/** What goes on while a pointer is down. */
export interface Drag {
  move(at: PointerAt): void;
  /** `isCancelled` when another finger came or the browser took the pointer away. */
  end(at: PointerAt, isCancelled: boolean): void;
}

export interface Tool {
  readonly label: string;
  readonly key: string;
  press(playground: Playground, at: PointerAt): Drag | undefined;
  /** A pointer that is up. Answers the cursor over the canvas. */
  hover(playground: Playground, at: PointerAt): string;
}

export const tools: Readonly<Record<ToolName, Tool>> = {
  move: moveTool,
  board: drawTool("board", "Board", "b"),
  rectangle: drawTool("rectangle", "Rectangle", "r"),
  ellipse: drawTool("ellipse", "Ellipse", "e"),
  path: penTool,
  text: drawTool("text", "Text", "t"),
};
