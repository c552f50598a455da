import type { Penpot, Shape } from "@penpot/plugin-types";
import type { PixelSize } from "../../../shared/protocol/geometry.ts";
import { invert, multiply } from "../../../shared/protocol/plugin/matrix.ts";
import type { Matrix } from "../../../shared/protocol/plugin/outline.ts";
import { type BoxSize, imageMapping } from "./image-mapping.ts";
import { frameAxes, readShapeFrame, type ShapeFrame } from "./shape-frame.ts";

/** An image fill and how it lies in its shape. */
export interface FilledPicture {
  readonly image: PixelSize;
  readonly keepsAspectRatio: boolean;
}

/** From a shape's own upright box, (0, 0) at its top left corner, to the page. */
export function boxToPage(frame: ShapeFrame, { width, height }: BoxSize): Matrix {
  const { x, y } = frameAxes(frame);
  const { center } = frame;
  return [x.x, x.y, y.x, y.y, center.x - (x.x * width + y.x * height) / 2, center.y - (x.y * width + y.y * height) / 2];
}

/** From the pixels of the shape's picture to the page. */
export function pixelsToPage(penpot: Penpot, shape: Shape, { image, keepsAspectRatio }: FilledPicture): Matrix {
  const { origin, scale } = imageMapping(image, shape, keepsAspectRatio);
  const pixelsToBox: Matrix = [scale.x, 0, 0, scale.y, -origin.x * scale.x, -origin.y * scale.y];
  return multiply(boxToPage(readShapeFrame(penpot, shape), shape), pixelsToBox);
}

/** From the page to the pixels of the shape's picture. */
export function pageToPixels(penpot: Penpot, shape: Shape, picture: FilledPicture): Matrix {
  return invert(pixelsToPage(penpot, shape, picture));
}
