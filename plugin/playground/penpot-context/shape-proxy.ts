import type { Export, Shape } from "@penpot/plugin-types";
import { getShape, subtree } from "../document/document.ts";
import { isContainer, type ShapeData, type ShapeId } from "../document/shape.ts";
import { appearanceMembers } from "./appearance-members.ts";
import { containerMembers } from "./container-members.ts";
import { geometryMembers } from "./geometry-members.ts";
import { pluginDataMembers } from "./plugin-data.ts";
import type { PluginSession } from "./plugin-session.ts";
import { registerShape } from "./shape-ids.ts";
import { treeMembers } from "./tree-members.ts";

/**
 * A shape as plugins see it: every member reads and writes the document at the moment of access, so the object stays true
 * after other edits, and works frozen, as the runtime freezes all it hands out. Members are those of Penpot's types that
 * the playground's shapes have.
 */
export function shapeProxy(session: PluginSession, id: ShapeId): Shape {
  const proxy = (shapeId: ShapeId) => shapeProxy(session, shapeId);
  const { type } = getShape(session.document, id);
  const shape = combine(
    { id, type },
    geometryMembers(session, id),
    appearanceMembers(session, id),
    treeMembers(session, id, proxy),
    pluginDataMembers(session, id),
    isContainer(getShape(session.document, id)) ? containerMembers(session, id, proxy) : {},
    componentMembers,
    {
      async export(config: Export) {
        if (config.type !== "png") throw new Error(`The playground exports PNG only, not ${config.type}.`);
        return await session.exportPng(id, config.scale ?? 1);
      },
    },
  );
  registerShape(shape, id);
  // The playground's shapes have the part of Penpot's members that is listed above.
  return shape as Shape;
}

/** Every shape on the page that `matches`, from bottom to top. */
export function shapeProxies(session: PluginSession, matches: (shape: ShapeData) => boolean): Shape[] {
  const { rootId } = session.document;
  return subtree(session.document, rootId)
    .filter((shape) => shape.id !== rootId && matches(shape))
    .map((shape) => shapeProxy(session, shape.id));
}

const componentMembers = {
  isComponentInstance: () => false,
  isComponentMainInstance: () => false,
  isComponentCopyInstance: () => false,
  isComponentRoot: () => false,
  isComponentHead: () => false,
};

/** One object with all members, accessors kept as accessors. */
function combine(...parts: readonly object[]): object {
  return parts.reduce((shape, part) => Object.defineProperties(shape, Object.getOwnPropertyDescriptors(part)), {});
}
