import type { PixelRect } from "../../protocol/geometry.ts";
import type { MaskHole, MaskPart } from "../../protocol/mask-shape.ts";
import { uniteRects } from "../sizes/unite-rects.ts";
import { RectIndex } from "./rect-index.ts";

/** A stroke is cut where a piece of it shows this much more detail than the whole. */
const CUTTING_GAIN = 1.25;
/** A hole that fills this share of its rectangle is no line: cut up, it would take more runs than it is worth. */
const SOLID_SHARE = 0.25;
/** Widths differ in kind when one is this many times the other: masks that suit one do not suit the other ... */
const ALIKE_FACTOR = 2;
/** ... unless both are hardly wider than what masks reach around anything, in pixels. */
const ALIKE_BELOW = 16;
/** Side of the smallest squares whose holes are tried together, in pixels. */
const SMALLEST_SQUARE = 32;

/** What drawing everything inside one rectangle would take. */
export interface HolesCost {
  /** Working pixels evaluated, over all steps. */
  readonly work: number;
  /** Working pixels per source pixel along a side, at most 1. */
  readonly detail: number;
  /** Source pixels along the longer side of what a run of that work sees at that detail. */
  readonly span: number;
}

export interface GroupingOptions {
  /** Whether long thin strokes may be drawn in pieces: not where something new is to go through all of them. */
  readonly mayCut: boolean;
  readonly costOf: (painted: PixelRect) => HolesCost;
}

interface Group extends MaskPart, HolesCost {
  /** Counts up: ties go to what was there first. */
  readonly id: number;
}

/**
 * Decides which holes are drawn together: those whose rectangles overlap, and those where one run takes no more work than
 * several and shows each of them in no less detail. However many there are, what lies far away changes nothing.
 *
 * First squares of growing size are tried, each as a whole; then pairs of what is left, the ones that save most first.
 * Takes n log n evaluations of the cost for n holes spread over a picture. Deterministic; the rectangles that come back are
 * disjoint and in reading order.
 */
export function groupHoles(holes: readonly MaskHole[], { mayCut, costOf }: GroupingOptions): readonly MaskPart[] {
  const parts = holes.flatMap((hole) => (mayCut ? cutWhereThin(hole, costOf) : [hole]));
  const grouping = new Grouping(disjoint(parts), costOf);
  grouping.joinInSquares();
  grouping.joinPairs();
  return grouping.groups
    .map(({ bounds, strokeWidth, area }) => ({ bounds, strokeWidth, area }))
    .toSorted((a, b) => a.bounds.y - b.bounds.y || a.bounds.x - b.bounds.x);
}

/** A long stroke in pieces, where those show more than the whole or are of another width. */
function cutWhereThin(hole: MaskHole, costOf: (painted: PixelRect) => HolesCost): readonly MaskPart[] {
  const { bounds, area, pieces } = hole;
  if (area >= SOLID_SHARE * bounds.width * bounds.height) return [hole];
  const { detail } = costOf(bounds);
  const isWorthwhile = pieces.some(
    (piece) => costOf(piece.bounds).detail >= CUTTING_GAIN * detail || !areAlike([hole, piece]),
  );
  return isWorthwhile ? pieces : [hole];
}

/** Unites what overlaps until nothing does. */
function disjoint(parts: readonly MaskPart[]): readonly MaskPart[] {
  const index = new RectIndex<MaskPart>();
  const kept = new Set<MaskPart>();
  for (const part of parts) {
    let whole = part;
    for (let hits = index.overlapping(whole.bounds); hits.length > 0; hits = index.overlapping(whole.bounds)) {
      for (const hit of hits) {
        index.remove(hit);
        kept.delete(hit);
      }
      whole = [whole, ...hits].reduce(uniteParts);
    }
    index.add(whole);
    kept.add(whole);
  }
  return [...kept];
}

/** Groups that become fewer. */
class Grouping {
  readonly #costOf: (painted: PixelRect) => HolesCost;
  readonly #index = new RectIndex<Group>();
  readonly #groups = new Set<Group>();
  #made = 0;

  constructor(parts: readonly MaskPart[], costOf: (painted: PixelRect) => HolesCost) {
    this.#costOf = costOf;
    for (const part of parts) this.#add(part, costOf(part.bounds));
  }

  get groups(): readonly Group[] {
    return [...this.#groups];
  }

  /** Joins all groups of a square at once, for squares of twice the side each time: thousands become few without being paired. */
  joinInSquares(): void {
    const widest = this.groups.reduce((most, { span }) => Math.max(most, span), 0);
    for (let side = SMALLEST_SQUARE; side <= widest; side *= 2) {
      const squares = new Map<string, Group[]>();
      for (const group of this.#groups) {
        const { x, y, width, height } = group.bounds;
        const square = `${Math.floor((x + width / 2) / side)} ${Math.floor((y + height / 2) / side)}`;
        const members = squares.get(square);
        if (members === undefined) squares.set(square, [group]);
        else members.push(group);
      }
      for (const square of squares.values()) {
        const alive = square.filter((group) => this.#groups.has(group));
        if (alive.length > 1) this.#join(alive);
      }
    }
  }

  /** Joins pairs, the ones that save most first, until all that are left are better drawn apart. */
  joinPairs(): void {
    for (let fresh = this.groups; fresh.length > 0; ) {
      const pairs = fresh.flatMap((first) =>
        this.#near(first).map((second) => ({ first, second, saved: this.#together([first, second]).saved })),
      );
      pairs.sort(
        (a, b) => b.saved - a.saved || a.first.id - b.first.id || a.second.id - b.second.id, // ids differ
      );
      fresh = pairs
        .flatMap(({ first, second, saved }) => {
          if (saved < 0 || !this.#groups.has(first) || !this.#groups.has(second)) return [];
          const joined = this.#join([first, second]);
          return joined ? [joined] : [];
        })
        .filter((group) => this.#groups.has(group));
    }
  }

  /** What one run around `group` could see as well. */
  #near(group: Group): readonly Group[] {
    const { bounds, span } = group;
    const { x, y, width, height } = bounds;
    const reach = Math.ceil(span);
    const around = { x: x - reach, y: y - reach, width: width + 2 * reach, height: height + 2 * reach };
    return this.#index.overlapping(around).filter((other) => other !== group);
  }

  /** Draws the groups, and all their union overlaps, together, where that costs nothing: neither work nor detail. */
  #join(groups: readonly Group[]): Group | undefined {
    const members = new Set(groups);
    let { whole, cost, saved } = this.#together(groups);
    if (saved < 0) return undefined;
    for (let count = 0; count < members.size; ) {
      count = members.size;
      for (const other of this.#index.overlapping(whole.bounds)) members.add(other);
      if (members.size > count) ({ whole, cost, saved } = this.#together([...members]));
      if (saved < 0) return undefined;
    }
    for (const member of members) {
      this.#groups.delete(member);
      this.#index.remove(member);
    }
    return this.#add(whole, cost);
  }

  /** One run for all; `saved` is below 0 where it would cost more work or detail, or give them masks that do not suit. */
  #together(groups: readonly Group[]): { readonly whole: MaskPart; readonly cost: HolesCost; readonly saved: number } {
    const whole = groups.reduce<MaskPart | undefined>((sum, part) => (sum ? uniteParts(sum, part) : part), undefined);
    if (whole === undefined) throw new Error("Nothing to draw together.");
    const cost = this.#costOf(whole.bounds);
    const isAsFine = groups.every(({ detail }) => detail <= cost.detail);
    const saved = groups.reduce((sum, { work }) => sum + work, 0) - cost.work;
    return { whole, cost, saved: isAsFine && areAlike(groups) ? saved : Number.NEGATIVE_INFINITY };
  }

  #add({ bounds, strokeWidth, area }: MaskPart, cost: HolesCost): Group {
    const group = { bounds, strokeWidth, area, ...cost, id: this.#made };
    this.#made += 1;
    this.#groups.add(group);
    this.#index.add(group);
    return group;
  }
}

/** Whether masks of one reach suit all of them. */
function areAlike(parts: readonly MaskPart[]): boolean {
  let [least, most] = [Number.POSITIVE_INFINITY, 0];
  for (const { strokeWidth } of parts) {
    least = Math.min(least, strokeWidth);
    most = Math.max(most, strokeWidth);
  }
  return most <= ALIKE_FACTOR * Math.max(least, ALIKE_BELOW);
}

function uniteParts(a: MaskPart, b: MaskPart): MaskPart {
  return {
    bounds: uniteRects(a.bounds, b.bounds),
    strokeWidth: Math.max(a.strokeWidth, b.strokeWidth),
    area: a.area + b.area,
  };
}
