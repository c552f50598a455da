import { extensionForAspect } from "../../../shared/planning/extension/extension-for-aspect.ts";
import { type Extension, extensionForBounds } from "../../../shared/planning/extension/extension-for-bounds.ts";
import type { PixelRect, PixelSize } from "../../../shared/protocol/geometry.ts";

/** How far a picture is extended beyond what shows of it, in its pixels. */
export type Sides = Extension;
export type Side = keyof Sides;

export const noSides: Sides = { left: 0, right: 0, top: 0, bottom: 0 };

export const aspects = ["1:1", "4:5", "16:9", "9:16"] as const;
export type Aspect = (typeof aspects)[number];

/** Where the picture stays along the side that grows: before, in the middle of or behind what is new. */
export const anchors = ["top-left", "center", "bottom-right"] as const;
export type Anchor = (typeof anchors)[number];

/** What shows of the picture, with the sides around it. */
export function extend({ x, y, width, height }: PixelRect, { left, right, top, bottom }: Sides): PixelRect {
  return { x: x - left, y: y - top, width: width + left + right, height: height + top + bottom };
}

/** The sides that bring a part to an aspect ratio by growing one of its dimensions; never by cutting. */
export function sidesForAspect(part: PixelRect, aspect: Aspect, anchor: Anchor): Sides {
  return extensionForAspect(part, proportionsOf(aspect), anchor);
}

function proportionsOf(aspect: Aspect): PixelSize {
  const [width, height] = aspect.split(":").map(Number) as [number, number];
  return { width, height };
}

/** Whether one of the two dimensions could not be nearer to it. */
function hasAspect({ width, height }: PixelSize, aspect: Aspect): boolean {
  const wished = proportionsOf(aspect);
  const ratio = wished.width / wished.height;
  return Math.round(height * ratio) === width || Math.round(width / ratio) === height;
}

/** The format a frame has, to the nearest pixel, where it is one of ours. */
export function aspectOf(frame: PixelSize): Aspect | undefined {
  return aspects.find((aspect) => hasAspect(frame, aspect));
}

/** The sides with as much beyond the picture as before, and the picture elsewhere in it. */
export function sidesAt(part: PixelRect, sides: Sides, anchor: Anchor): Sides {
  return extensionForBounds(part, extend(part, sides), anchor);
}

/** Where a part stays with these sides; undefined where that is no place of ours. */
export function anchorOf(part: PixelRect, sides: Sides): Anchor | undefined {
  // The middle first: one new pixel lies behind the picture there too.
  return (["center", "top-left", "bottom-right"] as const).find((anchor) =>
    isSameSides(sidesAt(part, sides, anchor), sides),
  );
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
