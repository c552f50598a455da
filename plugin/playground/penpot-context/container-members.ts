import type { Shape } from "@penpot/plugin-types";
import { getContainer, getShape } from "../document/document.ts";
import type { ShapeId } from "../document/shape.ts";
import { relocateShape, updateShape } from "../document/tree-edits.ts";
import type { PluginSession } from "./plugin-session.ts";
import { shapeIdOf } from "./shape-ids.ts";

/**
 * What boards, groups and the page's root have on top of other shapes. Internally children go from bottom to top. Unless
 * `naturalChildOrdering` is set, Penpot appends at the bottom and counts the index of `insertChild` from the top.
 */
export function containerMembers(session: PluginSession, id: ShapeId, proxy: (id: ShapeId) => Shape) {
  const relocate = (member: string, child: Shape, index: (count: number) => number) =>
    session.edit(member, (document) => {
      const childId = shapeIdOf(child);
      const siblings = getContainer(document, id).children.filter((sibling) => sibling !== childId);
      return relocateShape(document, childId, id, index(siblings.length));
    });
  return {
    get children() {
      return getContainer(session.document, id).children.map(proxy);
    },
    appendChild(child: Shape) {
      relocate("appendChild", child, (count) => (session.flags.naturalChildOrdering ? count : 0));
    },
    insertChild(index: number, child: Shape) {
      relocate("insertChild", child, (count) => (session.flags.naturalChildOrdering ? index : count - index));
    },
    get clipContent() {
      const shape = getShape(session.document, id);
      return shape.type === "board" && shape.clipContent;
    },
    set clipContent(value: boolean) {
      session.edit("clipContent", (document) =>
        updateShape(document, id, (shape) => (shape.type === "board" ? { ...shape, clipContent: value } : shape)),
      );
    },
    isMask: () => false,
    isVariantContainer: () => false,
  };
}
