import type { Penpot, Shape } from "@penpot/plugin-types";
import type { PictureTarget } from "../../../shared/protocol/plugin/selection.ts";

const fillableTypes: ReadonlySet<string> = new Set(["board", "rectangle", "ellipse", "path", "boolean"]);

/** The shape as a place for a new picture; undefined for what has no fills, as groups, or fills of its letters, as text. */
export function describeTarget(penpot: Penpot, shape: Shape): PictureTarget | undefined {
  if (!fillableTypes.has(shape.type)) return undefined;
  const fileId = penpot.currentFile?.id;
  return {
    shapeId: shape.id,
    pageId: penpot.currentPage?.id ?? "",
    ...(fileId !== undefined && { fileId }),
    name: shape.name,
    kind: shape.type === "board" ? "board" : "shape",
    width: shape.width,
    height: shape.height,
  };
}
