import type { PixelRect } from "../protocol/geometry.ts";
import { uniteRects } from "./unite-rects.ts";

/** More separate holes than this are a texture: they are drawn together. */
const MAX_HOLES = 48;
/** Drawing holes together may cost this share of the detail, and no more. */
const LEAST_DETAIL = 0.8;

/** What drawing everything inside one rectangle would take. */
export interface HolesCost {
  /** Working pixels evaluated, over all steps. */
  readonly work: number;
  /** Working pixels per source pixel along a side, at most 1. */
  readonly detail: number;
}

/**
 * Decides which holes are drawn together: those that touch, and those where one run costs no more than two and shows as
 * much. Deterministic; the rectangles that come back are disjoint.
 *
 * @param reach how far the masks reach beyond a hole, in pixels
 */
export function groupHoles(
  holes: readonly PixelRect[],
  reach: number,
  costOf: (painted: PixelRect) => HolesCost,
): readonly PixelRect[] {
  if (holes.length > MAX_HOLES) return [holes.reduce(uniteRects)];
  let groups = joinTouching(holes, reach);
  for (;;) {
    const pair = bestPair(groups, costOf);
    if (pair === undefined) return groups;
    groups = joinTouching([uniteRects(pair[0], pair[1]), ...groups.filter((group) => !pair.includes(group))], reach);
  }
}

/** Joins rectangles until none comes within `reach` of another's reach. */
function joinTouching(rects: readonly PixelRect[], reach: number): readonly PixelRect[] {
  const joined: PixelRect[] = [];
  for (const rect of rects) {
    let whole = rect;
    for (let i = joined.findIndex((other) => isNear(whole, other, 2 * reach)); i >= 0; ) {
      whole = uniteRects(whole, joined[i] as PixelRect);
      joined.splice(i, 1);
      i = joined.findIndex((other) => isNear(whole, other, 2 * reach));
    }
    joined.push(whole);
  }
  return joined;
}

/** The pair whose joint run saves most work, or undefined when every pair is better drawn apart. */
function bestPair(
  groups: readonly PixelRect[],
  costOf: (painted: PixelRect) => HolesCost,
): readonly [PixelRect, PixelRect] | undefined {
  const costs = groups.map(costOf);
  let best: readonly [PixelRect, PixelRect] | undefined;
  let most = Number.NEGATIVE_INFINITY;
  for (const [i, first] of groups.entries()) {
    for (const [j, second] of groups.entries()) {
      if (j <= i) continue;
      const [a, b] = [costs[i] as HolesCost, costs[j] as HolesCost];
      const together = costOf(uniteRects(first, second));
      const saved = a.work + b.work - together.work;
      if (saved < 0 || saved <= most || together.detail < LEAST_DETAIL * Math.min(a.detail, b.detail)) continue;
      most = saved;
      best = [first, second];
    }
  }
  return best;
}

function isNear(a: PixelRect, b: PixelRect, gap: number): boolean {
  return (
    a.x - gap < b.x + b.width && b.x - gap < a.x + a.width && a.y - gap < b.y + b.height && b.y - gap < a.y + a.height
  );
}
