import { defaultShape } from "../document/document.ts";
import type { Point } from "../document/geometry.ts";
import { boardAt } from "../document/hit-test.ts";
import { drawnBy, type PathStep } from "../document/path-data.ts";
import { addShape } from "../document/tree-edits.ts";
import type { Playground } from "../playground.ts";
import type { PointerAt, Tool } from "./tool.ts";

/** A corner of a path that is being drawn, or a smooth point whose curve leaves towards `handle` and comes from opposite it. */
export interface PenPoint extends Point {
  readonly handle?: Point;
}

export interface PenDraft {
  readonly points: readonly PenPoint[];
  /** Where the next point would be. */
  readonly pointer: Point;
}

/** So near to the first point, in CSS pixels, the path is closed. */
const CLOSE_DISTANCE = 8;
const HANDLE_DISTANCE = 3;

/** Clicks set corners, drags set smooth points; the first point again closes the path, Enter or Escape ends it open. */
export const penTool: Tool = {
  label: "Path",
  key: "p",
  hover(playground, at) {
    const { pen } = playground;
    if (pen.value) pen.value = { ...pen.value, pointer: at.page };
    return "crosshair";
  },
  press(playground, at) {
    const { pen } = playground;
    const points = pen.value?.points ?? [];
    const [first] = points;
    if (first && points.length > 1 && isNear(playground, first, at)) {
      finishPath(playground, true);
      return undefined;
    }
    const point = { x: Math.round(at.page.x), y: Math.round(at.page.y) };
    pen.value = { points: [...points, point], pointer: at.page };
    return {
      move(next) {
        const isHandle = Math.hypot(next.screen.x - at.screen.x, next.screen.y - at.screen.y) >= HANDLE_DISTANCE;
        const placed: PenPoint = isHandle ? { ...point, handle: next.page } : point;
        pen.value = { points: [...points, placed], pointer: next.page };
      },
      end: () => undefined,
    };
  },
};

function isNear({ viewport }: Playground, point: Point, at: PointerAt): boolean {
  return Math.hypot(point.x - at.page.x, point.y - at.page.y) * viewport.value.zoom < CLOSE_DISTANCE;
}

/** Adds what was drawn as a shape, if it is a line at all, and goes back to moving. */
export function finishPath(playground: Playground, isClosed: boolean): void {
  const { pen, store, tool } = playground;
  const points = pen.value?.points ?? [];
  pen.value = undefined;
  tool.value = "move";
  const [first] = points;
  if (!first || points.length < 2) return;
  const look = isClosed
    ? {}
    : {
        fills: [],
        strokes: [
          {
            strokeColor: "#000000",
            strokeOpacity: 1,
            strokeStyle: "solid" as const,
            strokeWidth: 1,
            strokeAlignment: "center" as const,
          },
        ],
      };
  const shape = { ...defaultShape("Path"), ...drawnBy(penSteps(points, isClosed)), type: "path" as const, ...look };
  store.edit((document) => addShape(document, shape, boardAt(document, first)));
  store.select([shape.id]);
}

/** Takes back the last point. */
export function removePoint({ pen, tool }: Playground): void {
  const points = pen.value?.points.slice(0, -1) ?? [];
  pen.value = pen.value && points.length > 0 ? { ...pen.value, points } : undefined;
  if (points.length === 0) tool.value = "move";
}

export function penSteps(points: readonly PenPoint[], isClosed: boolean): readonly PathStep[] {
  const [first] = points;
  if (!first) return [];
  const next = isClosed ? [...points.slice(1), first] : points.slice(1);
  const lines = next.map((to, index): PathStep => {
    const from = points[index] ?? first;
    if (!from.handle && !to.handle) return { command: "L", points: [plain(to)] };
    return { command: "C", points: [from.handle ?? plain(from), opposite(to), plain(to)] };
  });
  return [
    { command: "M", points: [plain(first)] },
    ...lines,
    ...(isClosed ? [{ command: "Z", points: [] } as const] : []),
  ];
}

function plain({ x, y }: PenPoint): Point {
  return { x, y };
}

function opposite({ x, y, handle }: PenPoint): Point {
  return handle ? { x: 2 * x - handle.x, y: 2 * y - handle.y } : { x, y };
}
