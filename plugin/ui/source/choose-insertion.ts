import type { PixelRect } from "../../../shared/protocol/geometry.ts";
import type { Outline } from "../../../shared/protocol/plugin/outline.ts";
import type { SelectedImage } from "../../../shared/protocol/plugin/selection.ts";
import { fillPolygons } from "../masks/shapes/fill-polygons.ts";
import { flattenOutline } from "../masks/shapes/flatten-outline.ts";

/**
 * How a layer of a part of the picture comes into the document. "part": as it is, a rectangle. "outlined": padded to the whole
 * picture (`padLayer`) and placed as "whole", where the sandbox gives it the source's own outline. "picture": merged into a new
 * picture (`mergeResult`) that takes the old one's place, and why.
 */
export type Insertion =
  | { readonly type: "part" | "outlined" }
  | { readonly type: "picture"; readonly because: "look" | "stroke" | "transparency" };

export type InsertionFacts = Pick<SelectedImage, "insertion" | "outline" | "rim" | "visible">;

/**
 * The way in which the layer looks like the picture around it.
 *
 * @param layer its place, in pixels of the source
 * @param erases whether it is more transparent than the picture (`EditResult.erases`)
 */
export function chooseInsertion(source: InsertionFacts, layer: PixelRect, erases: boolean): Insertion {
  if (erases) return { type: "picture", because: "transparency" };
  if (source.insertion === "picture") return { type: "picture", because: "look" };
  const { outline, rim } = source;
  if (outline === undefined)
    return rim > 0 && !isInside(layer, source.visible, rim) ? { type: "picture", because: "stroke" } : { type: "part" };
  const reach = { x: layer.x - rim, y: layer.y - rim, width: layer.width + 2 * rim, height: layer.height + 2 * rim };
  if (isCovered(outline, reach)) return { type: "part" };
  return rim > 0 ? { type: "picture", because: "stroke" } : { type: "outlined" };
}

function isInside(inner: PixelRect, outer: PixelRect, rim: number): boolean {
  return (
    inner.x >= outer.x + rim &&
    inner.y >= outer.y + rim &&
    inner.x + inner.width <= outer.x + outer.width - rim &&
    inner.y + inner.height <= outer.y + outer.height - rim
  );
}

/** Whether the outline encloses the whole rectangle. */
function isCovered(outline: Outline, area: PixelRect): boolean {
  const polygons = flattenOutline(outline);
  // Only rows and columns at the rectangle's border need a look, and its inside where a hole could be.
  const holds = polygons.some((polygon) =>
    polygon.some(({ x, y }) => x > area.x && x < area.x + area.width && y > area.y && y < area.y + area.height),
  );
  if (holds) return false;
  const edges = [
    { ...area, height: 1 },
    { ...area, y: area.y + area.height - 1, height: 1 },
    { ...area, width: 1 },
    { ...area, x: area.x + area.width - 1, width: 1 },
  ];
  return edges.every((edge) => fillPolygons(polygons, outline.fillRule, edge).every((value) => value === 255));
}
