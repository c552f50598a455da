import type { Shape } from "@penpot/plugin-types";
import { tidy } from "../geometry/fit-layer.ts";
import type { BoxRect } from "../geometry/image-mapping.ts";
import { type ShapeFrame, toPage, uprightSize } from "../geometry/shape-frame.ts";

/** A box along a shape's own axes, from its own top left corner. */
export interface FramedBox {
  readonly box: BoxRect;
  readonly frame: ShapeFrame;
  /** Size of the shape whose frame it is. */
  readonly shape: { readonly width: number; readonly height: number };
}

/** The upright rectangle around the box, in page units. */
export function boundsOfBox({ box, frame, shape }: FramedBox): BoxRect {
  const center = toPage(frame, {
    x: box.x + box.width / 2 - shape.width / 2,
    y: box.y + box.height / 2 - shape.height / 2,
  });
  const { width, height } = uprightSize(frame, box);
  return { x: tidy(center.x - width / 2), y: tidy(center.y - height / 2), width, height };
}

/** Lays a new, upright shape into the box, turned and mirrored with it. */
export function standInFrame(layer: Shape, framed: FramedBox): void {
  const { box, frame } = framed;
  layer.resize(box.width, box.height);
  // Mirroring first, while the shape is upright, keeps Penpot's flags and matrix in step; assigning always toggles.
  if (frame.flipX) layer.flipX = true;
  if (frame.flipY) layer.flipY = true;
  if (frame.rotation !== 0) layer.rotation = frame.rotation;
  moveToBox(layer, framed);
}

/** Puts a shape that stands in the frame already where the box is. */
export function moveToBox(layer: Shape, framed: FramedBox): void {
  const { x, y } = boundsOfBox(framed);
  layer.x = x;
  layer.y = y;
}
