import type { Export, Group, Shape } from "@penpot/plugin-types";
import { z } from "zod";
import { type Document, subtree } from "../../document/document.ts";
import { isContainer, type ShapeData, type ShapeId } from "../../document/shape.ts";
import { toSvg } from "../../files/to-svg.ts";
import { shapePluginData } from "../file/plugin-data.ts";
import { rulerGuideMembers } from "../file/ruler-guides.ts";
import { pluginObject } from "../plugin-object.ts";
import type { PluginSession } from "../plugin-session.ts";
import { appearanceMembers } from "./appearance-members.ts";
import { geometryMembers } from "./geometry-members.ts";
import { interactionMembers } from "./interactions.ts";
import { layoutItemMembers } from "./layout-item-members.ts";
import { boardLayoutMembers } from "./layout-members.ts";
import { pathMembers } from "./path-members.ts";
import { parsed, ShapeHandle } from "./shape-handle.ts";
import { textMembers } from "./text-members.ts";
import { containerMembers, treeMembers } from "./tree-members.ts";

/**
 * A shape as plugins see it: every member reads and writes the document at the moment of access, so the object stays true
 * after other edits. Members are those of Penpot's types that the playground's shapes have.
 */
export function shapeProxy(session: PluginSession, id: ShapeId, pageId = session.document.pageId): Shape {
  const handle = new ShapeHandle(session, id, pageId);
  const shapeOf = (shapeId: ShapeId) => shapeProxy(session, shapeId, pageId);
  const { data } = handle;
  const shape = pluginObject(
    { id, type: data.type },
    geometryMembers(handle),
    ...appearanceMembers(handle),
    treeMembers(handle, shapeOf),
    shapePluginData(handle),
    layoutItemMembers(handle),
    interactionMembers(handle),
    isContainer(data) ? containerMembers(handle, shapeOf) : {},
    ...typeMembers(handle, data, shapeOf),
    componentMembers,
    { export: (config: Export) => exportShape(handle, config) },
  );
  // The playground's shapes have the part of Penpot's members that is listed above.
  return shape as Shape;
}

function typeMembers(handle: ShapeHandle, data: ShapeData, shapeOf: (id: ShapeId) => Shape): readonly object[] {
  switch (data.type) {
    case "text":
      return textMembers(handle, shapeOf);
    case "path":
    case "boolean":
      return [pathMembers(handle)];
    case "board":
      return [
        boardMembers(handle),
        boardLayoutMembers(handle),
        rulerGuideMembers(handle.session, handle.pageId, handle.id),
      ];
    case "group":
      return [maskMembers(handle)];
    default:
      return [];
  }
}

const guides = z.array(
  z.looseObject({
    type: z.enum(["column", "row", "square"]),
    display: z.boolean(),
    params: z.looseObject({ color: z.object({ color: z.string(), opacity: z.number() }) }),
  }),
);

function boardMembers(handle: ShapeHandle) {
  const board = () => handle.data as Extract<ShapeData, { type: "board" }>;
  return {
    get clipContent() {
      return board().clipContent;
    },
    set clipContent(value: boolean) {
      handle.change("clipContent", (shape) => ({ ...shape, clipContent: parsed(z.boolean(), value) }) as ShapeData);
    },
    get guides() {
      return structuredClone([...(board().guides ?? [])]);
    },
    set guides(value: unknown) {
      handle.change("guides", (shape) => ({ ...shape, guides: parsed(guides, value) }) as ShapeData);
    },
    get showInViewMode() {
      return board().isLeftOutOfViewMode !== true;
    },
    set showInViewMode(value: boolean) {
      handle.change(
        "showInViewMode",
        (shape) => ({ ...shape, isLeftOutOfViewMode: !parsed(z.boolean(), value) }) as ShapeData,
      );
    },
    isVariantContainer: () => false,
  };
}

function maskMembers(handle: ShapeHandle): Pick<Group, "isMask" | "makeMask" | "removeMask"> {
  const setMask = (member: string, isMask: boolean) =>
    handle.change(member, (shape) => (shape.type === "group" ? { ...shape, isMask } : shape));
  return {
    isMask: () => handle.data.type === "group" && handle.data.isMask === true,
    makeMask: () => setMask("makeMask", true),
    removeMask: () => setMask("removeMask", false),
  };
}

async function exportShape({ session, document, id, data }: ShapeHandle, config: Export): Promise<Uint8Array> {
  if (config.type === "svg") return new TextEncoder().encode(toSvg(document, data, session.store));
  if (config.type !== "png") throw new Error(`The playground exports PNG and SVG, not ${config.type}.`);
  return await session.options.exportPng(id, config.scale ?? 1);
}

/** Every shape on the page that `matches`, from bottom to top. */
export function shapeProxies(
  session: PluginSession,
  document: Document,
  matches: (shape: ShapeData) => boolean,
): Shape[] {
  return subtree(document, document.rootId)
    .filter((shape) => shape.id !== document.rootId && matches(shape))
    .map((shape) => shapeProxy(session, shape.id, document.pageId));
}

/** Nothing in the playground is an instance of a component. */
const componentMembers = {
  isComponentInstance: () => false,
  isComponentMainInstance: () => false,
  isComponentCopyInstance: () => false,
  isComponentRoot: () => false,
  isComponentHead: () => false,
  isVariantHead: () => false,
  component: () => null,
  componentHead: () => null,
  componentRoot: () => null,
  componentRefShape: () => null,
};
