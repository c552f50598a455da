import type { PixelRect, PixelSize } from "../../../shared/protocol/geometry.ts";
import { sampleMask } from "../masks/sample-mask.ts";
import type { TiledMask } from "../masks/tiled-mask.ts";
import type { Picture } from "../pictures/picture.ts";
import type { Rgb } from "./draw-mask.ts";
import { coveredPixels, toViewRect, type Viewport } from "./viewport.ts";

/** From this many device pixels per image pixel on, single pixels are meant to be seen. */
const PIXELATED_SCALE = 4;
/** Device pixels that scaled edges of two pictures are soft on either side of where they meet. */
const SEAM = 1;

/** What lies on the picture while and after an edit runs. */
export type PictureOverlay =
  | {
      readonly type: "preview";
      readonly image: HTMLImageElement;
      readonly area: PixelRect;
      /** What the preview shows through; without one it fills its area. */
      readonly mask?: TiledMask;
      readonly isBeneath?: boolean;
    }
  | {
      readonly type: "layer";
      readonly picture: Picture;
      readonly area: PixelRect;
      /** True where the source stays on top. */
      readonly isBeneath?: boolean;
      /** True where nothing of the source is to show, not even where this is transparent. */
      readonly isInstead?: boolean;
    };

export interface PictureScene {
  /** Absent where the edit starts from nothing. */
  readonly picture: Picture | undefined;
  /** The part that shows in the shape; nothing else of the picture is drawn. */
  readonly visible: PixelRect;
  /** All that is drawn into; larger than the visible part where the picture is extended. */
  readonly frame: PixelRect;
  /** Colour in which the frame stands out where nothing is drawn yet. */
  readonly frameColour?: Rgb;
  readonly view: Viewport;
  /** Of the canvas, in device pixels. */
  readonly size: PixelSize;
  readonly overlay: PictureOverlay | undefined;
  /** Share of the frame's width, from the left, in which the overlay is left out, to compare. */
  readonly split?: number;
}

export function drawPicture(context: CanvasRenderingContext2D, scene: PictureScene): void {
  const { view, size, frame, frameColour, overlay } = scene;
  context.clearRect(0, 0, size.width, size.height);
  context.imageSmoothingEnabled = view.scale < PIXELATED_SCALE;
  context.imageSmoothingQuality = "high";
  if (frameColour !== undefined) drawFrame(context, roundedView(view, frame), frameColour);
  if (overlay?.isBeneath) {
    drawBeyondShape(context, scene);
    drawOverlay(context, scene, overlay);
  }
  drawSource(context, scene);
  if (overlay && !overlay.isBeneath) drawOverlay(context, scene, overlay);
}

function drawSource(context: CanvasRenderingContext2D, { picture, visible, view }: PictureScene): void {
  if (picture === undefined) return;
  context.save();
  clipTo(context, roundedView(view, visible));
  drawBitmap(context, picture, view, { x: 0, y: 0, ...picture.size });
  context.restore();
}

/**
 * Draws what the shape crops away of the source, which shows where the picture is extended, and a seam: where the source ends
 * and what lies beneath it begins, both edges are soft, and together less than opaque. So that no line of the background
 * shows there, the source's border lies under both, a little larger.
 */
function drawBeyondShape(context: CanvasRenderingContext2D, { picture, visible, frame, view }: PictureScene): void {
  if (picture === undefined) return;
  const edge = roundedView(view, visible);
  context.save();
  const whole = roundedView(view, frame);
  clipTo(context, whole);
  context.beginPath();
  for (const { x, y, width, height } of [grown(whole, SEAM), grown(edge, -SEAM)]) context.rect(x, y, width, height);
  context.clip("evenodd");
  drawBitmap(context, picture, view, grown({ x: 0, y: 0, ...picture.size }, SEAM / view.scale));
  context.restore();
}

function drawOverlay(context: CanvasRenderingContext2D, scene: PictureScene, overlay: PictureOverlay): void {
  context.save();
  clipTo(context, roundedView(scene.view, afterSplit(scene)));
  if (overlay.type === "layer" && overlay.isInstead) context.clearRect(0, 0, scene.size.width, scene.size.height);
  if (overlay.type === "layer") drawBitmap(context, overlay.picture, scene.view, overlay.area);
  else drawPreview(context, scene, overlay);
  context.restore();
}

function afterSplit({ frame, split = 0 }: PictureScene): PixelRect {
  const before = frame.width * split;
  return { ...frame, x: frame.x + before, width: frame.width - before };
}

/** A tint that says: here will be something. */
function drawFrame(context: CanvasRenderingContext2D, { x, y, width, height }: PixelRect, colour: Rgb): void {
  context.fillStyle = `rgb(${colour.join(" ")} / 14%)`;
  context.fillRect(x, y, width, height);
  context.strokeStyle = `rgb(${colour.join(" ")})`;
  context.lineWidth = 2;
  context.strokeRect(x, y, width, height);
}

function clipTo(context: CanvasRenderingContext2D, { x, y, width, height }: PixelRect): void {
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
}

function grown({ x, y, width, height }: PixelRect, by: number): PixelRect {
  return { x: x - by, y: y - by, width: width + 2 * by, height: height + 2 * by };
}

/** On whole device pixels, so that edges are not blurred. */
function roundedView(view: Viewport, rect: PixelRect): PixelRect {
  const { x, y, width, height } = toViewRect(view, rect);
  return { x: Math.round(x), y: Math.round(y), width: Math.round(width), height: Math.round(height) };
}

function drawBitmap(context: CanvasRenderingContext2D, picture: Picture, view: Viewport, area: PixelRect): void {
  const target = toViewRect(view, area);
  // The smallest copy that still has a pixel for every device pixel.
  const bitmap = picture.bitmaps.findLast(({ width }) => width >= target.width) ?? picture.bitmaps[0];
  if (bitmap !== undefined) context.drawImage(bitmap, target.x, target.y, target.width, target.height);
}

/** Draws the preview where the mask is painted; without one, over all of its area. */
function drawPreview(
  context: CanvasRenderingContext2D,
  { view, size }: PictureScene,
  { image, area, mask }: Extract<PictureOverlay, { type: "preview" }>,
): void {
  const target = toViewRect(view, area);
  if (mask === undefined) {
    context.drawImage(image, target.x, target.y, target.width, target.height);
    return;
  }
  const covered = coveredPixels(view, area, size, 0);
  if (covered === undefined) return;
  const coverage = sampleMask(mask, view, covered);
  const stencil = new OffscreenCanvas(covered.width, covered.height);
  const through = stencil.getContext("2d");
  if (through === null) return;
  const pixels = through.createImageData(covered.width, covered.height);
  coverage.forEach((value, i) => {
    pixels.data[i * 4 + 3] = value;
  });
  through.putImageData(pixels, 0, 0);
  through.globalCompositeOperation = "source-in";
  through.drawImage(image, target.x - covered.x, target.y - covered.y, target.width, target.height);
  context.drawImage(stencil, covered.x, covered.y);
}
