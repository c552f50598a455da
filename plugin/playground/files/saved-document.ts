import { z } from "zod";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import { blendModes } from "../../../shared/protocol/plugin/source.ts";
import { blurSchema, exportSchema, shadowSchema, strokeSchema } from "../document/decoration.ts";
import { createDocument, type Document, defaultShape, type PageContent } from "../document/document.ts";
import type { DocumentStore } from "../document/document-store.ts";
import type { MediaId, MediaStore } from "../document/media-store.ts";
import { booleanTypes, isContainer, type ShapeData, type ShapeId } from "../document/shape.ts";
import { fromBase64, toBase64 } from "./base64.ts";

/** Raised when files can no longer be read by what read them before. */
const VERSION = 1;

const shapeId = z.custom<ShapeId>((value) => typeof value === "string");
const pluginData = z.record(z.string(), z.record(z.string(), z.string()));

const point = z.object({ x: z.number(), y: z.number() });
const fillSchema = z.intersection(
  z.object({
    opacity: z.number().min(0).max(1),
    refId: z.string().optional(),
    refFile: z.string().optional(),
  }),
  z.discriminatedUnion("type", [
    z.object({ type: z.literal("color"), color: z.string() }),
    z.object({
      type: z.literal("gradient"),
      kind: z.enum(["linear", "radial"]),
      start: point,
      end: point,
      width: z.number().optional(),
      stops: z.array(z.object({ color: z.string(), opacity: z.number(), offset: z.number() })),
    }),
    z.object({ type: z.literal("image"), mediaId: z.string(), keepAspectRatio: z.boolean() }),
  ]),
);

/** What every shape has; what a type adds is checked for what painting it needs. */
const shapeSchema = z.intersection(
  z.looseObject({
    id: z.string(),
    parentId: z.string().optional(),
    name: z.string(),
    ...Object.fromEntries(["x", "y", "width", "height", "rotation"].map((key) => [key, z.number()])),
    opacity: z.number().min(0).max(1),
    blendMode: z.enum(blendModes),
    fills: z.array(fillSchema),
    strokes: z.array(strokeSchema),
    shadows: z.array(shadowSchema),
    exports: z.array(exportSchema),
    blur: blurSchema.optional(),
    pluginData,
  }),
  z.discriminatedUnion("type", [
    z.looseObject({ type: z.enum(["rectangle", "ellipse"]) }),
    z.looseObject({
      type: z.literal("path"),
      d: z.string(),
      viewBox: z.object({ width: z.number(), height: z.number() }),
    }),
    z.looseObject({
      type: z.literal("text"),
      runs: z.array(z.object({ text: z.string(), style: z.looseObject({ fills: z.array(fillSchema) }) })).min(1),
      growType: z.enum(["fixed", "auto-width", "auto-height"]),
      verticalAlign: z.enum(["top", "center", "bottom"]),
    }),
    z.looseObject({ type: z.literal("svg-raw"), markup: z.string() }),
    z.looseObject({ type: z.literal("board"), children: z.array(z.string()), clipContent: z.boolean() }),
    z.looseObject({ type: z.literal("group"), children: z.array(z.string()) }),
    z.looseObject({ type: z.literal("boolean"), children: z.array(z.string()), operation: z.enum(booleanTypes) }),
  ]),
);

const pageSchema = z.object({
  pageId: z.string(),
  pageName: z.string(),
  shapes: z.array(shapeSchema).min(1),
  pagePluginData: pluginData,
  flows: z.array(z.object({ id: z.string(), name: z.string(), boardId: shapeId })),
  rulerGuides: z.array(
    z.object({
      id: z.string(),
      orientation: z.enum(["horizontal", "vertical"]),
      position: z.number(),
      boardId: shapeId.optional(),
    }),
  ),
});

const savedSchema = z.object({
  version: z.literal(VERSION),
  fileId: z.string(),
  name: z.string(),
  openPageId: z.string(),
  pages: z.array(pageSchema).min(1),
  filePluginData: pluginData,
  library: z.array(
    z.object({
      kind: z.enum(["color", "typography", "component"]),
      id: z.string(),
      name: z.string(),
      path: z.string(),
      values: z.record(z.string(), z.unknown()),
      pluginData,
    }),
  ),
  media: z.array(z.object({ id: z.string(), name: z.string(), mime: z.string(), base64: z.base64() })),
});

/** The whole file, with its pictures, as JSON. */
export function savedText(document: Document, media: MediaStore): string {
  const pages = document.pageOrder.map((id) =>
    id === document.pageId ? document : document.otherPages.find((page) => page.pageId === id),
  );
  const used = new Set(pages.flatMap((page) => [...(page?.shapes.values() ?? [])]).flatMap(mediaOf));
  const saved: z.input<typeof savedSchema> = {
    version: VERSION,
    fileId: document.fileId,
    name: document.name,
    openPageId: document.pageId,
    pages: pages.flatMap((page) => (page ? [savedPage(page)] : [])),
    filePluginData: document.filePluginData,
    library: document.library.map((asset) => ({ ...asset, values: { ...asset.values } })),
    media: [...used].flatMap((id) => {
      const picture = media.get(id);
      return picture ? [{ id, name: picture.name, mime: picture.mime, base64: toBase64(picture.bytes) }] : [];
    }),
  };
  return JSON.stringify(saved);
}

function savedPage(page: PageContent): z.input<typeof pageSchema> {
  const { pageId, pageName, pagePluginData, flows, rulerGuides } = page;
  // Plain data by construction; its types are those of the document.
  const shapes = [...page.shapes.values()] as unknown as z.input<typeof shapeSchema>[];
  return { pageId, pageName, shapes, pagePluginData, flows: [...flows], rulerGuides: [...rulerGuides] };
}

function mediaOf(shape: ShapeData): MediaId[] {
  const fills = shape.type === "text" ? shape.runs.flatMap((run) => run.style.fills) : shape.fills;
  return fills.flatMap((fill) => (fill.type === "image" ? [fill.mediaId] : []));
}

/** Shows a saved file. Throws `invalid-request` for text that is none. */
export function openSaved(store: DocumentStore, name: string, text: string): void {
  const saved = readSaved(name, text);
  for (const picture of saved.media)
    store.media.add(picture.name, fromBase64(picture.base64), picture.mime, picture.id as MediaId);
  const pages = saved.pages.map(toPage);
  const open = pages.find((page) => page.pageId === saved.openPageId) ?? pages[0];
  if (!open) return;
  store.open({
    ...open,
    fileId: saved.fileId,
    name: saved.name,
    rootId: createDocument("").rootId,
    filePluginData: saved.filePluginData,
    library: saved.library,
    pageOrder: pages.map((page) => page.pageId),
    otherPages: pages.filter((page) => page !== open),
  });
}

/** What the file leaves out is as in a new shape. */
function toPage({ shapes, ...page }: z.output<typeof pageSchema>): PageContent {
  const complete = shapes.map((shape) => ({ ...defaultShape(shape.name), ...shape }) as unknown as ShapeData);
  return { ...page, shapes: new Map(complete.map((shape) => [shape.id, shape])) };
}

function readSaved(name: string, text: string): z.output<typeof savedSchema> {
  try {
    const saved = savedSchema.parse(JSON.parse(text));
    for (const { shapes } of saved.pages) requireTree(shapes as unknown as readonly ShapeData[]);
    return saved;
  } catch {
    throw new OverpaintError(
      "invalid-request",
      `“${name}” is not a document that the playground saved.`,
      "Open a file that was saved here, or a PNG, JPEG, WebP or GIF picture.",
    );
  }
}

/** Throws unless every shape but the root is the child of the shape it names, once. */
function requireTree(shapes: readonly ShapeData[]): void {
  const { rootId } = createDocument("");
  const parents = new Map<ShapeId, ShapeId>();
  for (const shape of shapes) if (isContainer(shape)) for (const child of shape.children) parents.set(child, shape.id);
  const isSound = shapes.every(({ id, parentId }) => (id === rootId ? !parentId : parents.get(id) === parentId));
  const count = shapes.reduce((sum, shape) => sum + (isContainer(shape) ? shape.children.length : 0), 1);
  const reached = reachable(new Map(shapes.map((shape) => [shape.id, shape])), rootId);
  if (!isSound || count !== shapes.length || reached !== shapes.length) throw new Error("the shapes are not one tree");
}

function reachable(shapes: ReadonlyMap<ShapeId, ShapeData>, rootId: ShapeId): number {
  const seen = new Set<ShapeId>();
  const open = [rootId];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const shape = shapes.get(id);
    if (!shape || seen.has(id)) continue;
    seen.add(id);
    if (isContainer(shape)) open.push(...shape.children);
  }
  return seen.size;
}
