import type { Size } from "../document/geometry.ts";
import type { FillData } from "../document/shape.ts";
import type { Canvas2D } from "./layers.ts";
import type { PictureOf } from "./paint-document.ts";

/** Shown in place of a picture that is being decoded or cannot be. */
const MISSING_PICTURE = "#8f9da333";

/** Paints one fill over the box from (0, 0) to its size. */
export function paintFill(context: Canvas2D, fill: FillData, box: Size, pictureOf: PictureOf): void {
  context.save();
  context.globalAlpha *= fill.opacity;
  if (fill.type === "image") {
    const picture = pictureOf(fill.mediaId);
    if (picture) paintPicture(context, picture, box, fill.keepAspectRatio);
    else paintBox(context, MISSING_PICTURE, box);
  } else {
    paintBox(context, fill.type === "color" ? fill.color : gradientStyle(context, fill, box), box);
  }
  context.restore();
}

function paintBox(context: Canvas2D, style: string | CanvasGradient, { width, height }: Size): void {
  context.fillStyle = style;
  context.fillRect(0, 0, width, height);
}

/** Stretched over the box, or centred and cut to it. A box of the picture's own size gets its pixels one to one. */
function paintPicture(context: Canvas2D, picture: ImageBitmap, box: Size, keepAspectRatio: boolean): void {
  const scale = Math.max(box.width / picture.width, box.height / picture.height);
  const width = keepAspectRatio ? box.width / scale : picture.width;
  const height = keepAspectRatio ? box.height / scale : picture.height;
  context.imageSmoothingQuality = "high";
  const [x, y] = [(picture.width - width) / 2, (picture.height - height) / 2];
  context.drawImage(picture, x, y, width, height, 0, 0, box.width, box.height);
}

/** A fill as a style for text. Pictures repeat at their own size. */
export function fillStyleOf(
  context: Canvas2D,
  fill: FillData,
  box: Size,
  pictureOf: PictureOf,
): string | CanvasGradient | CanvasPattern {
  if (fill.type === "color") return fill.color;
  if (fill.type === "gradient") return gradientStyle(context, fill, box);
  const picture = pictureOf(fill.mediaId);
  return (picture && context.createPattern(picture, "repeat")) ?? MISSING_PICTURE;
}

/** Coordinates in fractions of the box. */
export function gradientStyle(
  context: Canvas2D,
  fill: Pick<FillData & { type: "gradient" }, "kind" | "start" | "end" | "stops">,
  box: Size,
): CanvasGradient {
  const [x0, y0] = [fill.start.x * box.width, fill.start.y * box.height];
  const [x1, y1] = [fill.end.x * box.width, fill.end.y * box.height];
  const gradient =
    fill.kind === "linear"
      ? context.createLinearGradient(x0, y0, x1, y1)
      : context.createRadialGradient(x0, y0, 0, x0, y0, Math.hypot(x1 - x0, y1 - y0));
  for (const { offset, color, opacity } of fill.stops) {
    const alpha = Math.round(opacity * 255)
      .toString(16)
      .padStart(2, "0");
    gradient.addColorStop(offset, `${color}${alpha}`);
  }
  return gradient;
}
