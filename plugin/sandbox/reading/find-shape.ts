import type { Penpot, Shape } from "@penpot/plugin-types";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import type { SourceIdentity } from "../../../shared/protocol/plugin/source.ts";
import { visibleImageFill } from "./image-fill.ts";

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

/**
 * The picture's shape, if its page is the open one (Penpot changes no other) and it still shows that picture.
 * `anyway`: another picture will do, where the shape shows one. Throws `source-changed`.
 */
export function findSource(penpot: Penpot, from: SourceIdentity, anyway: boolean): Shape {
  const fileId = penpot.currentFile?.id;
  if (from.fileId !== undefined && fileId !== undefined && from.fileId !== fileId)
    throw new OverpaintError(
      "source-changed",
      "Another file is open than the one with the picture.",
      "Open the picture's file, then insert again.",
    );
  if (penpot.currentPage?.id !== from.pageId)
    throw new OverpaintError(
      "source-changed",
      "Another page is open than the one with the picture.",
      "Go back to the picture's page, then insert again.",
    );
  const shape = findShape(penpot, from.shapeId);
  if (anyway || visibleImageFill(shape)?.id === from.mediaId) return shape;
  throw new OverpaintError(
    "source-changed",
    `“${shape.name}” shows another picture now than the one this was made from.`,
    "Insert it all the same, or load the picture again.",
  );
}
