import type { ShadowData } from "../document/decoration.ts";
import { applyMatrix, boundsOfPoints, cornersOf, type Point, type Rect } from "../document/geometry.ts";

export type Canvas2D = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** A sheet that is painted apart before it is laid on a canvas, at a place in that canvas's device pixels. */
export interface Layer extends Point {
  readonly canvas: OffscreenCanvas;
  readonly context: OffscreenCanvasRenderingContext2D;
}

/**
 * Draws apart from what is there, in the same coordinates, what shows of a part of the page. `reach`, in page units, is how far
 * from outside the canvas effects reach into it. Undefined when nothing shows.
 */
export function onLayer(
  target: Canvas2D,
  area: Rect,
  reach: number,
  draw: (context: OffscreenCanvasRenderingContext2D) => void,
): Layer | undefined {
  const matrix = target.getTransform();
  const margin = Math.ceil(reach * Math.hypot(matrix.a, matrix.b)) + 1;
  const corners = cornersOf({ ...area, rotation: 0, flipX: false, flipY: false });
  const box = boundsOfPoints(corners.map((corner) => applyMatrix(matrix, corner)));
  const [x, y] = [Math.max(Math.floor(box.x) - 1, -margin), Math.max(Math.floor(box.y) - 1, -margin)];
  const right = Math.min(Math.ceil(box.x + box.width) + 1, target.canvas.width + margin);
  const bottom = Math.min(Math.ceil(box.y + box.height) + 1, target.canvas.height + margin);
  if (right <= x || bottom <= y) return undefined;
  const layer = emptyLayer({ x, y, width: right - x, height: bottom - y });
  layer.context.setTransform(matrix.a, matrix.b, matrix.c, matrix.d, matrix.e - x, matrix.f - y);
  draw(layer.context);
  return layer;
}

function emptyLayer({ x, y, width, height }: Rect): Layer {
  const canvas = new OffscreenCanvas(width, height);
  // Drawn by the processor: the same pixels on every machine.
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error(`A layer of ${width} × ${height} pixels is more than this browser can draw.`);
  return { canvas, context, x, y };
}

/** An empty layer of the same size at the same place. */
export function layerLike({ canvas, context, x, y }: Layer): Layer {
  const layer = emptyLayer({ x, y, width: canvas.width, height: canvas.height });
  layer.context.setTransform(context.getTransform());
  return layer;
}

export interface LayerLook {
  /** 0 to 1. */
  readonly opacity?: number;
  readonly blend?: GlobalCompositeOperation;
  /** Standard deviation in device pixels. */
  readonly blur?: number;
  /** In device pixels. */
  readonly offset?: Point;
}

/** Lays a layer on the canvas it is for. What the canvas clips stays clipped. */
export function paintLayer(target: Canvas2D, layer: Layer, look: LayerLook = {}): void {
  lay(target, layer.canvas, layer, look);
}

/** Lays a layer on another of the same size and place. */
export function addLayer(target: Layer, layer: Layer, look: LayerLook = {}): void {
  lay(target.context, layer.canvas, { x: 0, y: 0 }, look);
}

function lay(target: Canvas2D, canvas: OffscreenCanvas, at: Point, look: LayerLook): void {
  const { opacity = 1, blend = "source-over", blur = 0, offset = { x: 0, y: 0 } } = look;
  target.save();
  target.setTransform(1, 0, 0, 1, 0, 0);
  target.globalAlpha = opacity;
  target.globalCompositeOperation = blend;
  if (blur > 0) target.filter = `blur(${blur}px)`;
  target.drawImage(canvas, at.x + offset.x, at.y + offset.y);
  target.restore();
}

/** Directions in which a spread widens a silhouette. */
const SPREAD_STEPS = 24;

/** The shadow that content casts on what is below it. */
export function dropShadow(content: Layer, shadow: ShadowData): Layer {
  const cast = layerLike(content);
  addLayer(cast, spreadOut(content, shadow.spread), placeOf(content, shadow));
  tint(cast, shadow);
  return cast;
}

/** The shadow that the edge of content casts into it. */
export function innerShadow(content: Layer, shadow: ShadowData): Layer {
  const outside = layerLike(content);
  fill(outside, "#000000");
  const hole = layerLike(content);
  addLayer(hole, content, placeOf(content, shadow));
  addLayer(outside, hole, { blend: "destination-out" });
  const grown = spreadOut(outside, shadow.spread);
  tint(grown, shadow);
  addLayer(grown, content, { blend: "destination-in" });
  return grown;
}

/** Offset and blur of a shadow in device pixels. Its blur is twice the standard deviation. */
function placeOf({ context }: Layer, { offsetX, offsetY, blur }: ShadowData): LayerLook {
  const { a, b, c, d } = context.getTransform();
  return {
    offset: { x: a * offsetX + c * offsetY, y: b * offsetX + d * offsetY },
    blur: (blur / 2) * Math.hypot(a, b),
  };
}

function spreadOut(layer: Layer, spread: number): Layer {
  const { a, b } = layer.context.getTransform();
  const radius = spread * Math.hypot(a, b);
  if (radius <= 0) return layer;
  const wide = layerLike(layer);
  addLayer(wide, layer);
  for (let step = 0; step < SPREAD_STEPS; step++) {
    const angle = (step / SPREAD_STEPS) * 2 * Math.PI;
    addLayer(wide, layer, { offset: { x: radius * Math.cos(angle), y: radius * Math.sin(angle) } });
  }
  return wide;
}

/** Gives everything drawn the shadow's colour, its alpha kept. */
function tint(layer: Layer, { color }: ShadowData): void {
  fill(layer, color.color, { blend: "source-in", opacity: color.opacity });
}

function fill({ canvas, context }: Layer, color: string, { blend = "source-over", opacity = 1 }: LayerLook = {}): void {
  context.save();
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.globalCompositeOperation = blend;
  context.globalAlpha = opacity;
  context.fillStyle = color;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.restore();
}
