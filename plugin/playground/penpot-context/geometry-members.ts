import { getShape } from "../document/document.ts";
import { centerOf, type Point } from "../document/geometry.ts";
import {
  flipShape,
  placementOf,
  resizeShape,
  rotateShape,
  shapeBounds,
  translateShape,
} from "../document/geometry-edits.ts";
import type { ShapeId } from "../document/shape.ts";
import type { PluginSession } from "./plugin-session.ts";

/** Where a shape is. `x` and `y` are those of the upright box around it, in page coordinates; sizes are its own. */
export function geometryMembers(session: PluginSession, id: ShapeId) {
  const data = () => getShape(session.document, id);
  const moveTo = (axis: "x" | "y", value: number) => {
    if (!Number.isFinite(value)) return session.refuse(axis, value);
    const by = { x: 0, y: 0, [axis]: value - shapeBounds(session.document, data())[axis] };
    session.edit(axis, (document) => translateShape(document, id, by));
  };
  /** Penpot toggles a flip for whatever boolean is assigned. */
  const flip = (axis: "x" | "y", value: unknown) => {
    const member = axis === "x" ? "flipX" : "flipY";
    if (typeof value !== "boolean") return session.refuse(member, value);
    session.edit(member, (document) => flipShape(document, id, axis));
  };
  return {
    get x() {
      return shapeBounds(session.document, data()).x;
    },
    set x(value) {
      moveTo("x", value);
    },
    get y() {
      return shapeBounds(session.document, data()).y;
    },
    set y(value) {
      moveTo("y", value);
    },
    get width() {
      return placementOf(session.document, data()).width;
    },
    get height() {
      return placementOf(session.document, data()).height;
    },
    get bounds() {
      return shapeBounds(session.document, data());
    },
    get center() {
      return centerOf(placementOf(session.document, data()));
    },
    get rotation() {
      return data().rotation;
    },
    set rotation(value) {
      if (!Number.isFinite(value)) session.refuse("rotation", value);
      else session.edit("rotation", (document) => rotateShape(document, id, value - data().rotation));
    },
    get flipX() {
      return data().flipX;
    },
    set flipX(value) {
      flip("x", value);
    },
    get flipY() {
      return data().flipY;
    },
    set flipY(value) {
      flip("y", value);
    },
    resize(width: number, height: number) {
      if (!(width > 0)) return session.refuse("resize", width);
      if (!(height > 0)) return session.refuse("resize", height);
      session.edit("resize", (document) => resizeShape(document, id, width, height));
    },
    rotate(angle: number, center?: Point | null) {
      session.edit("rotate", (document) => rotateShape(document, id, angle, center ?? undefined));
    },
  };
}
