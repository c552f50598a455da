import type { ShapeId } from "../document/shape.ts";

/** Which shape an object handed to a plugin stands for. */
const shapeIds = new WeakMap<object, ShapeId>();

export function registerShape(shape: object, id: ShapeId): void {
  shapeIds.set(shape, id);
}

/** Throws for anything but a shape that was handed out. */
export function shapeIdOf(shape: unknown): ShapeId {
  const id = typeof shape === "object" && shape !== null ? shapeIds.get(shape) : undefined;
  if (id === undefined) throw new Error("expected a shape");
  return id;
}
