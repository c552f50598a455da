import type { Board, Fill, Shape } from "@penpot/plugin-types";
import type { LayerStacking } from "../../../shared/protocol/plugin/messages.ts";
import { contains, overlaps } from "../geometry/boxes.ts";
import type { BoxRect } from "../geometry/image-mapping.ts";
import { keptSource } from "../keeping/origin.ts";
import { resultRow, resultsIn } from "../reading/source-layers.ts";
import { type Container, childrenOf, indexOf, outermost, parentOf } from "../reading/tree.ts";

/** A place among a parent's children, which are counted from the bottom. */
export interface StackPlace {
  readonly parent: Container;
  readonly index: number;
  readonly stacking: LayerStacking;
}

/**
 * Above the source, the layers that it was drawn on, and the unbroken row of earlier results over it, so that the newest one
 * shows; below everything else that lies over the picture.
 */
export function placeAbove(source: Shape, drawnOn: readonly string[]): StackPlace {
  const siblings = resultRow(source);
  const { parent, first } = siblings;
  const results = new Set(resultsIn(siblings, source).map(({ id }) => id));
  const above = siblings.children.slice(first);
  const row = above.findIndex(({ id }) => !results.has(id));
  const lastDrawnOn = above.findLastIndex(({ id }) => drawnOn.includes(id));
  const index = first + Math.max(row === -1 ? above.length : row, lastDrawnOn + 1);
  return { parent, index, stacking: index === first ? "above-source" : "above-results" };
}

/**
 * Behind the source, and behind all that lies beneath it in the same board and would be covered by a layer over `area`
 * (page units), headlines for example. What covers the area itself is its ground, and stays beneath the layer; so do
 * extensions that were made before.
 *
 * Groups around the source that mask their content would cut the layer to the picture's outline: it goes beneath them.
 */
export function placeBehind(source: Shape, area: BoxRect): StackPlace {
  let anchor = outermost(source, (parent) => parent.type === "boolean" || isMask(parent));
  let place: StackPlace = { parent: parentOf(anchor), index: indexOf(anchor), stacking: "behind-source" };
  for (;;) {
    const parent = parentOf(anchor);
    const children = childrenOf(parent);
    const shown = clippedBy(parent, area);
    for (let index = indexOf(anchor) - 1; index >= 0; index -= 1) {
      const below = children[index] as Shape; // the index counts down from one of the children
      if (isGround(below, shown) || keptSource(below) === source.id) return place;
      if (overlaps(below.bounds, shown)) place = { parent, index, stacking: "behind-others" };
    }
    if (parent.type === "board") return place;
    anchor = parent;
  }
}

/** Beneath all that stands on the board, above its grounds. */
export function placeOnGround(board: Board): Pick<StackPlace, "parent" | "index"> {
  const children = childrenOf(board);
  const first = children.findIndex((child) => !isGround(child, board.bounds));
  return { parent: board, index: first === -1 ? children.length : first };
}

/** Whether nothing beneath the shape shows in the area. */
function isGround(shape: Shape, area: BoxRect): boolean {
  if (shape.hidden || (shape.opacity ?? 1) < 1 || !contains(shape.bounds, area)) return false;
  if (shape.type === "group") return !isMask(shape) && shape.children.some((child) => isGround(child, area));
  const isPlainBox = (shape.type === "rectangle" || shape.type === "board") && shape.rotation % 90 === 0;
  return isPlainBox && Array.isArray(shape.fills) && shape.fills.some(isOpaque);
}

function isOpaque({ fillColor, fillImage, fillColorGradient, fillOpacity }: Fill): boolean {
  if ((fillOpacity ?? 1) < 1) return false;
  if (fillColorGradient) return fillColorGradient.stops.every(({ opacity }) => (opacity ?? 1) === 1);
  return fillColor !== undefined || fillImage !== undefined;
}

/** What of the area shows in the parent. The page's root clips nothing. */
function clippedBy(parent: Container, area: BoxRect): BoxRect {
  if (parent.type !== "board" || !parent.parent || !parent.clipContent) return area;
  const { bounds } = parent;
  const x = Math.max(area.x, bounds.x);
  const y = Math.max(area.y, bounds.y);
  const width = Math.max(0, Math.min(area.x + area.width, bounds.x + bounds.width) - x);
  return { x, y, width, height: Math.max(0, Math.min(area.y + area.height, bounds.y + bounds.height) - y) };
}

function isMask(shape: Shape): boolean {
  return shape.type === "group" && shape.isMask();
}
