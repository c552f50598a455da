import type { MaskPatch } from "../../masks/shapes/draw-region.ts";
import type { StageTool, ToolContext, ToolDrag, ToolPoint } from "./stage-tool.ts";

/** A click that a worker answers with a part of the mask. Dragging does nothing more. */
function click(context: ToolContext, at: ToolPoint, find: () => Promise<MaskPatch>): ToolDrag {
  const { session, mask } = context;
  const subtracts = (mask.mode.peek() === "subtract") !== at.isAlt;
  return {
    move: () => {},
    end: (isKept) => {
      const { width, height } = session.mask.size;
      if (!isKept || at.x < 0 || at.y < 0 || at.x >= width || at.y >= height) return;
      context.onWork(find().then((patch) => session.applyPatch(patch, subtracts ? "subtract" : "add")));
    },
  };
}

export const colour: StageTool = {
  id: "colour",
  name: "Colour",
  icon: "droplet",
  key: "C",
  cursor: "crosshair",
  hint: "Click a colour to fill what is like it. Shift takes it everywhere in the picture",
  begin: (context, at) =>
    click(context, at, () => {
      const selection = { tolerance: context.mask.tolerance.peek(), isJoined: !at.isShift };
      return context.pixels.selectColour(context.session.source, at, selection);
    }),
};

export const object: StageTool = {
  id: "object",
  name: "Object",
  icon: "object",
  key: "W",
  cursor: "crosshair",
  hint: "Click a thing",
  begin: (context, at) => click(context, at, () => context.findObject(at)),
};
