import type { PixelRect } from "../../../shared/protocol/geometry.ts";
import { aspects, extend, type Side, type Sides, sidesForAspect, sidesForBoard } from "./extension.ts";

export interface SideInMotion {
  /** What shows of the picture. */
  readonly part: PixelRect;
  readonly sides: Sides;
  /** The one that moves. */
  readonly side: Side;
  readonly board: PixelRect | undefined;
}

/**
 * Where a border that is dragged to `length` pixels comes to rest: at the picture's own border, the board's, or a format,
 * where one of them is no further than `reach` pixels; else where it is, on a whole pixel.
 */
export function snapSide({ part, sides, side, board }: SideInMotion, length: number, reach: number): number {
  const without = extend(part, { ...sides, [side]: 0 });
  const isAcross = side === "left" || side === "right";
  const rests = aspects.map((aspect) => {
    const { left, right, top, bottom } = sidesForAspect(without, aspect, "center");
    return isAcross ? left + right : top + bottom;
  });
  if (board !== undefined) rests.push(sidesForBoard(part, board)[side]);
  const whole = Math.max(0, Math.round(length));
  const nearest = Math.min(...[0, ...rests].map((rest) => Math.abs(rest - whole)));
  return nearest <= reach ? ([0, ...rests].find((rest) => Math.abs(rest - whole) === nearest) ?? whole) : whole;
}
