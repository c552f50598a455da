import type { PixelRect } from "../../../shared/protocol/geometry.ts";
import { TILE_SHIFT, TILE_SIDE, type Tile, type TileChanges, type TiledMask } from "./tiled-mask.ts";

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface StrokeOptions {
  readonly mode: "paint" | "erase";
  /** In image pixels. */
  readonly radius: number;
  /** Nothing outside is touched: the part of the picture that shows. */
  readonly clip: PixelRect;
  readonly tip?: BrushTip;
}

/** How a brush covers what it touches. */
export interface BrushTip {
  /** Share of the radius that is covered in full, 0 to 1; from there to the rim it fades. */
  readonly hardness: number;
  /** How much it covers, above 0 to 1; strokes over each other add nothing. */
  readonly opacity: number;
}

const HARD_TIP: BrushTip = { hardness: 1, opacity: 1 };

/** One stroke of a round brush, from the first touch to the last. Draws straight into the mask. */
export class MaskStroke {
  readonly #mask: TiledMask;
  readonly #options: StrokeOptions;
  readonly #before = new Map<number, Tile | undefined>();

  constructor(mask: TiledMask, options: StrokeOptions) {
    this.#mask = mask;
    this.#options = options;
  }

  /**
   * Covers every pixel whose centre lies within the radius of the line from `from` to `to`, and every pixel that the line
   * itself crosses: the finest brush may pass between the centres. Returns the rectangle that may have changed, in image
   * pixels, or undefined when it lies outside.
   */
  drawLine(from: Point, to: Point): PixelRect | undefined {
    const { radius, clip, tip = HARD_TIP } = this.#options;
    if (tip.hardness < 1) return this.#drawSoftLine(from, to, tip);
    // The centre of a crossed pixel may lie this far from the line.
    const reach = Math.max(radius, Math.SQRT1_2);
    const top = Math.max(clip.y, Math.ceil(Math.min(from.y, to.y) - reach - 0.5));
    const bottom = Math.min(clip.y + clip.height - 1, Math.floor(Math.max(from.y, to.y) + reach - 0.5));
    let left = Number.POSITIVE_INFINITY;
    let right = Number.NEGATIVE_INFINITY;
    for (let y = top; y <= bottom; y++) {
      const around = capsuleSpan(from, to, radius, y + 0.5);
      const crossed = crossedPixels(from, to, y);
      const start = Math.max(clip.x, Math.min(crossed.first, around ? Math.ceil(around.left - 0.5) : crossed.first));
      const end = Math.min(
        clip.x + clip.width - 1,
        Math.max(crossed.last, around ? Math.floor(around.right - 0.5) : crossed.last),
      );
      if (start > end) continue;
      this.#fillRow(y, start, end);
      left = Math.min(left, start);
      right = Math.max(right, end);
    }
    if (left > right) return undefined;
    return { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
  }

  /** Drops tiles without paint and returns what changed, for the history. */
  finish(): TileChanges {
    const changes = new Map<number, { before: Tile | undefined; after: Tile | undefined }>();
    for (const [index, before] of this.#before) {
      const drawn = this.#mask.tiles[index];
      const after = drawn?.every((pixel) => pixel === 0) ? undefined : drawn;
      this.#mask.setTile(index, after);
      changes.set(index, { before, after });
    }
    return changes;
  }

  /** Takes the stroke back, as if it had never begun. */
  cancel(): void {
    for (const [index, before] of this.#before) this.#mask.setTile(index, before);
    this.#before.clear();
  }

  #fillRow(y: number, start: number, end: number): void {
    const { mode, tip = HARD_TIP } = this.#options;
    const value = Math.round(255 * tip.opacity);
    const isPaint = mode === "paint";
    const rowInTile = (y & (TILE_SIDE - 1)) << TILE_SHIFT;
    const firstOfRow = (y >> TILE_SHIFT) * this.#mask.columns;
    for (let column = start >> TILE_SHIFT; column <= end >> TILE_SHIFT; column++) {
      const tile = this.#writableTile(firstOfRow + column);
      if (tile === undefined) continue;
      const tileLeft = column << TILE_SHIFT;
      const from = Math.max(start, tileLeft) - tileLeft;
      const to = Math.min(end, tileLeft + TILE_SIDE - 1) - tileLeft;
      const first = rowInTile + from;
      const last = rowInTile + to + 1;
      if (value === 255) tile.fill(isPaint ? 255 : 0, first, last);
      else for (let i = first; i < last; i++) cover(tile, i, value, isPaint);
    }
  }

  /** A line whose cover fades to the rim: the distance of each pixel's centre to the line tells how much. */
  #drawSoftLine(from: Point, to: Point, tip: BrushTip): PixelRect | undefined {
    const { radius, clip, mode } = this.#options;
    const left = Math.max(clip.x, Math.floor(Math.min(from.x, to.x) - radius));
    const right = Math.min(clip.x + clip.width, Math.ceil(Math.max(from.x, to.x) + radius));
    const top = Math.max(clip.y, Math.floor(Math.min(from.y, to.y) - radius));
    const bottom = Math.min(clip.y + clip.height, Math.ceil(Math.max(from.y, to.y) + radius));
    if (left >= right || top >= bottom) return undefined;
    const core = radius * tip.hardness;
    const [dx, dy] = [to.x - from.x, to.y - from.y];
    const squared = dx * dx + dy * dy;
    for (let y = top; y < bottom; y++) {
      const rowInTile = (y & (TILE_SIDE - 1)) << TILE_SHIFT;
      const firstOfRow = (y >> TILE_SHIFT) * this.#mask.columns;
      const py = y + 0.5 - from.y;
      for (let column = left >> TILE_SHIFT; column <= (right - 1) >> TILE_SHIFT; column++) {
        const tileLeft = column << TILE_SHIFT;
        const tile = this.#writableTile(firstOfRow + column);
        if (tile === undefined) continue;
        const end = Math.min(right, tileLeft + TILE_SIDE);
        for (let x = Math.max(left, tileLeft); x < end; x++) {
          const px = x + 0.5 - from.x;
          const along = squared === 0 ? 0 : Math.min(1, Math.max(0, (px * dx + py * dy) / squared));
          const distance = Math.hypot(px - along * dx, py - along * dy);
          if (distance >= radius) continue;
          const t = distance <= core ? 1 : (radius - distance) / (radius - core);
          const value = Math.round(255 * tip.opacity * t * t * (3 - 2 * t));
          cover(tile, rowInTile + x - tileLeft, value, mode === "paint");
        }
      }
    }
    return { x: left, y: top, width: right - left, height: bottom - top };
  }

  /** The tile as this stroke may change it; undefined where there is nothing to erase. */
  #writableTile(index: number): Tile | undefined {
    const current = this.#mask.tiles[index];
    if (this.#before.has(index)) return current;
    if (current === undefined && this.#options.mode === "erase") return undefined;
    this.#before.set(index, current);
    const copy = current === undefined ? new Uint8Array(TILE_SIDE * TILE_SIDE) : current.slice();
    this.#mask.setTile(index, copy);
    return copy;
  }
}

/** Paints up to a value, or erases down to what it leaves. */
function cover(tile: Tile, at: number, value: number, isPaint: boolean): void {
  tile[at] = isPaint ? Math.max(tile[at]!, value) : Math.min(tile[at]!, 255 - value);
}

/** The pixels of row `y` that the line crosses; first is greater than last where there are none. */
function crossedPixels(from: Point, to: Point, y: number): { readonly first: number; readonly last: number } {
  const [upper, lower] = from.y <= to.y ? [from, to] : [to, from];
  if (upper.y >= y + 1 || lower.y < y) return { first: Number.POSITIVE_INFINITY, last: Number.NEGATIVE_INFINITY };
  const across = (at: number) => upper.x + ((at - upper.y) / (lower.y - upper.y)) * (lower.x - upper.x);
  const entry = upper.y >= y ? upper.x : across(y);
  const exit = lower.y < y + 1 ? lower.x : across(y + 1);
  return { first: Math.floor(Math.min(entry, exit)), last: Math.floor(Math.max(entry, exit)) };
}

/**
 * Where the horizontal line at `y` crosses a capsule (two discs and the band between them). A capsule is convex, so it is
 * one span: the outermost of the crossings with both discs and with both long edges.
 */
function capsuleSpan(
  from: Point,
  to: Point,
  radius: number,
  y: number,
): { readonly left: number; readonly right: number } | undefined {
  let left = Number.POSITIVE_INFINITY;
  let right = Number.NEGATIVE_INFINITY;
  for (const centre of [from, to]) {
    const half = Math.sqrt(radius * radius - (y - centre.y) ** 2);
    if (Number.isNaN(half)) continue;
    left = Math.min(left, centre.x - half);
    right = Math.max(right, centre.x + half);
  }
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  if (length > 0) {
    // The edges run along the segment, one radius to either side of it.
    const normal = { x: (-(to.y - from.y) / length) * radius, y: ((to.x - from.x) / length) * radius };
    for (const side of [1, -1]) {
      const start = { x: from.x + side * normal.x, y: from.y + side * normal.y };
      const end = { x: to.x + side * normal.x, y: to.y + side * normal.y };
      if (start.y === end.y || (y - start.y) * (y - end.y) > 0) continue;
      const x = start.x + ((y - start.y) / (end.y - start.y)) * (end.x - start.x);
      left = Math.min(left, x);
      right = Math.max(right, x);
    }
  }
  return left > right ? undefined : { left, right };
}
