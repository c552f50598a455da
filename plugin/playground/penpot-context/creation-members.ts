import type { Shape } from "@penpot/plugin-types";
import { type Document, defaultShape, getContainer, getShape, indexInParent } from "../document/document.ts";
import type { ShapeData, ShapeId } from "../document/shape.ts";
import { addShape, groupShapes, relocateShape, removeShape } from "../document/tree-edits.ts";
import type { PluginSession } from "./plugin-session.ts";
import { shapeIdOf } from "./shape-ids.ts";
import { shapeProxy } from "./shape-proxy.ts";

/** New shapes, which Penpot puts on top of the page, at its origin, without selecting them. */
export function creationMembers(session: PluginSession) {
  const create = (member: string, shape: ShapeData) => {
    session.edit(member, (document) => addShape(document, shape));
    return shapeProxy(session, shape.id);
  };
  return {
    createRectangle: () => create("createRectangle", { ...defaultShape("Rectangle"), type: "rectangle" }),
    createEllipse: () => create("createEllipse", { ...defaultShape("Ellipse"), type: "ellipse" }),
    createBoard: () =>
      create("createBoard", { ...defaultShape("Board"), type: "board", children: [], clipContent: true }),
    createPath: () =>
      create("createPath", {
        ...defaultShape("Path"),
        type: "path",
        d: "M0 0L100 100",
        viewBox: { width: 100, height: 100 },
      }),
    group(shapes: readonly Shape[]): Shape | null {
      if (shapes.length === 0) return null;
      const group: ShapeData = { ...defaultShape("Group"), type: "group", children: [], fills: [] };
      session.edit("group", (document) => groupShapes(document, group, shapes.map(shapeIdOf)));
      return shapeProxy(session, group.id);
    },
    ungroup(...groups: readonly Shape[]): void {
      session.edit("ungroup", (document) => groups.map(shapeIdOf).reduce(dissolve, document));
    },
  };
}

/** Puts a group's children where it was, in their order, and removes it. */
function dissolve(document: Document, groupId: ShapeId): Document {
  const group = getShape(document, groupId);
  if (group.type !== "group" || group.parentId === undefined) throw new Error(`“${group.name}” is not a group`);
  const { parentId } = group;
  const index = indexInParent(document, group);
  const freed = getContainer(document, groupId).children.reduce(
    (next, id, position) => relocateShape(next, id, parentId, index + position),
    document,
  );
  return removeShape(freed, groupId);
}
