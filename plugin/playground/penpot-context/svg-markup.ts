import { matrixOf, type Placement } from "../document/geometry.ts";

/** The shape's outline as SVG. As in Penpot's, the box is upright and the matrix about its centre turns it. */
export function svgOf(placement: Placement): string {
  const { x, y, width, height } = placement;
  const { a, b, c, d } = matrixOf(placement);
  // matrixOf maps the box's own coordinates; SVG's maps the page's, in which the centre stays where it is.
  const [cx, cy] = [x + width / 2, y + height / 2];
  const linear = [a, b, c, d, cx - a * cx - c * cy, cy - b * cx - d * cy].map((value) => value.toFixed(6)).join(", ");
  return `<rect x="${x}" y="${y}" transform="matrix(${linear})" width="${width}" height="${height}"/>`;
}
