import svgPath from "svgpath";
import { defaultShape } from "../document/document.ts";
import { drawnBy, parsePath } from "../document/path-data.ts";
import type { FillData, ShapeData } from "../document/shape.ts";

/** What elements pass on to what is in them. */
interface Inherited {
  readonly transform: string;
  readonly fill: string;
  readonly fillOpacity: number;
  readonly stroke: string;
  readonly strokeWidth: number;
}

const initial: Inherited = { transform: "", fill: "#000000", fillOpacity: 1, stroke: "none", strokeWidth: 1 };

/** The shapes of an SVG, from bottom to top; what is neither a group nor an outline is kept raw. Throws for other markup. */
export function fromSvg(markup: string): ShapeData[] {
  const parsed = new DOMParser().parseFromString(markup, "image/svg+xml");
  const root = parsed.documentElement;
  if (parsed.querySelector("parsererror") !== null || root.localName !== "svg") throw new Error("the markup is no SVG");
  return shapesIn(root, initial);
}

function shapesIn(parent: Element, inherited: Inherited): ShapeData[] {
  return [...parent.children].flatMap((element): ShapeData[] => {
    const own = inheritedBy(element, inherited);
    if (["g", "svg", "a"].includes(element.localName)) return shapesIn(element, own);
    if (["defs", "title", "desc", "metadata", "style"].includes(element.localName)) return [];
    const d = pathOf(element);
    if (d === undefined)
      return [{ ...defaultShape(element.localName), type: "svg-raw", markup: element.outerHTML, fills: [] }];
    if (d === "") return [];
    const steps = parsePath(svgPath(d).transform(own.transform).toString());
    return [{ ...defaultShape(element.id || element.localName), type: "path", ...drawnBy(steps), ...paints(own) }];
  });
}

function inheritedBy(element: Element, from: Inherited): Inherited {
  const { style } = element as SVGElement;
  const read = (name: string) => style.getPropertyValue(name) || element.getAttribute(name);
  return {
    transform: `${from.transform} ${element.getAttribute("transform") ?? ""}`.trim(),
    fill: read("fill") ?? from.fill,
    fillOpacity: Number(read("fill-opacity") ?? from.fillOpacity),
    stroke: read("stroke") ?? from.stroke,
    strokeWidth: Number.parseFloat(read("stroke-width") ?? `${from.strokeWidth}`),
  };
}

function paints({ fill, fillOpacity, stroke, strokeWidth }: Inherited): Pick<ShapeData, "fills" | "strokes"> {
  const [fillColor, strokeColor] = [hexColor(fill), hexColor(stroke)];
  const fills: FillData[] = fillColor ? [{ type: "color", color: fillColor, opacity: fillOpacity }] : [];
  return {
    fills,
    strokes: strokeColor
      ? [{ strokeColor, strokeOpacity: 1, strokeStyle: "solid", strokeWidth, strokeAlignment: "center" }]
      : [],
  };
}

/** Any CSS colour as #rrggbb; undefined for none and for references. */
function hexColor(color: string): string | undefined {
  if (color === "none" || color.startsWith("url(")) return undefined;
  const context = new OffscreenCanvas(1, 1).getContext("2d");
  if (!context) return undefined;
  context.fillStyle = color;
  return /^#[0-9a-f]{6}$/.test(context.fillStyle) ? context.fillStyle : undefined;
}

/** The outline as path data; undefined for elements without one. */
function pathOf(element: Element): string | undefined {
  const value = (name: string) => Number.parseFloat(element.getAttribute(name) ?? "0");
  switch (element.localName) {
    case "path":
      return element.getAttribute("d") ?? "";
    case "rect": {
      const [x, y, width, height] = [value("x"), value("y"), value("width"), value("height")];
      return `M${x} ${y}h${width}v${height}h${-width}z`;
    }
    case "circle":
    case "ellipse": {
      const rx = value(element.localName === "circle" ? "r" : "rx");
      const ry = value(element.localName === "circle" ? "r" : "ry");
      return `M${value("cx") - rx} ${value("cy")}a${rx} ${ry} 0 1 0 ${2 * rx} 0a${rx} ${ry} 0 1 0 ${-2 * rx} 0z`;
    }
    case "line":
      return `M${value("x1")} ${value("y1")}L${value("x2")} ${value("y2")}`;
    case "polyline":
    case "polygon": {
      const points = element.getAttribute("points")?.trim();
      return points ? `M${points}${element.localName === "polygon" ? "z" : ""}` : "";
    }
    default:
      return undefined;
  }
}
