import type { PixelRect } from "../../../shared/protocol/geometry.ts";

/** How far a picture is extended beyond what shows of it, in its pixels. */
export interface Sides {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export const noSides: Sides = { left: 0, right: 0, top: 0, bottom: 0 };

export const aspects = ["1:1", "4:5", "16:9", "9:16"] as const;
export type Aspect = (typeof aspects)[number];

/** Where the picture stays along the side that grows. */
export const anchors = ["start", "centre", "end"] as const;
export type Anchor = (typeof anchors)[number];

const shareBefore: Readonly<Record<Anchor, number>> = { start: 0, centre: 0.5, end: 1 };

/** What shows of the picture, with the sides around it. */
export function extend({ x, y, width, height }: PixelRect, { left, right, top, bottom }: Sides): PixelRect {
  return { x: x - left, y: y - top, width: width + left + right, height: height + top + bottom };
}

/** The sides that bring a part to an aspect ratio by growing one of its dimensions; never by cutting. */
export function sidesForAspect({ width, height }: PixelRect, aspect: Aspect, anchor: Anchor): Sides {
  const [across, down] = aspect.split(":").map(Number) as [number, number];
  const moreWidth = Math.max(0, Math.round((height * across) / down) - width);
  const moreHeight = moreWidth > 0 ? 0 : Math.max(0, Math.round((width * down) / across) - height);
  const left = Math.round(moreWidth * shareBefore[anchor]);
  const top = Math.round(moreHeight * shareBefore[anchor]);
  return { left, right: moreWidth - left, top, bottom: moreHeight - top };
}

/** The sides that make a part fill a board; where it already reaches beyond, it stays. */
export function sidesForBoard(part: PixelRect, board: PixelRect): Sides {
  return {
    left: Math.max(0, part.x - board.x),
    top: Math.max(0, part.y - board.y),
    right: Math.max(0, board.x + board.width - (part.x + part.width)),
    bottom: Math.max(0, board.y + board.height - (part.y + part.height)),
  };
}

/** What of `frame` lies beyond a whole picture: all that has to be drawn. */
export function sidesBeyond(frame: PixelRect, picture: { readonly width: number; readonly height: number }): Sides {
  return {
    left: Math.max(0, -frame.x),
    top: Math.max(0, -frame.y),
    right: Math.max(0, frame.x + frame.width - picture.width),
    bottom: Math.max(0, frame.y + frame.height - picture.height),
  };
}

export function isSameSides(a: Sides, b: Sides): boolean {
  return a.left === b.left && a.right === b.right && a.top === b.top && a.bottom === b.bottom;
}

export function isNoSides({ left, right, top, bottom }: Sides): boolean {
  return left + right + top + bottom === 0;
}
