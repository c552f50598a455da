import { cornersOfRadius, type GradientData, type StrokeData } from "../document/decoration.ts";
import { type Document, getShape } from "../document/document.ts";
import { matrixOf, type Placement } from "../document/geometry.ts";
import { placementOf, shapeBounds } from "../document/geometry-edits.ts";
import type { MediaStore } from "../document/media-store.ts";
import { outlineInBox, outlineOnPage } from "../document/outline.ts";
import { pathText, transformPath } from "../document/path-data.ts";
import type { FillData, ShapeData, TextData } from "../document/shape.ts";
import { layOutText, type MeasureText } from "../document/text.ts";
import { toBase64 } from "./base64.ts";

export interface SvgOptions {
  readonly media: MediaStore;
  readonly measureText: MeasureText;
}

/** A whole SVG file of a shape with what it holds. Shadows and blurs are left out. */
export function toSvg(document: Document, shape: ShapeData, options: SvgOptions): string {
  const { x, y, width, height } = shapeBounds(document, shape);
  const markup = svgMarkup(document, shape, options);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="${x} ${y} ${width} ${height}">${markup}</svg>`;
}

/** A shape in page coordinates. As in Penpot's, boxes are upright and a matrix about their centre turns them. */
export function svgMarkup(document: Document, shape: ShapeData, options: SvgOptions): string {
  if (shape.isHidden) return "";
  const children = (ids: readonly ShapeData["id"][]) =>
    ids.map((id) => svgMarkup(document, getShape(document, id), options)).join("");
  const look = lookOf(shape);
  switch (shape.type) {
    case "group": {
      const [mask, ...masked] = shape.isMask ? shape.children : [];
      if (mask === undefined) return `<g${look}>${children(shape.children)}</g>`;
      const id = `mask-${shape.id}`;
      const alpha = `<mask id="${id}" style="mask-type:alpha">${children([mask])}</mask>`;
      return `${alpha}<g${look} mask="url(#${id})">${children(masked)}</g>`;
    }
    case "boolean":
      return `<g${look}>${painted(shape, shape, `<path d="${pathText(outlineOnPage(document, shape))}"`, options)}</g>`;
    case "board": {
      const id = `clip-${shape.id}`;
      const clip = shape.clipContent ? `<clipPath id="${id}">${outlineElement(shape)}/></clipPath>` : "";
      const inside = `<g${shape.clipContent ? ` clip-path="url(#${id})"` : ""}>${children(shape.children)}</g>`;
      return `<g${look}>${clip}${painted(shape, shape, outlineElement(shape), options)}${inside}</g>`;
    }
    case "text":
      return `<g${look}>${textMarkup(shape, options)}</g>`;
    case "svg-raw":
      return shape.markup;
    default:
      return `<g${look}>${painted(shape, placementOf(document, shape), outlineElement(shape), options)}</g>`;
  }
}

function lookOf({ opacity, blendMode }: ShapeData): string {
  const blend = blendMode === "normal" ? "" : ` style="mix-blend-mode:${blendMode}"`;
  return `${opacity < 1 ? ` opacity="${opacity}"` : ""}${blend}`;
}

/** The start of the element, to which paints are added. */
function outlineElement(shape: ShapeData): string {
  const { x, y, width, height } = shape;
  const place = `transform="${aboutCentre(shape)}"`;
  const radii = cornersOfRadius(shape.borderRadius);
  if (shape.type === "ellipse")
    return `<ellipse cx="${x + width / 2}" cy="${y + height / 2}" rx="${width / 2}" ry="${height / 2}" ${place}`;
  if (shape.type !== "path" && new Set(radii).size === 1)
    return `<rect x="${x}" y="${y}" ${place} width="${width}" height="${height}"${radii[0] > 0 ? ` rx="${radii[0]}"` : ""}`;
  const moved = transformPath(outlineInBox(shape), { a: 1, b: 0, c: 0, d: 1, e: x, f: y });
  return `<path d="${pathText(moved)}" ${place}`;
}

function aboutCentre(placement: Placement): string {
  const { x, y, width, height } = placement;
  const { a, b, c, d } = matrixOf(placement);
  // matrixOf maps the box's own coordinates; SVG's maps the page's, in which the centre stays where it is.
  const [cx, cy] = [x + width / 2, y + height / 2];
  const values = [a, b, c, d, cx - a * cx - c * cy, cy - b * cx - d * cy];
  return `matrix(${values.map((value) => value.toFixed(6)).join(", ")})`;
}

/** The outline once for each fill and stroke, from the lowest. */
function painted(shape: ShapeData, box: Placement, element: string, { media }: SvgOptions): string {
  const fills = shape.fills.toReversed().map((fill, index) => {
    const id = `fill-${shape.id}-${index}`;
    const { defs, paint } = fillPaint(fill, id, box, media);
    return `${defs}${element} fill="${paint}" fill-opacity="${fill.opacity}"/>`;
  });
  const strokes = shape.strokes.toReversed().map((stroke, index) => {
    const id = `stroke-${shape.id}-${index}`;
    return `${strokeDefs(stroke, id)}${element} fill="none"${strokeAttributes(stroke, id)}/>`;
  });
  return fills.length + strokes.length > 0 ? [...fills, ...strokes].join("") : `${element} fill="none"/>`;
}

function fillPaint(fill: FillData, id: string, box: Placement, media: MediaStore) {
  if (fill.type === "color") return { defs: "", paint: fill.color };
  if (fill.type === "gradient") {
    const { kind, start, end, stops } = fill;
    const gradient = { type: kind, startX: start.x, startY: start.y, endX: end.x, endY: end.y, stops };
    return { defs: gradientDefs(gradient, id), paint: `url(#${id})` };
  }
  const picture = media.get(fill.mediaId);
  if (!picture) return { defs: "", paint: "none" };
  const fit = fill.keepAspectRatio ? "xMidYMid slice" : "none";
  const size = `width="${box.width}" height="${box.height}"`;
  const href = `data:${picture.mime};base64,${toBase64(picture.bytes)}`;
  return {
    defs: `<pattern id="${id}" patternUnits="userSpaceOnUse" x="${box.x}" y="${box.y}" ${size}><image href="${href}" ${size} preserveAspectRatio="${fit}"/></pattern>`,
    paint: `url(#${id})`,
  };
}

function gradientDefs(gradient: Omit<GradientData, "width">, id: string): string {
  const { type, startX, startY, endX, endY, stops } = gradient;
  const content = stops
    .map(({ offset, color, opacity }) => `<stop offset="${offset}" stop-color="${color}" stop-opacity="${opacity}"/>`)
    .join("");
  return type === "linear"
    ? `<linearGradient id="${id}" x1="${startX}" y1="${startY}" x2="${endX}" y2="${endY}">${content}</linearGradient>`
    : `<radialGradient id="${id}" cx="${startX}" cy="${startY}" r="${Math.hypot(endX - startX, endY - startY)}">${content}</radialGradient>`;
}

function strokeDefs({ strokeColorGradient }: StrokeData, id: string): string {
  return strokeColorGradient ? gradientDefs(strokeColorGradient, id) : "";
}

function strokeAttributes(stroke: StrokeData, id: string): string {
  const paint = stroke.strokeColorGradient ? `url(#${id})` : (stroke.strokeColor ?? "#000000");
  return ` stroke="${paint}" stroke-width="${stroke.strokeWidth}" stroke-opacity="${stroke.strokeOpacity}"`;
}

function textMarkup(text: TextData, { measureText }: SvgOptions): string {
  const spans = layOutText(text, measureText).flatMap(({ parts, baseline }) =>
    parts.map(({ text: part, style, x }) => {
      const [fill] = style.fills;
      const paint = fill?.type === "color" ? `fill="${fill.color}" fill-opacity="${fill.opacity}"` : "";
      const font = `font-family="${style.fontFamily}" font-size="${style.fontSize}" font-weight="${style.fontWeight}" font-style="${style.fontStyle}"`;
      return `<tspan x="${text.x + x}" y="${text.y + baseline}" ${font} ${paint}>${escaped(part)}</tspan>`;
    }),
  );
  return `<text transform="${aboutCentre(text)}" xml:space="preserve">${spans.join("")}</text>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
