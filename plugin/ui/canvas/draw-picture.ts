import type { PixelRect, PixelSize } from "../../../shared/protocol/geometry.ts";
import { sampleMask } from "../mask/sample-mask.ts";
import type { TiledMask } from "../mask/tiled-mask.ts";
import type { Picture } from "./picture.ts";
import { coveredPixels, toViewRect, type Viewport } from "./viewport.ts";

/** From this many device pixels per image pixel on, single pixels are meant to be seen. */
const PIXELATED_SCALE = 4;

/** What lies on the picture while and after an edit runs. */
export type PictureOverlay =
  | { readonly type: "preview"; readonly image: HTMLImageElement; readonly area: PixelRect; readonly mask: TiledMask }
  | { readonly type: "layer"; readonly picture: Picture; readonly area: PixelRect };

export interface PictureScene {
  readonly picture: Picture;
  /** The part that shows in the shape; nothing else is drawn. */
  readonly visible: PixelRect;
  readonly view: Viewport;
  /** Of the canvas, in device pixels. */
  readonly size: PixelSize;
  readonly overlay: PictureOverlay | undefined;
}

export function drawPicture(context: CanvasRenderingContext2D, scene: PictureScene): void {
  const { picture, visible, view, size, overlay } = scene;
  context.clearRect(0, 0, size.width, size.height);
  context.save();
  const shown = toViewRect(view, visible);
  context.beginPath();
  context.rect(Math.round(shown.x), Math.round(shown.y), Math.round(shown.width), Math.round(shown.height));
  context.clip();
  context.imageSmoothingEnabled = view.scale < PIXELATED_SCALE;
  context.imageSmoothingQuality = "high";
  drawBitmap(context, picture, view, { x: 0, y: 0, ...picture.size });
  if (overlay?.type === "layer") drawBitmap(context, overlay.picture, view, overlay.area);
  if (overlay?.type === "preview") drawPreview(context, scene, overlay);
  context.restore();
}

function drawBitmap(context: CanvasRenderingContext2D, picture: Picture, view: Viewport, area: PixelRect): void {
  const target = toViewRect(view, area);
  // The smallest copy that still has a pixel for every device pixel.
  const bitmap = picture.bitmaps.findLast(({ width }) => width >= target.width) ?? picture.bitmaps[0];
  if (bitmap !== undefined) context.drawImage(bitmap, target.x, target.y, target.width, target.height);
}

/** Draws the preview where the mask is painted; all of its area when there is no mask, as after a reopened panel. */
function drawPreview(
  context: CanvasRenderingContext2D,
  { view, size }: PictureScene,
  { image, area, mask }: Extract<PictureOverlay, { type: "preview" }>,
): void {
  const target = toViewRect(view, area);
  if (mask.isEmpty) {
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
