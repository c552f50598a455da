import type { Board, Fill, Group, Shape } from "@penpot/plugin-types";
import type { LayerStacking } from "../../../shared/protocol/plugin-messages.ts";
import type { Recipe } from "../../../shared/protocol/recipe.ts";
import type { BoxRect } from "../geometry/image-mapping.ts";
import { keptRecipe, keptSource } from "../keeping/keep-recipe.ts";

/** A place among a parent's children, which are counted from the bottom. */
export interface StackPlace {
  readonly parent: Board | Group;
  readonly index: number;
  readonly stacking: LayerStacking;
}

/**
 * Above the source and the unbroken row of earlier results over it, so that the newest one shows; below everything else
 * that lies over the picture.
 */
export function placeAbove(source: Shape, recipe: Recipe): StackPlace {
  const isBoard = source.type === "board";
  const sibling = outermost(source, (parent) => parent.type === "boolean");
  // A board's picture lies under its children.
  const parent = isBoard ? source : parentOf(sibling);
  const first = isBoard ? 0 : indexOf(sibling) + 1;
  const made = new Set([source.id]);
  let index = first;
  for (const above of parent.children.slice(first)) {
    if (!isResultOf(above, made, recipe) || !overlaps(above.bounds, source.bounds)) break;
    // What was made from a result belongs to the picture as well.
    made.add(above.id);
    index += 1;
  }
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
    const shown = clippedBy(parent, area);
    for (let index = indexOf(anchor) - 1; index >= 0; index -= 1) {
      const below = parent.children[index] as Shape; // the index counts down from one of the children
      if (isGround(below, shown) || keptSource(below) === source.id) return place;
      if (overlaps(below.bounds, shown)) place = { parent, index, stacking: "behind-others" };
    }
    if (parent.type === "board") return place;
    anchor = parent;
  }
}

/** Whether a shape is a result of one of the sources; copies of both have other ids, but their picture is the same. */
function isResultOf(shape: Shape, sources: ReadonlySet<string>, { inputs }: Recipe): boolean {
  const recipe = keptRecipe(shape);
  if (recipe === undefined) return false;
  if (sources.has(keptSource(shape) ?? "")) return true;
  return inputs.image !== undefined && recipe.inputs.image === inputs.image;
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
function clippedBy(parent: Board | Group, area: BoxRect): BoxRect {
  if (parent.type !== "board" || !parent.parent || !parent.clipContent) return area;
  const { bounds } = parent;
  const x = Math.max(area.x, bounds.x);
  const y = Math.max(area.y, bounds.y);
  const width = Math.max(0, Math.min(area.x + area.width, bounds.x + bounds.width) - x);
  return { x, y, width, height: Math.max(0, Math.min(area.y + area.height, bounds.y + bounds.height) - y) };
}

/** Rounding of positions on their way through Penpot, in page units. */
const POSITION_NOISE = 0.01;

function overlaps(a: BoxRect, b: BoxRect): boolean {
  const meets = (from: number, length: number, otherFrom: number, otherLength: number) =>
    Math.min(from + length, otherFrom + otherLength) - Math.max(from, otherFrom) > POSITION_NOISE;
  return meets(a.x, a.width, b.x, b.width) && meets(a.y, a.height, b.y, b.height);
}

function contains(outer: BoxRect, inner: BoxRect): boolean {
  const holds = (from: number, length: number, innerFrom: number, innerLength: number) =>
    from <= innerFrom + POSITION_NOISE && from + length >= innerFrom + innerLength - POSITION_NOISE;
  return holds(outer.x, outer.width, inner.x, inner.width) && holds(outer.y, outer.height, inner.y, inner.height);
}

/** The outermost of the shape and its parents, within its board, whose own parent `matches`. */
function outermost(shape: Shape, matches: (parent: Shape) => boolean): Shape {
  let found = shape;
  for (let inner = shape; inner.parent && inner.parent.type !== "board"; inner = inner.parent)
    if (matches(inner.parent)) found = inner.parent;
  return found;
}

function isMask(shape: Shape): boolean {
  return shape.type === "group" && shape.isMask();
}

function parentOf(shape: Shape): Board | Group {
  const parent = shape.parent as Board | Group | null;
  if (!parent) throw new Error("the source has no parent");
  return parent;
}

function indexOf(shape: Shape): number {
  return parentOf(shape).children.findIndex(({ id }) => id === shape.id);
}
