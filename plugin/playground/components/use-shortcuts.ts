import { useEffect } from "preact/hooks";
import type { Point } from "../document/geometry.ts";
import { translateShape } from "../document/geometry-edits.ts";
import { removeShape } from "../document/tree-edits.ts";
import type { Playground } from "../playground.ts";

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
  const { store, viewport } = playground;
  const isCommand = event.ctrlKey || event.metaKey;
  if (isCommand && event.key.toLowerCase() === "z") {
    if (event.shiftKey) store.redo();
    else store.undo();
    return true;
  }
  if (isCommand) return false;
  const arrow = arrows[event.key];
  if (arrow) return nudge(playground, arrow, event.shiftKey ? 10 : 1);
  if (event.shiftKey && event.code === "Digit1") playground.showAll();
  else if (event.shiftKey && event.code === "Digit0") playground.zoomTo(1);
  else if (event.key === "+" || event.key === "=") playground.zoomTo(viewport.value.zoom * 2);
  else if (event.key === "-") playground.zoomTo(viewport.value.zoom / 2);
  else if (event.key === "Escape") store.select([]);
  else if (event.key === "Delete" || event.key === "Backspace")
    store.edit((document) =>
      store.snapshot.selection.reduce((next, id) => (next.shapes.has(id) ? removeShape(next, id) : next), document),
    );
  else return false;
  return true;
}

function nudge({ store }: Playground, { x, y }: Point, by: number): boolean {
  const { selection } = store.snapshot;
  store.edit((document) =>
    selection.reduce((next, id) => translateShape(next, id, { x: x * by, y: y * by }), document),
  );
  return selection.length > 0;
}
