import { brush, eraser } from "./brush-tool.ts";
import { colour, object } from "./click-tools.ts";
import { ellipse, lasso, rectangle } from "./shape-tools.ts";
import type { StageTool, ToolId } from "./stage-tool.ts";

const pan: StageTool = {
  id: "pan",
  name: "Move the view",
  icon: "move",
  key: "H",
  cursor: "grab",
  hint: "Drag the picture; with other tools hold the space bar",
};

/** In the order of the toolbar. */
export const stageTools: readonly StageTool[] = [object, colour, brush, eraser, lasso, rectangle, ellipse, pan];

export function toolOf(id: ToolId): StageTool {
  // Every id has its tool.
  return stageTools.find((tool) => tool.id === id)!;
}
