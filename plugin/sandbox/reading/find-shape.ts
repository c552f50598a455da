import type { Penpot, Shape } from "@penpot/plugin-types";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";

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

/** The picture's shape, if its page is the open one: Penpot changes no other. Throws `source-changed`. */
export function findSource(
  penpot: Penpot,
  { pageId, shapeId }: { readonly pageId: string; readonly shapeId: string },
): Shape {
  if (penpot.currentPage?.id !== pageId)
    throw new OverpaintError(
      "source-changed",
      "Another page is open than the one with the picture.",
      "Go back to the picture's page, then insert again.",
    );
  return findShape(penpot, shapeId);
}
