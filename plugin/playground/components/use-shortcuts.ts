import { useEffect } from "preact/hooks";
import { actions, editSelected, keysOf } from "../actions.ts";
import { getShape } from "../document/document.ts";
import type { Point } from "../document/geometry.ts";
import { translateShape } from "../document/geometry-edits.ts";
import { isContainer } from "../document/shape.ts";
import type { Playground } from "../playground.ts";
import { finishPath, removePoint } from "../tools/pen-tool.ts";
import { type ToolName, tools } from "../tools/tool.ts";

const arrows: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

/** Penpot's own shortcuts for what the playground can do. */
export function useShortcuts(playground: Playground): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      // An open popover closes at Escape and scrolls with the arrows.
      const isBelowPopover = document.querySelector(":popover-open") !== null;
      if (isBelowPopover || isTextEntry(event.target) || !runShortcut(playground, event)) return;
      event.preventDefault();
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, [playground]);
}

function isTextEntry(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input, select, textarea");
}

/** Answers whether the key meant something. */
function runShortcut(playground: Playground, event: KeyboardEvent): boolean {
  if (playground.pen.value && penKey(playground, event.key)) return true;
  const keys = keysOf(event);
  const { store, viewport, tool } = playground;
  const found = Object.values(actions)
    .flat()
    .find((action) => action.keys === keys);
  if (found) {
    if (store.snapshot.selection.length < found.needs) return false;
    found.perform(playground);
    return true;
  }
  const arrow = arrows[event.key];
  if (arrow && !event.ctrlKey && !event.metaKey) return nudge(playground, arrow, event.shiftKey ? 10 : 1);
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const chosen = (Object.keys(tools) as ToolName[]).find((name) => tools[name].key === event.key);
  if (chosen) tool.value = chosen;
  else if (event.key === "+" || event.key === "=") playground.zoomTo(viewport.value.zoom * 2);
  else if (event.key === "-") playground.zoomTo(viewport.value.zoom / 2);
  else if (event.key === "Escape" && tool.value !== "move") tool.value = "move";
  else if (event.key === "Escape") store.select([]);
  else if (event.key === "Enter") return enter(playground);
  else return false;
  return true;
}

function penKey(playground: Playground, key: string): boolean {
  if (key === "Enter" || key === "Escape") finishPath(playground, false);
  else if (key === "Backspace" || key === "Delete") removePoint(playground);
  else return false;
  return true;
}

/** Goes into the selected text, or to what the selected group or board holds. */
function enter(playground: Playground): boolean {
  const { document, selection } = playground.store.snapshot;
  const [id] = selection;
  const shape = id && getShape(document, id);
  if (!shape) return false;
  if (shape.type === "text") playground.editText(shape.id);
  else if (isContainer(shape)) playground.store.select(shape.children);
  return true;
}

function nudge(playground: Playground, { x, y }: Point, by: number): boolean {
  editSelected(playground, (document, ids) =>
    ids
      .filter((id) => !getShape(document, id).isBlocked)
      .reduce((next, id) => translateShape(next, id, { x: x * by, y: y * by }), document),
  );
  return playground.store.snapshot.selection.length > 0;
}
