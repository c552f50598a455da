import type { Board, Penpot, Shape } from "@penpot/plugin-types";
import type { PixelRect, PixelSize } from "../../../shared/protocol/geometry.ts";
import { imageMapping } from "./image-mapping.ts";
import { frameAxes, readShapeFrame } from "./shape-frame.ts";

/** Noise of the division below this share of a pixel must not cost a pixel. */
const PIXEL_NOISE = 1e-4;

/** The innermost board around the shape, without the page's root. */
export function enclosingBoard(shape: Shape): Board | undefined {
  let parent = shape.parent;
  while (parent && parent.type !== "board") parent = parent.parent;
  return parent?.type === "board" && parent.parent ? parent : undefined;
}

/**
 * The board in pixels of the shape's picture, along the picture's axes: the fewest whole pixels that cover it. Undefined
 * where the two are turned against each other by anything but half turns.
 */
export function boardInImage(
  penpot: Penpot,
  { shape, board }: { readonly shape: Shape; readonly board: Board },
  image: PixelSize,
  keepsAspectRatio: boolean,
): PixelRect | undefined {
  if (board.rotation % 180 !== 0 || shape.rotation % 180 !== 0) return undefined;
  const axes = frameAxes(readShapeFrame(penpot, shape));
  const { origin, scale } = imageMapping(image, shape, keepsAspectRatio);
  /** From the shape's centre in page units to pixels from the picture's corner. */
  const along = (start: number, length: number, middle: number, direction: number, size: number, axis: "x" | "y") => {
    const ends = [start, start + length].map(
      (end) => ((end - middle) * direction + size / 2) / scale[axis] + origin[axis],
    );
    const from = Math.floor(Math.min(...ends) + PIXEL_NOISE);
    return { from, length: Math.max(1, Math.ceil(Math.max(...ends) - PIXEL_NOISE) - from) };
  };
  const x = along(board.x, board.width, shape.center.x, axes.x.x, shape.width, "x");
  const y = along(board.y, board.height, shape.center.y, axes.y.y, shape.height, "y");
  return { x: x.from, y: y.from, width: x.length, height: y.length };
}
