import type { PixelRect } from "../protocol/geometry.ts";

/** A part of the extension that one pass composes. */
export interface OutpaintPiece {
  /** What is drawn: disjoint, outside what is known. */
  readonly fills: readonly PixelRect[];
  /** The smallest rectangle around them. */
  readonly around: PixelRect;
  /** What was known before the pieces of this round: its border is carried outwards. */
  readonly known: PixelRect;
  /** What is known once the pieces of this round are drawn: contexts stay inside it. */
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

/**
 * Cuts the extension of `source` to `canvas` into pieces in drawing order: rounds that grow the picture evenly, each drawn
 * at once or strip by strip (left, right, then top and bottom over the full width), long strips in sections.
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
  return strips
    .flatMap((strip) => sections(strip, nativeSize))
    .map((fill) => ({ fills: [fill], around: fill, known, bounds }));
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

function sections(strip: PixelRect, nativeSize: number): PixelRect[] {
  const isUpright = strip.height >= strip.width;
  const length = isUpright ? strip.height : strip.width;
  const across = isUpright ? strip.width : strip.height;
  return cuts(length, Math.max(across * SECTION_LENGTH, nativeSize)).map(([start, part]) =>
    isUpright ? { ...strip, y: strip.y + start, height: part } : { ...strip, x: strip.x + start, width: part },
  );
}

/** Cuts a length into as few equal parts as none is longer than `most`: start and length of each. */
export function cuts(length: number, most: number): [start: number, length: number][] {
  const count = Math.ceil(length / most);
  return Array.from({ length: count }, (_, i) => {
    const start = Math.round((i * length) / count);
    return [start, Math.round(((i + 1) * length) / count) - start];
  });
}
