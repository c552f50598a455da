import type { Penpot, Shape } from "@penpot/plugin-types";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";

/** The shape on the open page. Throws `source-changed` when it is not there (any more). */
export function findShape(penpot: Penpot, shapeId: string): Shape {
  const shape = penpot.currentPage?.getShapeById(shapeId);
  if (shape) return shape;
  throw new OverpaintError(
    "source-changed",
    "The picture is no longer on this page.",
    "Undo its deletion or go back to its page, then try again.",
  );
}
