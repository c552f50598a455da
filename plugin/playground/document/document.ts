import { type ContainerData, isContainer, type PluginDataMap, type ShapeData, type ShapeId } from "./shape.ts";

/** Where a prototype starts. */
export interface Flow {
  readonly id: string;
  readonly name: string;
  readonly boardId: ShapeId;
}

export interface RulerGuide {
  readonly id: string;
  readonly orientation: "horizontal" | "vertical";
  readonly position: number;
  readonly boardId?: ShapeId | undefined;
}

export interface PageContent {
  readonly pageId: string;
  readonly pageName: string;
  readonly shapes: ReadonlyMap<ShapeId, ShapeData>;
  readonly pagePluginData: PluginDataMap;
  readonly flows: readonly Flow[];
  readonly rulerGuides: readonly RulerGuide[];
}

/** A colour, typography or component of the file's own library, in the plugin API's words. */
export interface LibraryAsset {
  readonly kind: "color" | "typography" | "component";
  readonly id: string;
  readonly name: string;
  readonly path: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly pluginData: PluginDataMap;
}

/**
 * A file as plain immutable data: an edit makes a new one, so undo keeps the old ones. Its own page content is that of the
 * open page, which alone can be edited; `openPage` turns to another.
 */
export interface Document extends PageContent {
  readonly fileId: string;
  readonly name: string;
  /** The page itself: a board without size that holds everything. */
  readonly rootId: ShapeId;
  readonly filePluginData: PluginDataMap;
  readonly library: readonly LibraryAsset[];
  /** All pages, the open one among them. */
  readonly pageOrder: readonly string[];
  readonly otherPages: readonly PageContent[];
}

/** Penpot's own id of every page's root. */
const ROOT_ID = "00000000-0000-0000-0000-000000000000" as ShapeId;

export function newShapeId(): ShapeId {
  return crypto.randomUUID() as ShapeId;
}

export function createDocument(name: string): Document {
  const page = emptyPage("Page 1");
  return {
    ...page,
    fileId: crypto.randomUUID(),
    name,
    rootId: ROOT_ID,
    filePluginData: {},
    library: [],
    pageOrder: [page.pageId],
    otherPages: [],
  };
}

export function emptyPage(pageName: string): PageContent {
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
    pageId: crypto.randomUUID(),
    pageName,
    shapes: new Map([[ROOT_ID, root]]),
    pagePluginData: {},
    flows: [],
    rulerGuides: [],
  };
}

/** Throws when the file has no such page. */
export function openPage(document: Document, pageId: string): Document {
  if (pageId === document.pageId) return document;
  const page = document.otherPages.find((other) => other.pageId === pageId);
  if (!page) throw new Error(`There is no page ${pageId} in the file.`);
  const others = document.otherPages.filter((other) => other !== page);
  return { ...document, ...page, otherPages: [...others, contentOf(document)] };
}

export function addPage(document: Document, page: PageContent): Document {
  return {
    ...document,
    otherPages: [...document.otherPages, page],
    pageOrder: [...document.pageOrder, page.pageId],
  };
}

/** Removing the open page opens the first of the others. Throws for the last page. */
export function removePage(document: Document, pageId: string): Document {
  const next = document.pageOrder.find((id) => id !== pageId);
  if (next === undefined) throw new Error("A file keeps at least one page.");
  const opened = pageId === document.pageId ? openPage(document, next) : document;
  return {
    ...opened,
    otherPages: opened.otherPages.filter((page) => page.pageId !== pageId),
    pageOrder: opened.pageOrder.filter((id) => id !== pageId),
  };
}

/** Changes what a page, open or not, has besides shapes. */
export function updatePage(
  document: Document,
  pageId: string,
  change: (page: PageContent) => Partial<PageContent>,
): Document {
  if (pageId === document.pageId) return { ...document, ...change(document) };
  const otherPages = document.otherPages.map((page) => (page.pageId === pageId ? { ...page, ...change(page) } : page));
  return { ...document, otherPages };
}

function contentOf(document: Document): PageContent {
  const { pageId, pageName, shapes, pagePluginData, flows, rulerGuides } = document;
  return { pageId, pageName, shapes, pagePluginData, flows, rulerGuides };
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
    strokes: [],
    shadows: [],
    exports: [],
    opacity: 1,
    blendMode: "normal",
    borderRadius: 0,
    isHidden: false,
    isBlocked: false,
    proportionLock: false,
    fixedWhenScrolling: false,
    constraintsHorizontal: "left",
    constraintsVertical: "top",
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
