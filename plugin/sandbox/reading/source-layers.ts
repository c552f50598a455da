import type { ImageData, Penpot, Shape } from "@penpot/plugin-types";
import { multiply } from "../../../shared/protocol/plugin/matrix.ts";
import type { Matrix } from "../../../shared/protocol/plugin/outline.ts";
import type { NamedShape } from "../../../shared/protocol/plugin/selection.ts";
import type { SourceLayer } from "../../../shared/protocol/plugin/source.ts";
import { overlaps } from "../geometry/boxes.ts";
import { isPlainBox, outlineOf } from "../geometry/outline-of.ts";
import { pixelsToPage } from "../geometry/picture-matrix.ts";
import { isMade, keptSource, keptSourceMedia } from "../keeping/origin.ts";
import { findVisibleImage } from "./image-fill.ts";
import { type Container, childrenOf, indexOf, outermost, parentOf } from "./tree.ts";

/** A layer as `SourceLayer`, with its picture still to be read. */
export interface UnreadLayer extends Omit<SourceLayer, "bytes" | "mime"> {
  readonly shape: Shape;
  readonly media: ImageData;
}

/** Where results of a source stand: above `children[first - 1]`, in the same parent. */
export interface ResultRow {
  readonly parent: Container;
  /** The parent's, from bottom to top. Penpot makes an object for each at every look: one look has to do. */
  readonly children: readonly Shape[];
  readonly first: number;
}

/** Above the source; a board's own picture lies under its children, and parts of a boolean cannot be parted. */
export function resultRow(source: Shape): ResultRow {
  if (source.type === "board") return { parent: source, children: childrenOf(source), first: 0 };
  const sibling = outermost(source, (parent) => parent.type === "boolean");
  const parent = parentOf(sibling);
  const children = childrenOf(parent);
  return { parent, children, first: children.findIndex(({ id }) => id === sibling.id) + 1 };
}

/**
 * What Overpaint has laid over the source, hidden or not, from bottom to top. Over an extension lies the picture that it
 * extends: the two are one, and so is what was made from either.
 */
export function resultsOver(source: Shape): Shape[] {
  return resultsIn(resultRow(source), source);
}

export function resultsIn({ children, first }: ResultRow, source: Shape): Shape[] {
  const extensions = children.slice(0, first).filter((shape) => isMade(shape) && isMadeFrom(shape, source));
  const made = new Set([source, ...extensions].map(({ id }) => id));
  const origins = [source, ...extensions];
  const mayExtend = isMade(source);
  const { bounds } = source;
  // On a page of thousands of shapes, the cheapest question comes first.
  return children.slice(first).filter((shape) => {
    const isResult =
      isMade(shape) && (made.has(keptSource(shape) ?? "") || origins.some((each) => isMadeFrom(shape, each)));
    const isExtended = mayExtend && isMadeFrom(source, shape);
    if ((!isResult && !isExtended) || !overlaps(shape.bounds, bounds)) return false;
    // What was made from a result belongs to the picture as well.
    made.add(shape.id);
    if (isExtended) origins.push(shape);
    return true;
  });
}

/** Copies of a source have other ids, but show the same picture. */
function isMadeFrom(layer: Shape, source: Shape): boolean {
  if (keptSource(layer) === source.id) return true;
  const mediaId = findVisibleImage(source)?.image.id;
  return mediaId !== undefined && keptSourceMedia(layer) === mediaId;
}

/** The visible ones, as they lie on the source's pixels. */
export function unreadLayers(penpot: Penpot, source: Shape, toPixels: Matrix): UnreadLayer[] {
  return resultsOver(source).flatMap((shape) => {
    const fill = findVisibleImage(shape);
    if (shape.hidden || fill === undefined) return [];
    const { image: media, opacity: fillOpacity } = fill;
    const keepsAspectRatio = media.keepAspectRatio === true;
    const toPage = pixelsToPage(penpot, shape, { image: media, keepsAspectRatio });
    const own = multiply(toPixels, toPage);
    const outline = isPlainBox(shape) && !keepsAspectRatio ? undefined : outlineOf(penpot, shape);
    return {
      shape,
      media,
      shapeId: shape.id,
      name: shape.name,
      matrix: multiply(own, [media.width, 0, 0, media.height, 0, 0]),
      ...(outline && {
        outline: { d: outline.d, fillRule: outline.fillRule, matrix: multiply(toPixels, outline.toPage) },
      }),
      opacity: (shape.opacity ?? 1) * fillOpacity,
      blendMode: shape.blendMode ?? "normal",
    };
  });
}

/** Visible shapes in the same board that lie over the source and were not made by Overpaint, from bottom to top. */
export function othersOver(source: Shape): NamedShape[] {
  const results = new Set(resultsOver(source).map(({ id }) => id));
  const over = (parent: Container, first: number) =>
    childrenOf(parent)
      .slice(first)
      .filter((shape) => !shape.hidden && !results.has(shape.id) && overlaps(shape.bounds, source.bounds));
  if (source.type === "board") return over(source, 0).map(named);
  const found: Shape[] = [];
  for (let inner: Shape = source; inner.parent; inner = inner.parent) {
    found.push(...over(parentOf(inner), indexOf(inner) + 1));
    if (inner.parent.type === "board") break;
  }
  return found.map(named);
}

export function named({ id, name }: Shape): NamedShape {
  return { shapeId: id, name };
}
