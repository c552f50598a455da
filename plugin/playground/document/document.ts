import { type ContainerData, isContainer, type ShapeData, type ShapeId } from "./shape.ts";

/** A file with one page, as plain immutable data: an edit makes a new one, so undo keeps the old ones. */
export interface Document {
  readonly fileId: string;
  readonly pageId: string;
  readonly name: string;
  /** The page itself: a board without size that holds everything. */
  readonly rootId: ShapeId;
  readonly shapes: ReadonlyMap<ShapeId, ShapeData>;
}

/** Penpot's own id of every page's root. */
const ROOT_ID = "00000000-0000-0000-0000-000000000000" as ShapeId;

export function newShapeId(): ShapeId {
  return crypto.randomUUID() as ShapeId;
}

export function createDocument(name: string): Document {
  const root: ShapeData = {
    ...defaultShape("Root Frame"),
    id: ROOT_ID,
    type: "board",
    children: [],
    clipContent: false,
    fills: [],
    width: 0.01,
    height: 0.01,
  };
  return {
    fileId: crypto.randomUUID(),
    pageId: crypto.randomUUID(),
    name,
    rootId: ROOT_ID,
    shapes: new Map([[ROOT_ID, root]]),
  };
}

/** What Penpot gives a new shape: 100 × 100 at the origin, grey. */
export function defaultShape(name: string) {
  return {
    id: newShapeId(),
    name,
    x: 0,
    y: 0,
    width: 100,
    height: 100,
    rotation: 0,
    flipX: false,
    flipY: false,
    fills: [{ type: "color", color: "#b1b2b5", opacity: 1 }],
    opacity: 1,
    borderRadius: 0,
    isHidden: false,
    isBlocked: false,
    pluginData: {},
  } as const;
}

/** Throws when there is no such shape: ids come from the document itself, so that is a mistake of the caller. */
export function getShape(document: Document, id: ShapeId): ShapeData {
  const shape = document.shapes.get(id);
  if (!shape) throw new Error(`There is no shape ${id} on the page.`);
  return shape;
}

export function getContainer(document: Document, id: ShapeId): ContainerData {
  const shape = getShape(document, id);
  if (!isContainer(shape)) throw new Error(`“${shape.name}” is a ${shape.type} and holds no other shapes.`);
  return shape;
}

/** Position among the parent's children, counted from the bottom; -1 for the root. */
export function indexInParent(document: Document, shape: ShapeData): number {
  return shape.parentId === undefined ? -1 : getContainer(document, shape.parentId).children.indexOf(shape.id);
}

/** The shape and everything in it, parents before children, children from bottom to top: the order of painting. */
export function subtree(document: Document, id: ShapeId): ShapeData[] {
  const shape = getShape(document, id);
  return isContainer(shape) ? [shape, ...shape.children.flatMap((child) => subtree(document, child))] : [shape];
}
