import { alignShapes, distributeShapes } from "./document/arrange.ts";
import { type Document, defaultShape, getContainer, getShape, indexInParent, subtree } from "./document/document.ts";
import { flipShape, translateShape } from "./document/geometry-edits.ts";
import { type BooleanType, isBoxOfChildren, type ShapeData, type ShapeId } from "./document/shape.ts";
import {
  addSubtree,
  copyShapes,
  dissolveGroup,
  groupShapes,
  paintOrder,
  relocateShape,
  removeShape,
  topmostOf,
  updateShape,
} from "./document/tree-edits.ts";
import { exportPage, saveDocument } from "./files/save.ts";
import { svgMarkup, toSvg } from "./files/to-svg.ts";
import type { Playground } from "./playground.ts";

export interface Action {
  readonly label: string;
  /** As `Mod+Shift+G`; Mod is Ctrl, or Command on a Mac. Penpot's own where it has one. */
  readonly keys: string;
  /** How many shapes have to be selected at least. */
  readonly needs: number;
  perform(playground: Playground): void;
}

type Group = "File" | "Edit" | "Arrange" | "View";

/** What the menu offers and the keyboard does. */
export const actions: Readonly<Record<Group, readonly Action[]>> = {
  File: [
    action("New document", "", 0, (playground) => playground.newDocument()),
    action("Save document", "Mod+S", 0, (playground) => saveDocument(playground)),
    action("Export page as PNG", "Mod+Shift+E", 0, (playground) => playground.attempt(() => exportPage(playground))),
  ],
  Edit: [
    action("Undo", "Mod+Z", 0, ({ store }) => store.undo()),
    action("Redo", "Mod+Shift+Z", 0, ({ store }) => store.redo()),
    action("Cut", "Mod+X", 1, (playground) => {
      copy(playground);
      editSelected(playground, (document, ids) => ids.reduce(removeShape, document));
    }),
    action("Copy", "Mod+C", 1, copy),
    action("Duplicate", "Mod+D", 1, (playground) => {
      copy(playground);
      paste(playground);
    }),
    action("Delete", "Delete", 1, (playground) =>
      editSelected(playground, (document, ids) => ids.reduce(removeShape, document)),
    ),
    action("Select all", "Mod+A", 0, ({ store }) => {
      const { document } = store.snapshot;
      store.select(getContainer(document, document.rootId).children);
    }),
  ],
  Arrange: [
    action("Group", "Mod+G", 1, group),
    action("Ungroup", "Shift+G", 1, ungroup),
    action("Mask", "Mod+M", 1, (playground) => group(playground, true)),
    action("Lock or unlock", "Mod+Shift+L", 1, (playground) =>
      editSelected(playground, (document, ids) => {
        const isBlocked = !ids.every((id) => getShape(document, id).isBlocked);
        return ids.reduce((next, id) => updateShape(next, id, (shape) => ({ ...shape, isBlocked })), document);
      }),
    ),
    action("Hide or show", "Mod+Shift+H", 1, (playground) =>
      editSelected(playground, (document, ids) => {
        const isHidden = !ids.every((id) => getShape(document, id).isHidden);
        return ids.reduce((next, id) => updateShape(next, id, (shape) => ({ ...shape, isHidden })), document);
      }),
    ),
    action("Bring to front", "Mod+Shift+ArrowUp", 1, (playground) => reorder(playground, (_, last) => last)),
    action("Bring forward", "Mod+ArrowUp", 1, (playground) => reorder(playground, (index) => index + 1)),
    action("Send backward", "Mod+ArrowDown", 1, (playground) => reorder(playground, (index) => index - 1)),
    action("Send to back", "Mod+Shift+ArrowDown", 1, (playground) => reorder(playground, () => 0)),
    action("Flip horizontally", "Shift+H", 1, (playground) => flip(playground, "x")),
    action("Flip vertically", "Shift+V", 1, (playground) => flip(playground, "y")),
  ],
  View: [
    action("Fit the page", "Shift+1", 0, (playground) => playground.showAll()),
    action("Zoom to 100 %", "Shift+0", 0, (playground) => playground.zoomTo(1)),
  ],
};

function action(label: string, keys: string, needs: number, perform: (playground: Playground) => unknown): Action {
  return { label, keys, needs, perform: (playground) => void perform(playground) };
}

/** The key combination of an event, as `keys` writes it. */
export function keysOf(event: KeyboardEvent): string {
  const digit = /^Digit(\d)$/.exec(event.code)?.[1];
  const key = digit ?? (event.key === "Backspace" ? "Delete" : event.key);
  const named = key.length === 1 ? key.toUpperCase() : key;
  return `${event.ctrlKey || event.metaKey ? "Mod+" : ""}${event.shiftKey ? "Shift+" : ""}${named}`;
}

/** The selected shapes that are in none of the others, from the bottom. */
export function selectedIds({ store }: Playground): ShapeId[] {
  return topmostOf(store.snapshot.document, store.snapshot.selection);
}

export function editSelected(
  playground: Playground,
  change: (document: Document, ids: readonly ShapeId[]) => Document,
): void {
  const ids = selectedIds(playground);
  if (ids.length > 0) playground.store.edit((document) => change(document, ids));
}

/** Other programs get the shapes as SVG, which also takes the place of a picture that was copied elsewhere before. */
function copy(playground: Playground): void {
  const { store, copied } = playground;
  const { document } = store.snapshot;
  const ids = selectedIds(playground);
  copied.value = ids.map((id) => subtree(document, id));
  const [only, ...others] = ids;
  const markup =
    only !== undefined && others.length === 0
      ? toSvg(document, getShape(document, only), store)
      : ids.map((id) => svgMarkup(document, getShape(document, id), store)).join("");
  // Where the browser forbids it, what was copied is still pasted here.
  navigator.clipboard?.writeText(markup).catch(() => undefined);
}

/** What stands in place is pasted a little beside it. */
const PASTE_OFFSET = 10;

/** Puts copies above what they were copied of or, where that is gone, on top of the page, and selects them. */
export function paste({ store, copied }: Playground): void {
  const pasted: ShapeId[] = [];
  store.edit((document) =>
    copied.value.reduce((next, shapes) => {
      const copies = copyShapes(shapes);
      const [source] = shapes;
      const [top] = copies;
      if (!source || !top) return next;
      pasted.push(top.id);
      const parentId =
        source.parentId !== undefined && next.shapes.has(source.parentId) ? source.parentId : next.rootId;
      const isThere = next.shapes.get(source.id)?.parentId === parentId;
      const index = isThere ? indexInParent(next, getShape(next, source.id)) + 1 : undefined;
      const added = addSubtree(next, copies, parentId, index);
      return isThere ? translateShape(added, top.id, { x: PASTE_OFFSET, y: PASTE_OFFSET }) : added;
    }, document),
  );
  store.select(pasted);
}

function group(playground: Playground, isMask = false): void {
  const shape: ShapeData = {
    ...defaultShape(isMask ? "Mask" : "Group"),
    type: "group",
    children: [],
    fills: [],
    isMask,
  };
  editSelected(playground, (document, ids) => groupShapes(document, shape, ids));
  playground.store.select([shape.id]);
}

function ungroup(playground: Playground): void {
  const { document } = playground.store.snapshot;
  const groups = selectedIds(playground).filter((id) => isBoxOfChildren(getShape(document, id)));
  const freed = groups.flatMap((id) => getContainer(document, id).children);
  playground.store.edit((same) => groups.reduce(dissolveGroup, same));
  if (freed.length > 0) playground.store.select(freed);
}

/** Combines the selected shapes into one that looks like the topmost, or like what is cut from. */
export function combine(playground: Playground, operation: BooleanType): void {
  const id = defaultShape("").id;
  editSelected(playground, (document, ids) => {
    const order = paintOrder(document).filter((each) => ids.includes(each));
    const head = operation === "difference" ? order[0] : order.at(-1);
    if (head === undefined) return document;
    const { fills, strokes } = getShape(document, head);
    const shape: ShapeData = {
      ...defaultShape("Boolean"),
      id,
      type: "boolean",
      operation,
      children: [],
      fills,
      strokes,
    };
    return groupShapes(document, shape, ids);
  });
  playground.store.select([id]);
}

function reorder(playground: Playground, index: (current: number, last: number) => number): void {
  editSelected(playground, (document, ids) =>
    ids.reduce((next, id) => {
      const shape = getShape(next, id);
      if (shape.parentId === undefined) return next;
      const last = getContainer(next, shape.parentId).children.length - 1;
      return relocateShape(next, id, shape.parentId, index(indexInParent(next, shape), last));
    }, document),
  );
}

function flip(playground: Playground, axis: "x" | "y"): void {
  editSelected(playground, (document, ids) => ids.reduce((next, id) => flipShape(next, id, axis), document));
}

export function align(playground: Playground, axis: "x" | "y", to: "start" | "center" | "end"): void {
  editSelected(playground, (document, ids) => alignShapes(document, ids, axis, to));
}

export function distribute(playground: Playground, axis: "x" | "y"): void {
  editSelected(playground, (document, ids) => distributeShapes(document, ids, axis));
}
