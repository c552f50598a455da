import { type Document, getShape } from "../document/document.ts";
import { centerOf, type Point, type Rect } from "../document/geometry.ts";
import { rotateShape, shapeBounds, translateShape } from "../document/geometry-edits.ts";
import { boardAt, shapeAt } from "../document/hit-test.ts";
import { isContainer, type ShapeId } from "../document/shape.ts";
import { relocateShape, topmostOf } from "../document/tree-edits.ts";
import type { Playground } from "../playground.ts";
import { cursorOf, frameOf, type Handle, handleAt, pullHandle } from "./selection-frame.ts";
import type { Drag, PointerAt, Tool } from "./tool.ts";

/** A pointer that moves less than this, in CSS pixels, clicks. */
const CLICK_DISTANCE = 3;
/** So near to a line counts as on it, in CSS pixels. */
const LINE_REACH = 4;
/** With Shift, rotations stop at multiples of this. */
const ROTATION_STEP = 15;

/** Selects, moves, resizes and turns. */
export const moveTool: Tool = {
  label: "Move",
  key: "v",
  hover(playground, at) {
    const handle = pressedHandle(playground, at);
    playground.hovered.value = handle ? undefined : shapeUnder(playground, at);
    const frame = frameOf(playground.store.snapshot.document, playground.store.snapshot.selection);
    return handle && frame ? cursorOf(handle, frame) : "default";
  },
  press(playground, at) {
    const handle = pressedHandle(playground, at);
    if (handle) return handle.type === "rotate" ? turning(playground, at) : resizing(playground, handle);
    const { store } = playground;
    const { selection } = store.snapshot;
    const id = shapeUnder(playground, at);
    if (id === undefined) return marking(playground, at);
    if (at.isShift)
      store.select(selection.includes(id) ? selection.filter((other) => other !== id) : [...selection, id]);
    else if (!selection.some((selected) => holds(store.snapshot.document, id, selected))) store.select([id]);
    return moving(playground, at);
  },
};

function shapeUnder({ store, viewport }: Playground, { page }: PointerAt): ShapeId | undefined {
  return shapeAt(store.snapshot.document, page, LINE_REACH / viewport.value.zoom);
}

/** Whether a selected shape is the one at the pointer, or in the group there. */
function holds(document: Document, id: ShapeId, selected: ShapeId): boolean {
  for (let at: ShapeId | undefined = selected; at !== undefined; at = document.shapes.get(at)?.parentId)
    if (at === id) return getShape(document, id).type !== "board" || at === selected;
  return false;
}

function pressedHandle({ store, viewport }: Playground, { screen }: PointerAt): Handle | undefined {
  const { document, selection } = store.snapshot;
  const frame = selection.some((id) => getShape(document, id).isBlocked) ? undefined : frameOf(document, selection);
  return frame && handleAt(frame, viewport.value, screen);
}

/** Each step starts from the document at the press, and all are one undo step. */
function inOneStep(playground: Playground, change: (before: Document, at: PointerAt) => Document): Drag {
  const { store } = playground;
  const before = store.snapshot.document;
  let block: symbol | undefined;
  return {
    move(at) {
      block ??= store.beginUndoBlock();
      store.edit(() => change(before, at));
    },
    end() {
      if (block) store.finishUndoBlock(block);
    },
  };
}

function moving(playground: Playground, start: PointerAt): Drag {
  const { store } = playground;
  const ids = topmostOf(store.snapshot.document, store.snapshot.selection).filter(
    (id) => !getShape(store.snapshot.document, id).isBlocked,
  );
  let hasMoved = false;
  const drag = inOneStep(playground, (before, at) => {
    // Whole page units keep pictures on whole pixels.
    let by = { x: Math.round(at.page.x - start.page.x), y: Math.round(at.page.y - start.page.y) };
    if (at.isShift) by = Math.abs(by.x) > Math.abs(by.y) ? { x: by.x, y: 0 } : { x: 0, y: by.y };
    return ids.reduce((next, id) => translateShape(next, id, by), before);
  });
  return {
    move(at) {
      hasMoved ||= Math.hypot(at.screen.x - start.screen.x, at.screen.y - start.screen.y) >= CLICK_DISTANCE;
      if (hasMoved) drag.move(at);
    },
    end(at, isCancelled) {
      if (hasMoved) store.edit((document) => ids.reduce((next, id) => intoBoardUnder(next, id, at.page), document));
      drag.end(at, isCancelled);
    },
  };
}

/** What is dragged over another board or off its own goes into the one it was dropped on, or out on the page. */
function intoBoardUnder(document: Document, id: ShapeId, at: Point): Document {
  const shape = getShape(document, id);
  const parent = shape.parentId === undefined ? undefined : getShape(document, shape.parentId);
  if (parent?.type !== "board" || parent.layout) return document;
  const without = {
    ...document,
    shapes: new Map([...document.shapes].map(([key, each]) => [key, key === id ? { ...each, isHidden: true } : each])),
  };
  const board = getShape(document, boardAt(without, at));
  if (board.id === parent.id || !isContainer(board)) return document;
  return relocateShape(document, id, board.id, board.children.length);
}

function resizing(playground: Playground, handle: Handle): Drag {
  const { document, selection } = playground.store.snapshot;
  const frame = frameOf(document, selection);
  return inOneStep(playground, (before, at) => {
    const isLocked = selection.some((id) => getShape(before, id).proportionLock);
    const options = { keepsProportions: at.isShift !== isLocked, isFromCenter: at.isAlt };
    return frame ? pullHandle(before, selection, frame, handle, at.page, options) : before;
  });
}

function turning(playground: Playground, start: PointerAt): Drag {
  const { document, selection } = playground.store.snapshot;
  const frame = frameOf(document, selection);
  const pivot = frame ? centerOf(frame) : start.page;
  const angleOf = (point: Point) => (Math.atan2(point.y - pivot.y, point.x - pivot.x) * 180) / Math.PI;
  const from = angleOf(start.page);
  return inOneStep(playground, (before, at) => {
    const turned = (frame?.rotation ?? 0) + angleOf(at.page) - from;
    const target = at.isShift ? Math.round(turned / ROTATION_STEP) * ROTATION_STEP : Math.round(turned);
    const by = target - (frame?.rotation ?? 0);
    return selection.reduce((next, id) => rotateShape(next, id, by, pivot), before);
  });
}

/** Selects what lies wholly or partly in a box drawn on the page. */
function marking(playground: Playground, start: PointerAt): Drag {
  const { store, marquee } = playground;
  const before = start.isShift ? store.snapshot.selection : [];
  store.select(before);
  return {
    move(at) {
      const box = {
        x: Math.min(start.page.x, at.page.x),
        y: Math.min(start.page.y, at.page.y),
        width: Math.abs(at.page.x - start.page.x),
        height: Math.abs(at.page.y - start.page.y),
      };
      marquee.value = box;
      store.select([...before, ...shapesTouching(store.snapshot.document, box)]);
    },
    end() {
      marquee.value = undefined;
    },
  };
}

function shapesTouching(document: Document, box: Rect): ShapeId[] {
  const root = getShape(document, document.rootId);
  const candidates = isContainer(root) ? root.children : [];
  return candidates.filter((id) => {
    const shape = getShape(document, id);
    const { x, y, width, height } = shapeBounds(document, shape);
    const touches = x < box.x + box.width && box.x < x + width && y < box.y + box.height && box.y < y + height;
    const isWhole = x >= box.x && y >= box.y && x + width <= box.x + box.width && y + height <= box.y + box.height;
    // A board is what one drags over to reach what is on it.
    return !shape.isHidden && !shape.isBlocked && (shape.type === "board" ? isWhole : touches);
  });
}
