import type { Board, Boolean as BooleanShape, Group, Shape } from "@penpot/plugin-types";

export type Container = Board | Group | BooleanShape;

/** The outermost of the shape and its parents, within its board, whose own parent `matches`. */
export function outermost(shape: Shape, matches: (parent: Shape) => boolean): Shape {
  let found = shape;
  for (let inner = shape; inner.parent && inner.parent.type !== "board"; inner = inner.parent)
    if (matches(inner.parent)) found = inner.parent;
  return found;
}

export function parentOf(shape: Shape): Container {
  const parent = shape.parent as Container | null;
  if (!parent) throw new Error("the source has no parent");
  return parent;
}

/**
 * What a container holds, from bottom to top. In a flex layout the topmost comes first in the flow, and there Penpot lists
 * children and counts places from the top, even with natural ordering (plugins/shape.cljs, `is-reversed?`).
 */
export function childrenOf(parent: Container): readonly Shape[] {
  return isListedFromTop(parent) ? parent.children.toReversed() : parent.children;
}

/** Puts a shape from elsewhere at a place counted from the bottom. */
export function insertAt(parent: Container, index: number, child: Shape): void {
  parent.insertChild(isListedFromTop(parent) ? parent.children.length - index : index, child);
}

/** Place among the parent's children, counted from the bottom. */
export function indexOf(shape: Shape): number {
  return childrenOf(parentOf(shape)).findIndex(({ id }) => id === shape.id);
}

function isListedFromTop(parent: Container): boolean {
  return parent.type === "board" && Boolean(parent.flex);
}
