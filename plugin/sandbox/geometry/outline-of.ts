import type { Penpot, Shape } from "@penpot/plugin-types";
import { identity } from "../../../shared/protocol/plugin/matrix.ts";
import type { Matrix, Outline } from "../../../shared/protocol/plugin/outline.ts";
import { boxToPage } from "./picture-matrix.ts";
import { readShapeFrame } from "./shape-frame.ts";

/** What a shape encloses; `toPage` is from the path's coordinates to the page. */
export interface PageOutline extends Omit<Outline, "matrix"> {
  readonly toPage: Matrix;
}

/** The outline of a shape that has one of its own; groups have their children's, and texts only a picture. */
export function outlineOf(penpot: Penpot, shape: Shape): PageOutline | undefined {
  switch (shape.type) {
    case "rectangle":
    case "board":
    case "image":
      return { ...inBox(penpot, shape), d: roundedBox(shape, cornersOf(shape)) };
    case "ellipse":
      return { ...inBox(penpot, shape), d: ellipse(shape) };
    // Their paths are in page coordinates, turned and scaled already.
    case "path":
      return { d: pathData(shape), fillRule: fillRuleOf(penpot, shape), toPage: identity };
    case "boolean":
      return { d: pathData(shape), fillRule: "evenodd", toPage: identity };
    default:
      return undefined;
  }
}

/** Whether a shape shows the whole of its box. */
export function isPlainBox(shape: Shape): boolean {
  const isBox = shape.type === "rectangle" || shape.type === "board" || shape.type === "image";
  return isBox && cornersOf(shape).every((radius) => radius === 0);
}

function inBox(penpot: Penpot, shape: Shape) {
  return { fillRule: "nonzero", toPage: boxToPage(readShapeFrame(penpot, shape), shape) } as const;
}

/** Radii from the top left corner on, clockwise. */
type Corners = readonly [number, number, number, number];

function cornersOf(shape: Shape): Corners {
  const all = shape.borderRadius || 0;
  return [
    shape.borderRadiusTopLeft ?? all,
    shape.borderRadiusTopRight ?? all,
    shape.borderRadiusBottomRight ?? all,
    shape.borderRadiusBottomLeft ?? all,
  ];
}

/** Radii that do not fit side by side shrink all together, as in CSS and in Penpot. */
function roundedBox({ width, height }: Shape, corners: Corners): string {
  const [topLeft, topRight, bottomRight, bottomLeft] = corners;
  const share = Math.min(
    1,
    width / Math.max(topLeft + topRight, bottomLeft + bottomRight),
    height / Math.max(topLeft + bottomLeft, topRight + bottomRight),
  );
  const [a, b, c, d] = corners.map((radius) => radius * share) as unknown as Corners;
  const arc = (radius: number, x: number, y: number) => (radius === 0 ? "" : `A${radius} ${radius} 0 0 1 ${x} ${y}`);
  return [
    `M${a} 0H${width - b}${arc(b, width, b)}`,
    `V${height - c}${arc(c, width - c, height)}`,
    `H${d}${arc(d, 0, height - d)}V${a}${arc(a, a, 0)}Z`,
  ].join("");
}

function ellipse({ width, height }: Shape): string {
  const [rx, ry] = [width / 2, height / 2];
  return `M0 ${ry}A${rx} ${ry} 0 0 1 ${width} ${ry}A${rx} ${ry} 0 0 1 0 ${ry}Z`;
}

/** Before plugin API 1.4 `content` was its only name. */
function pathData({ d, content }: { readonly d?: string; readonly content: string }): string {
  return d ?? content;
}

/** Imported drawings may have holes by the other rule, which only the shape's markup tells. */
function fillRuleOf(penpot: Penpot, shape: Shape): Outline["fillRule"] {
  try {
    return /fill-rule\s*[=:]\s*"?evenodd/.test(penpot.generateMarkup([shape], { type: "svg" })) ? "evenodd" : "nonzero";
  } catch {
    return "nonzero";
  }
}
