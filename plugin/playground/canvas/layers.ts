import type { ShadowData } from "../document/decoration.ts";

export type Canvas2D = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** A sheet as large as the canvas it is for, in its device pixels, with the context that draws on it. */
export interface Layer {
  readonly canvas: OffscreenCanvas;
  readonly context: OffscreenCanvasRenderingContext2D;
}

/** Draws apart from what is there, in the same coordinates. */
export function onLayer(target: Canvas2D, draw: (context: OffscreenCanvasRenderingContext2D) => void): Layer {
  const layer = emptyLayer(target);
  layer.context.setTransform(target.getTransform());
  draw(layer.context);
  return layer;
}

function emptyLayer(target: Canvas2D): Layer {
  const canvas = new OffscreenCanvas(target.canvas.width, target.canvas.height);
  // Drawn by the processor: the same pixels on every machine.
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context)
    throw new Error(`A layer of ${canvas.width} × ${canvas.height} pixels is more than this browser can draw.`);
  return { canvas, context };
}

export interface LayerLook {
  /** 0 to 1. */
  readonly opacity?: number;
  readonly blend?: GlobalCompositeOperation;
  /** Standard deviation in device pixels. */
  readonly blur?: number;
  /** In device pixels. */
  readonly offset?: { readonly x: number; readonly y: number };
}

/** Lays a layer on a canvas of its size. What the target clips stays clipped. */
export function paintLayer(target: Canvas2D, layer: Layer, look: LayerLook = {}): void {
  const { opacity = 1, blend = "source-over", blur = 0, offset = { x: 0, y: 0 } } = look;
  target.save();
  target.setTransform(1, 0, 0, 1, 0, 0);
  target.globalAlpha = opacity;
  target.globalCompositeOperation = blend;
  if (blur > 0) target.filter = `blur(${blur}px)`;
  target.drawImage(layer.canvas, offset.x, offset.y);
  target.restore();
}

/** Directions in which a spread widens a silhouette. */
const SPREAD_STEPS = 24;

/** The shadow that content casts on what is below it. */
export function dropShadow(target: Canvas2D, content: Layer, shadow: ShadowData): Layer {
  const silhouette = spreadOut(target, content, shadow.spread);
  const cast = emptyLayer(target);
  paintLayer(cast.context, silhouette, placeOf(target, shadow));
  tint(cast, shadow);
  return cast;
}

/** The shadow that the edge of content casts into it. */
export function innerShadow(target: Canvas2D, content: Layer, shadow: ShadowData): Layer {
  const outside = emptyLayer(target);
  outside.context.fillRect(0, 0, outside.canvas.width, outside.canvas.height);
  const hole = emptyLayer(target);
  paintLayer(hole.context, content, placeOf(target, shadow));
  paintLayer(outside.context, hole, { blend: "destination-out" });
  const grown = spreadOut(target, outside, shadow.spread);
  tint(grown, shadow);
  paintLayer(grown.context, content, { blend: "destination-in" });
  return grown;
}

/** Offset and blur of a shadow in device pixels. Its blur is twice the standard deviation. */
function placeOf(target: Canvas2D, { offsetX, offsetY, blur }: ShadowData): LayerLook {
  const { a, b, c, d } = target.getTransform();
  return {
    offset: { x: a * offsetX + c * offsetY, y: b * offsetX + d * offsetY },
    blur: (blur / 2) * Math.hypot(a, b),
  };
}

function spreadOut(target: Canvas2D, layer: Layer, spread: number): Layer {
  const { a, b } = target.getTransform();
  const radius = spread * Math.hypot(a, b);
  if (radius <= 0) return layer;
  const wide = emptyLayer(target);
  paintLayer(wide.context, layer);
  for (let step = 0; step < SPREAD_STEPS; step++) {
    const angle = (step / SPREAD_STEPS) * 2 * Math.PI;
    paintLayer(wide.context, layer, { offset: { x: radius * Math.cos(angle), y: radius * Math.sin(angle) } });
  }
  return wide;
}

/** Gives everything drawn the shadow's colour, its alpha kept. */
function tint({ canvas, context }: Layer, { color }: ShadowData): void {
  context.save();
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.globalCompositeOperation = "source-in";
  context.globalAlpha = color.opacity;
  context.fillStyle = color.color;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.restore();
}
