import type { Shape } from "@penpot/plugin-types";
import { getContainer, getShape, indexInParent, newShapeId } from "../document/document.ts";
import { isContainer, type ShapeId } from "../document/shape.ts";
import { addShape, relocateShape, removeShape } from "../document/tree-edits.ts";
import type { PluginSession } from "./plugin-session.ts";

/** A shape's place among the others. Indexes count from the bottom. */
export function treeMembers(session: PluginSession, id: ShapeId, proxy: (id: ShapeId) => Shape) {
  const data = () => getShape(session.document, id);
  const moveInParent = (member: string, index: (current: number, last: number) => number) =>
    session.edit(member, (document) => {
      const shape = getShape(document, id);
      if (shape.parentId === undefined) return document;
      const last = getContainer(document, shape.parentId).children.length - 1;
      return relocateShape(document, id, shape.parentId, index(indexInParent(document, shape), last));
    });
  return {
    get parent() {
      const { parentId } = data();
      return parentId === undefined ? null : proxy(parentId);
    },
    get parentIndex() {
      return indexInParent(session.document, data());
    },
    setParentIndex: (index: number) => moveInParent("setParentIndex", () => index),
    bringToFront: () => moveInParent("bringToFront", (_, last) => last),
    bringForward: () => moveInParent("bringForward", (current) => current + 1),
    sendToBack: () => moveInParent("sendToBack", () => 0),
    sendBackward: () => moveInParent("sendBackward", (current) => current - 1),
    clone() {
      const source = data();
      if (isContainer(source)) throw new Error("Boards and groups cannot be cloned in the playground.");
      const copy = { ...source, id: newShapeId() };
      session.edit("clone", (document) =>
        addShape(document, copy, source.parentId, indexInParent(document, source) + 1),
      );
      return proxy(copy.id);
    },
    remove: () => session.edit("remove", (document) => removeShape(document, id)),
  };
}
