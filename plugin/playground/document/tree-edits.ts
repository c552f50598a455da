import { type Document, getContainer, getShape, indexInParent, newShapeId, subtree } from "./document.ts";
import { isBoxOfChildren, isContainer, type ShapeData, type ShapeId } from "./shape.ts";

/** Adds a shape (a container without children) at `index` from the bottom, on top by default. */
export function addShape(document: Document, shape: ShapeData, parentId = document.rootId, index?: number): Document {
  const added = setShapes(document, [{ ...shape, parentId }]);
  return setChildren(added, parentId, (children) => inserted(children, shape.id, index ?? children.length));
}

/** Puts a shape elsewhere in the tree. `index` counts from the bottom, without the shape itself. */
export function relocateShape(document: Document, id: ShapeId, parentId: ShapeId, index: number): Document {
  const shape = getShape(document, id);
  if (shape.parentId === undefined) throw new Error("The page's root cannot be moved.");
  if (subtree(document, id).some((inner) => inner.id === parentId))
    throw new Error(`“${shape.name}” cannot be put into itself.`);
  const detached = setChildren(document, shape.parentId, (children) => children.filter((child) => child !== id));
  const attached = setChildren(detached, parentId, (children) => inserted(children, id, index));
  return setShapes(attached, [{ ...shape, parentId }]);
}

/** Removes a shape with everything in it. */
export function removeShape(document: Document, id: ShapeId): Document {
  const { parentId } = getShape(document, id);
  if (parentId === undefined) throw new Error("The page's root cannot be removed.");
  const removed = new Set(subtree(document, id).map((shape) => shape.id));
  const detached = setChildren(document, parentId, (children) => children.filter((child) => child !== id));
  return { ...detached, shapes: new Map([...detached.shapes].filter(([shapeId]) => !removed.has(shapeId))) };
}

/** Puts the shapes, kept in their order, into a new group where the topmost of them was. At least one shape. */
export function groupShapes(document: Document, group: ShapeData, ids: readonly ShapeId[]): Document {
  const members = paintOrder(document).filter((id) => ids.includes(id));
  const top = members.at(-1);
  if (top === undefined) throw new Error("A group needs at least one shape.");
  const { parentId } = getShape(document, top);
  const index = indexInParent(document, getShape(document, top)) + 1;
  const added = addShape(document, group, parentId, index);
  return members.reduce((next, id, position) => relocateShape(next, id, group.id, position), added);
}

/** Puts a group's children where it was, in their order, and removes it. Throws for anything but a group. */
export function dissolveGroup(document: Document, groupId: ShapeId): Document {
  const group = getShape(document, groupId);
  if (!isBoxOfChildren(group) || group.parentId === undefined) throw new Error(`“${group.name}” is not a group`);
  const { parentId } = group;
  const index = indexInParent(document, group);
  const freed = group.children.reduce(
    (next, id, position) => relocateShape(next, id, parentId, index + position),
    document,
  );
  return removeShape(freed, groupId);
}

/** A shape with all it holds under new ids, as `subtree` lists it: itself first. */
export function copyShapes(shapes: readonly ShapeData[]): readonly ShapeData[] {
  const ids = new Map(shapes.map((shape) => [shape.id, newShapeId()]));
  const idOf = (id: ShapeId) => ids.get(id) ?? id;
  return shapes.map((shape): ShapeData => {
    const { parentId } = shape;
    const copy: ShapeData = {
      ...shape,
      id: idOf(shape.id),
      ...(parentId !== undefined && { parentId: idOf(parentId) }),
    };
    return isContainer(copy) ? { ...copy, children: copy.children.map(idOf) } : copy;
  });
}

/** Adds a shape with all it holds, as `copyShapes` answers them, on top of a container or at `index` from the bottom. */
export function addSubtree(
  document: Document,
  [top, ...inner]: readonly ShapeData[],
  parentId: ShapeId,
  index?: number,
): Document {
  if (!top) return document;
  const added = setShapes(document, [{ ...top, parentId }, ...inner]);
  return setChildren(added, parentId, (children) => inserted(children, top.id, index ?? children.length));
}

/** Adds a copy of a shape and all it holds right above it. */
export function cloneShape(
  document: Document,
  id: ShapeId,
): { readonly document: Document; readonly cloneId: ShapeId } {
  const source = getShape(document, id);
  const copies = copyShapes(subtree(document, id));
  const [clone] = copies;
  if (!clone || source.parentId === undefined) throw new Error("The page's root cannot be copied.");
  const index = indexInParent(document, source) + 1;
  return { document: addSubtree(document, copies, source.parentId, index), cloneId: clone.id };
}

export function updateShape(document: Document, id: ShapeId, change: (shape: ShapeData) => ShapeData): Document {
  return setShapes(document, [change(getShape(document, id))]);
}

export function setShapes(document: Document, shapes: readonly ShapeData[]): Document {
  return { ...document, shapes: new Map([...document.shapes, ...shapes.map((shape) => [shape.id, shape] as const)]) };
}

/** Ids of everything on the page in the order of painting, the last on top. */
export function paintOrder(document: Document): ShapeId[] {
  return subtree(document, document.rootId)
    .slice(1)
    .map((shape) => shape.id);
}

/** The shapes that are not in another of them, in the order of painting. */
export function topmostOf(document: Document, ids: readonly ShapeId[]): ShapeId[] {
  const isInAnother = (id: ShapeId): boolean => {
    const { parentId } = getShape(document, id);
    return parentId !== undefined && (ids.includes(parentId) || isInAnother(parentId));
  };
  return paintOrder(document).filter((id) => ids.includes(id) && !isInAnother(id));
}

function setChildren(
  document: Document,
  parentId: ShapeId,
  change: (children: readonly ShapeId[]) => readonly ShapeId[],
): Document {
  const parent = getContainer(document, parentId);
  return updateShape(document, parentId, (shape) =>
    isContainer(shape) ? { ...shape, children: change(parent.children) } : shape,
  );
}

function inserted(children: readonly ShapeId[], id: ShapeId, index: number): ShapeId[] {
  const position = Math.min(Math.max(index, 0), children.length);
  return [...children.slice(0, position), id, ...children.slice(position)];
}
