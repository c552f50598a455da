import { matrixOf } from "../document/geometry.ts";
import type { TextData } from "../document/shape.ts";
import { layOutText, type MeasureText, type TextStyle } from "../document/text.ts";
import type { Canvas2D } from "./layers.ts";
import type { PictureOf } from "./paint-document.ts";
import { fillStyleOf } from "./paint-fill.ts";
import { strokeStyleOf } from "./paint-stroke.ts";

/** A weight of the typeface that comes along, as CSS writes it; the family's web font has `Variable` in its name. */
export function cssFont({ fontStyle, fontWeight, fontSize, fontFamily }: TextStyle): string {
  return `${fontStyle} ${fontWeight} ${fontSize}px "${fontFamily} Variable", "${fontFamily}", sans-serif`;
}

/** Measures with the fonts of the page. */
export function canvasMeasure(): MeasureText {
  const context = new OffscreenCanvas(1, 1).getContext("2d");
  if (!context) throw new Error("This browser cannot measure text.");
  return measureOn(context);
}

function measureOn(context: Canvas2D): MeasureText {
  return (text, style) => {
    setFont(context, style);
    const { width, fontBoundingBoxAscent, fontBoundingBoxDescent } = context.measureText(text);
    return { width, ascent: fontBoundingBoxAscent, descent: fontBoundingBoxDescent };
  };
}

function setFont(context: Canvas2D, style: TextStyle): void {
  context.font = cssFont(style);
  context.letterSpacing = `${style.letterSpacing}px`;
  context.direction = style.direction;
  context.textAlign = "left";
}

export function paintText(context: Canvas2D, text: TextData, pictureOf: PictureOf): void {
  context.save();
  const { a, b, c, d, e, f } = matrixOf(text);
  context.transform(a, b, c, d, e, f);
  const lines = layOutText(text, measureOn(context));
  const height = lines.reduce((sum, line) => sum + line.height, 0);
  const free = text.height - height;
  const top = text.verticalAlign === "center" ? free / 2 : text.verticalAlign === "bottom" ? free : 0;
  for (const line of lines)
    for (const part of line.parts) {
      setFont(context, part.style);
      for (const fill of part.style.fills.toReversed()) {
        context.save();
        context.globalAlpha *= fill.opacity;
        context.fillStyle = fillStyleOf(context, fill, text, pictureOf);
        context.fillText(part.text, part.x, top + line.baseline);
        paintDecoration(context, part.style, part.x, part.width, top + line.baseline);
        context.restore();
      }
      for (const stroke of text.strokes.toReversed()) {
        context.save();
        context.globalAlpha *= stroke.strokeOpacity;
        context.strokeStyle = strokeStyleOf(context, stroke, text);
        context.lineWidth = stroke.strokeWidth;
        context.lineJoin = "round";
        context.strokeText(part.text, part.x, top + line.baseline);
        context.restore();
      }
    }
  context.restore();
}

function paintDecoration(context: Canvas2D, style: TextStyle, x: number, width: number, baseline: number): void {
  if (style.textDecoration === "none") return;
  const size = Number(style.fontSize);
  const y = style.textDecoration === "underline" ? baseline + size * 0.12 : baseline - size * 0.28;
  context.fillRect(x, y, width, Math.max(size / 16, 1));
}
