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

export function indexOf(shape: Shape): number {
  return parentOf(shape).children.findIndex(({ id }) => id === shape.id);
}
