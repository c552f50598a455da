import type { PixelRect } from "../../../shared/protocol/geometry.ts";
import { sampleMask } from "../masks/sample-mask.ts";
import type { TiledMask } from "../masks/tiled-mask.ts";
import type { Viewport } from "./viewport.ts";

export type Rgb = readonly [red: number, green: number, blue: number];

/** Light enough to see what will change beneath it. */
const FILL_ALPHA = 0.45;
/** Of the dark line around it, 0 to 255. */
const RIM_ALPHA = 120;
/** Half covered counts as painted. */
const THRESHOLD = 127;

/**
 * Draws the mask over `area` of the view: the accent colour, edged so that it stands out from pictures of that colour.
 * Everything else in `area` becomes transparent.
 */
export function drawMask(
  context: CanvasRenderingContext2D,
  mask: TiledMask,
  view: Viewport,
  area: PixelRect,
  colour: Rgb,
): void {
  // One pixel more on every side, to know where the edge runs at the rim.
  const outer = { x: area.x - 1, y: area.y - 1, width: area.width + 2, height: area.height + 2 };
  const coverage = sampleMask(mask, view, outer);
  const pixels = context.createImageData(area.width, area.height);
  const [red, green, blue] = colour;
  for (let y = 0; y < area.height; y++) {
    for (let x = 0; x < area.width; x++) {
      const at = (y + 1) * outer.width + x + 1;
      const covered = coverage[at]!;
      const isInside = covered > THRESHOLD;
      const isEdge =
        coverage[at - 1]! > THRESHOLD !== isInside ||
        coverage[at + 1]! > THRESHOLD !== isInside ||
        coverage[at - outer.width]! > THRESHOLD !== isInside ||
        coverage[at + outer.width]! > THRESHOLD !== isInside;
      if (covered === 0 && !isEdge) continue;
      const out = (y * area.width + x) * 4;
      if (isEdge && !isInside) {
        pixels.data[out + 3] = RIM_ALPHA;
      } else {
        pixels.data[out] = red;
        pixels.data[out + 1] = green;
        pixels.data[out + 2] = blue;
        pixels.data[out + 3] = isEdge ? 255 : covered * FILL_ALPHA;
      }
    }
  }
  context.putImageData(pixels, area.x, area.y);
}
