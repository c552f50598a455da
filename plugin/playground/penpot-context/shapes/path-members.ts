import type { Path } from "@penpot/plugin-types";
import { outlineOnPage } from "../../document/outline.ts";
import { drawnBy, type PathStep, parsePath, pathText } from "../../document/path-data.ts";
import type { ShapeHandle } from "./shape-handle.ts";

type Command = Path["commands"][number];

/** The line of a path, or the outcome of a boolean, in page coordinates, turned as the shape is. Booleans' cannot be set. */
export function pathMembers(handle: ShapeHandle) {
  const steps = () => outlineOnPage(handle.document, handle.data);
  const setSteps = (member: string, read: () => readonly PathStep[]) =>
    handle.change(member, (shape) => {
      if (shape.type !== "path") throw new Error(`the line of a ${shape.type} follows from what it holds`);
      return { ...shape, ...drawnBy(read()) };
    });
  return {
    get d() {
      return pathText(steps());
    },
    set d(value) {
      setSteps("d", () => parsePath(value));
    },
    get content() {
      return pathText(steps());
    },
    set content(value) {
      setSteps("content", () => parsePath(value));
    },
    get commands() {
      return steps().map(toCommand);
    },
    set commands(value: readonly Command[]) {
      setSteps("commands", () => parsePath(value.map(fromCommand).join("")));
    },
    toD: () => pathText(steps()),
  };
}

function toCommand(step: PathStep): Command {
  switch (step.command) {
    case "M":
      return { command: "move-to", params: step.points[0] };
    case "L":
      return { command: "line-to", params: step.points[0] };
    case "C": {
      const [a, b, end] = step.points;
      return { command: "curve-to", params: { c1x: a.x, c1y: a.y, c2x: b.x, c2y: b.y, x: end.x, y: end.y } };
    }
    case "Z":
      return { command: "close-path", params: {} };
    default:
      return step satisfies never;
  }
}

const letters: Readonly<Record<string, string>> = {
  "move-to": "M",
  "close-path": "Z",
  "line-to": "L",
  "line-to-horizontal": "H",
  "line-to-vertical": "V",
  "curve-to": "C",
  "smooth-curve-to": "S",
  "quadratic-bezier-curve-to": "Q",
  "smooth-quadratic-bezier-curve-to": "T",
  "elliptical-arc": "A",
};

/** As path data. A line that does not begin with a move begins with its first point. */
function fromCommand({ command, params = {} }: Command, index: number): string {
  const letter = letters[command] ?? command;
  const { x = 0, y = 0, c1x = x, c1y = y, c2x = x, c2y = y, rx = 0, ry = 0 } = params;
  const flags = [params.xAxisRotation ?? 0, params.largeArcFlag ? 1 : 0, params.sweepFlag ? 1 : 0];
  const values: Readonly<Record<string, readonly number[]>> = {
    M: [x, y],
    L: [x, y],
    T: [x, y],
    H: [x],
    V: [y],
    C: [c1x, c1y, c2x, c2y, x, y],
    S: [c2x, c2y, x, y],
    Q: [c1x, c1y, x, y],
    A: [rx, ry, ...flags, x, y],
    Z: [],
  };
  return `${index === 0 && letter !== "M" ? `M${x},${y}` : ""}${letter}${(values[letter] ?? []).join(",")}`;
}
