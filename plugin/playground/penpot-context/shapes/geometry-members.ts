import { z } from "zod";
import { getShape } from "../../document/document.ts";
import { centerOf, type Point } from "../../document/geometry.ts";
import {
  flipShape,
  placementOf,
  resizeShape,
  rotateShape,
  shapeBounds,
  translateShape,
} from "../../document/geometry-edits.ts";
import { defaultLayoutItem } from "../../document/layout.ts";
import type { ShapeData } from "../../document/shape.ts";
import { updateShape } from "../../document/tree-edits.ts";
import { parsed, type ShapeHandle } from "./shape-handle.ts";

const length = z.number().positive();

/** Where a shape is. `x` and `y` are those of the upright box around it, in page coordinates; sizes are its own. */
export function geometryMembers(handle: ShapeHandle) {
  const bounds = () => shapeBounds(handle.document, handle.data);
  const moveTo = (member: string, axis: "x" | "y", value: unknown, origin = 0) =>
    handle.edit(member, (document) => {
      const by = parsed(z.number(), value) + origin - bounds()[axis];
      return translateShape(document, handle.id, { x: 0, y: 0, [axis]: by });
    });
  /** Penpot toggles a flip for whatever boolean is assigned. */
  const flip = (member: string, axis: "x" | "y", value: unknown) =>
    handle.edit(member, (document) => {
      parsed(z.boolean(), value);
      return flipShape(document, handle.id, axis);
    });
  return {
    get x() {
      return bounds().x;
    },
    set x(value) {
      moveTo("x", "x", value);
    },
    get y() {
      return bounds().y;
    },
    set y(value) {
      moveTo("y", "y", value);
    },
    get parentX() {
      return bounds().x - originOf(handle, "parent").x;
    },
    set parentX(value) {
      moveTo("parentX", "x", value, originOf(handle, "parent").x);
    },
    get parentY() {
      return bounds().y - originOf(handle, "parent").y;
    },
    set parentY(value) {
      moveTo("parentY", "y", value, originOf(handle, "parent").y);
    },
    get boardX() {
      return bounds().x - originOf(handle, "board").x;
    },
    set boardX(value) {
      moveTo("boardX", "x", value, originOf(handle, "board").x);
    },
    get boardY() {
      return bounds().y - originOf(handle, "board").y;
    },
    set boardY(value) {
      moveTo("boardY", "y", value, originOf(handle, "board").y);
    },
    get width() {
      return placementOf(handle.document, handle.data).width;
    },
    get height() {
      return placementOf(handle.document, handle.data).height;
    },
    get bounds() {
      return bounds();
    },
    get center() {
      return centerOf(placementOf(handle.document, handle.data));
    },
    get rotation() {
      return handle.data.rotation;
    },
    set rotation(value) {
      handle.edit("rotation", (document) =>
        rotateShape(document, handle.id, parsed(z.number(), value) - handle.data.rotation),
      );
    },
    get flipX() {
      return handle.data.flipX;
    },
    set flipX(value) {
      flip("flipX", "x", value);
    },
    get flipY() {
      return handle.data.flipY;
    },
    set flipY(value) {
      flip("flipY", "y", value);
    },
    /** A size that is set stays: the shape no longer fills its place in a layout, nor hugs what it holds. */
    resize(width: number, height: number) {
      handle.edit("resize", (document) => {
        const resized = resizeShape(document, handle.id, parsed(length, width), parsed(length, height));
        return updateShape(resized, handle.id, withFixedSize);
      });
    },
    rotate(angle: number, center?: Point | null) {
      handle.edit("rotate", (document) =>
        rotateShape(document, handle.id, parsed(z.number(), angle), center ?? undefined),
      );
    },
  };
}

function withFixedSize(shape: ShapeData): ShapeData {
  const fixed = { horizontalSizing: "fix", verticalSizing: "fix" } as const;
  return {
    ...shape,
    ...(shape.layoutItem && { layoutItem: { ...defaultLayoutItem, ...shape.layoutItem, ...fixed } }),
    ...(shape.type === "board" && shape.layout && { layout: { ...shape.layout, ...fixed } }),
  } as ShapeData;
}

/** The corner of what holds the shape, or of the nearest board around it; the page's for the page itself. */
function originOf(handle: ShapeHandle, kind: "parent" | "board"): Point {
  const { document } = handle;
  let parentId = handle.data.parentId;
  while (parentId !== undefined && parentId !== document.rootId) {
    const parent = getShape(document, parentId);
    if (kind === "parent" || parent.type === "board") return shapeBounds(document, parent);
    parentId = parent.parentId;
  }
  return { x: 0, y: 0 };
}
