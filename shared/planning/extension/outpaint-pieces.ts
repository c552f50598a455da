import type { PixelRect, PixelSize } from "../../protocol/geometry.ts";
import { uniteRects } from "../sizes/unite-rects.ts";

/** A part of the extension that one pass composes. */
export interface OutpaintPiece {
  /** What is drawn: disjoint, outside what is known. */
  readonly fills: readonly PixelRect[];
  /** The smallest rectangle around them. */
  readonly around: PixelRect;
  /** What is known beside it, entirely: the original and what earlier pieces drew. Its border is carried outwards. */
  readonly known: PixelRect;
  /** `known` and what is drawn beside it: contexts stay inside it, so that they show no more unknown ground than they must. */
  readonly bounds: PixelRect;
}

/** One round makes the picture at most this many times as wide and as high, so that nearly half of what it sees is known. */
const GROWTH = 1.5;
/** All sides are drawn at once unless one of them is thinner than this share of the whole, too thin to be composed in, ... */
const THINNEST_SHARE = 1 / 8;
/** ... or the whole is longer than this many times its other side: models see squares best. */
const LONGEST_AT_ONCE = 2;
/** A strip is cut into sections this many times as long as it is wide. */
const SECTION_LENGTH = 3;
/** A piece is drawn over this many latent cells of what earlier pieces drew, and fades into them there, ... */
const OVERLAP_CELLS = 3;
/** ... but over no more than this share of the known ground that its context shows: the rest is what it is drawn by. */
const MAX_OVERLAP_SHARE = 1 / 4;

/**
 * Cuts the extension of `source` to `canvas` into pieces in drawing order, always outwards from what is known: rounds that
 * grow the picture evenly, each drawn at once or strip by strip (left, right, then top and bottom over the full width), long
 * strips in sections, each of which touches what is known before it over the whole of one side.
 *
 * @param nativeSize the model's, in pixels: no section is shorter, and a picture smaller than that grows at once to it
 */
export function outpaintPieces(source: PixelRect, canvas: PixelRect, nativeSize: number): readonly OutpaintPiece[] {
  const rounds = Math.max(
    roundsFor(source.width, canvas.width, nativeSize),
    roundsFor(source.height, canvas.height, nativeSize),
  );
  const pieces: OutpaintPiece[] = [];
  let known = source;
  for (let round = 1; round <= rounds; round += 1) {
    const bounds = grown(source, canvas, round / rounds);
    pieces.push(...roundPieces(known, bounds, nativeSize));
    known = bounds;
  }
  return pieces;
}

function roundsFor(from: number, to: number, nativeSize: number): number {
  return Math.max(1, Math.ceil(Math.log(to / Math.max(from, nativeSize)) / Math.log(GROWTH)));
}

/** The picture after `share` of the rounds: by the same factor every round, the sides in proportion to what they get. */
function grown(source: PixelRect, canvas: PixelRect, share: number): PixelRect {
  const [x, width] = grownLine(source.x, source.width, canvas.x, canvas.width, share);
  const [y, height] = grownLine(source.y, source.height, canvas.y, canvas.height, share);
  return { x, y, width, height };
}

function grownLine(from: number, length: number, start: number, whole: number, share: number): [number, number] {
  if (share === 1 || whole === length) return [start, whole];
  const added = length * (whole / length) ** share - length;
  const before = Math.round(((from - start) * added) / (whole - length));
  const after = Math.round(((start + whole - from - length) * added) / (whole - length));
  return [from - before, before + length + after];
}

function roundPieces(known: PixelRect, bounds: PixelRect, nativeSize: number): OutpaintPiece[] {
  const strips = stripsAround(known, bounds);
  const thinnest = Math.min(...strips.map(({ width, height }) => Math.min(width, height)));
  const longest = Math.max(bounds.width, bounds.height);
  const isCompact = longest <= Math.min(bounds.width, bounds.height) * LONGEST_AT_ONCE;
  if (strips.length > 1 && isCompact && thinnest >= longest * THINNEST_SHARE)
    return [{ fills: strips, around: bounds, known, bounds }];
  const band = { ...known, x: bounds.x, width: bounds.width };
  return strips.flatMap((strip) => stripPieces(strip, strip.y === known.y ? known : band, nativeSize));
}

/** What `bounds` has more than `known`: left and right beside it, top and bottom over the full width. */
export function stripsAround(known: PixelRect, bounds: PixelRect): PixelRect[] {
  const right = known.x + known.width;
  const bottom = known.y + known.height;
  return [
    { x: bounds.x, y: known.y, width: known.x - bounds.x, height: known.height },
    { x: right, y: known.y, width: bounds.x + bounds.width - right, height: known.height },
    { x: bounds.x, y: bounds.y, width: bounds.width, height: known.y - bounds.y },
    { x: bounds.x, y: bottom, width: bounds.width, height: bounds.y + bounds.height - bottom },
  ].filter(({ width, height }) => width > 0 && height > 0);
}

/** Cuts a strip across its longer side: one that leads away from what is known into steps outwards, else along the edge. */
function stripPieces(strip: PixelRect, known: PixelRect, nativeSize: number): OutpaintPiece[] {
  const isBesideKnown = strip.y === known.y; // not above or below it
  const isUpright = strip.height >= strip.width;
  const length = isUpright ? strip.height : strip.width;
  const across = isUpright ? strip.width : strip.height;
  const sections = cuts(length, Math.max(across * SECTION_LENGTH, nativeSize)).map(([start, part]) =>
    isUpright ? { ...strip, y: strip.y + start, height: part } : { ...strip, x: strip.x + start, width: part },
  );
  if (isUpright === isBesideKnown)
    return sections.map((fill) => ({ fills: [fill], around: fill, known, bounds: uniteRects(known, strip) }));
  const isBefore = strip.x < known.x || strip.y < known.y;
  let reached = known;
  return (isBefore ? sections.toReversed() : sections).map((fill) => {
    const beside = reached;
    reached = uniteRects(reached, fill);
    return { fills: [fill], around: fill, known: beside, bounds: reached };
  });
}

/**
 * How far a piece is drawn over what is known around it, in source pixels.
 *
 * @param context what the model sees of the picture to draw the piece
 * @param cell source pixels per latent cell
 */
export function pieceOverlap(
  { fills, around, known, bounds }: OutpaintPiece,
  context: PixelRect,
  cell: number,
): number {
  const [left, right] = common(context.x, context.width, bounds.x, bounds.width);
  const [top, bottom] = common(context.y, context.height, bounds.y, bounds.height);
  const [knownLeft, knownRight] = common(left, right - left, known.x, known.width);
  const [knownTop, knownBottom] = common(top, bottom - top, known.y, known.height);
  const isAside = fills.some(({ x, width }) => x + width <= known.x || x >= known.x + known.width);
  const isAbove = fills.some(({ y, height }) => y + height <= known.y || y >= known.y + known.height);
  const depths = [...(isAside ? [knownRight - knownLeft] : []), ...(isAbove ? [knownBottom - knownTop] : [])];
  const rooms = [
    around.x - left,
    around.y - top,
    right - around.x - around.width,
    bottom - around.y - around.height,
  ].filter((room) => room > 0);
  return Math.floor(Math.min(OVERLAP_CELLS * cell, Math.min(...depths) * MAX_OVERLAP_SHARE, Math.min(...rooms) / 2));
}

/** Start and end of what two stretches share. */
function common(start: number, length: number, other: number, otherLength: number): [start: number, end: number] {
  return [Math.max(start, other), Math.min(start + length, other + otherLength)];
}

/** Cuts a length into as few equal parts as none is longer than `most`: start and length of each. */
export function cuts(length: number, most: number): [start: number, length: number][] {
  const count = Math.ceil(length / most);
  return Array.from({ length: count }, (_, i) => {
    const start = Math.round((i * length) / count);
    return [start, Math.round(((i + 1) * length) / count) - start];
  });
}

/** Which axes of a picture are seen in a mirror. */
export interface Mirror {
  readonly x: boolean;
  readonly y: boolean;
}

/**
 * The mirror in which no more is added at the left than at the right, nor at the top than at the bottom. Planned in it and
 * mirrored back, mirrored requests have mirrored plans, to the pixel and in the same order.
 */
export function mirrorOf({ width, height }: PixelSize, canvas: PixelRect): Mirror {
  return { x: -2 * canvas.x > canvas.width - width, y: -2 * canvas.y > canvas.height - height };
}

/** A rectangle as the mirror shows it, the picture staying in its place. Twice gives it back. */
export function mirrored(rect: PixelRect, { width, height }: PixelSize, { x, y }: Mirror): PixelRect {
  return {
    ...rect,
    x: x ? width - rect.x - rect.width : rect.x,
    y: y ? height - rect.y - rect.height : rect.y,
  };
}
