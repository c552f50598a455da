import type { Shape } from "@penpot/plugin-types";
import { type Document, getContainer, getShape, indexInParent, subtree } from "../../document/document.ts";
import type { ShapeId } from "../../document/shape.ts";
import { cloneShape, relocateShape, removeShape, setShapes } from "../../document/tree-edits.ts";
import { type ShapeHandle, shapeIdOf } from "./shape-handle.ts";

/** A shape's place among the others. Indexes count from the bottom. */
export function treeMembers(handle: ShapeHandle, shapeOf: (id: ShapeId) => Shape) {
  const moveInParent = (member: string, index: (current: number, last: number) => number) =>
    handle.edit(member, (document) => {
      const shape = getShape(document, handle.id);
      if (shape.parentId === undefined) return document;
      const last = getContainer(document, shape.parentId).children.length - 1;
      return relocateShape(document, handle.id, shape.parentId, index(indexInParent(document, shape), last));
    });
  return {
    get parent() {
      const { parentId } = handle.data;
      return parentId === undefined ? null : shapeOf(parentId);
    },
    get parentIndex() {
      return indexInParent(handle.document, handle.data);
    },
    setParentIndex: (index: number) => moveInParent("setParentIndex", () => index),
    bringToFront: () => moveInParent("bringToFront", (_, last) => last),
    bringForward: () => moveInParent("bringForward", (current) => current + 1),
    sendToBack: () => moveInParent("sendToBack", () => 0),
    sendBackward: () => moveInParent("sendBackward", (current) => current - 1),
    clone() {
      let id = handle.id;
      handle.edit("clone", (document) => {
        const clone = cloneShape(document, handle.id);
        id = clone.cloneId;
        return clone.document;
      });
      return shapeOf(id);
    },
    remove: () => handle.edit("remove", (document) => removeShape(document, handle.id)),
  };
}

/**
 * What groups, booleans, boards and the page's root have on top of other shapes. Internally children go from bottom to top.
 * Unless `naturalChildOrdering` is set, Penpot appends at the bottom and counts the index of `insertChild` from the top. In a
 * flex layout it always does: there the topmost comes first.
 */
export function containerMembers(handle: ShapeHandle, shapeOf: (id: ShapeId) => Shape) {
  const isFromTop = () => {
    const { data } = handle;
    return !handle.session.flags.naturalChildOrdering || (data.type === "board" && data.layout?.kind === "flex");
  };
  const listed = (ids: readonly ShapeId[]) =>
    handle.session.flags.naturalChildOrdering && isFromTop() ? ids.toReversed() : ids;
  const relocate = (member: string, child: Shape, index: (count: number) => number) =>
    handle.edit(member, (document) => {
      const childId = shapeIdOf(child);
      // Penpot leaves the tree as it is where a shape would come into itself.
      if (subtree(document, childId).some((inner) => inner.id === handle.id)) return document;
      const siblings = getContainer(document, handle.id).children.filter((sibling) => sibling !== childId);
      return relocateShape(document, childId, handle.id, index(siblings.length));
    });
  return {
    /** From the top in a flex layout with natural ordering, as `insertChild` counts there (plugins/shape.cljs, `is-reversed?`). */
    get children() {
      return listed(getContainer(handle.document, handle.id).children).map(shapeOf);
    },
    /** Takes the same children in another order. */
    set children(value: readonly Shape[]) {
      handle.edit("children", (document) => reordered(document, handle.id, listed(value.map(shapeIdOf))));
    },
    appendChild(child: Shape) {
      relocate("appendChild", child, (count) => (isFromTop() ? 0 : count));
    },
    insertChild(index: number, child: Shape) {
      relocate("insertChild", child, (count) => (isFromTop() ? count - index : index));
    },
  };
}

function reordered(document: Document, id: ShapeId, children: readonly ShapeId[]): Document {
  const container = getContainer(document, id);
  if (children.toSorted().join() !== container.children.toSorted().join())
    throw new Error("children can be put in another order only");
  return setShapes(document, [{ ...container, children }]);
}
