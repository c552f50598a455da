import type { PixelRect } from "../../../shared/protocol/geometry.ts";
import { sampleMask } from "../masks/sample-mask.ts";
import type { TiledMask } from "../masks/tiled-mask.ts";
import type { Viewport } from "./viewport.ts";

export type Rgb = readonly [red: number, green: number, blue: number];

/** Device pixels from one stripe of the hatching to the next, a power of two, and how many of them are drawn. */
const HATCH_PERIOD = 8;
const HATCH_WIDTH = 2;
/** Light enough to see what will change beneath it. */
const GROUND_ALPHA = 0.16;
const STRIPE_ALPHA = 0.62;
/** Of the dark line around it, 0 to 255. */
const RIM_ALPHA = 170;
/** Half covered counts as painted. */
const THRESHOLD = 127;

/**
 * Draws the mask over `area` of the view, to be seen on any ground: hatched in the accent colour, with a white line at its edge and a
 * dark one around that. Everything else in `area` becomes transparent.
 */
export function drawMask(
  context: CanvasRenderingContext2D,
  mask: TiledMask,
  view: Viewport,
  area: PixelRect,
  [red, green, blue]: Rgb,
): void {
  // One pixel more on every side, to know where the edge runs at the rim.
  const outer = { x: area.x - 1, y: area.y - 1, width: area.width + 2, height: area.height + 2 };
  const coverage = sampleMask(mask, view, outer);
  const image = context.createImageData(area.width, area.height);
  // One store a pixel; canvases keep red in the lowest byte.
  const pixels = new Uint32Array(image.data.buffer);
  const colour = red | (green << 8) | (blue << 16);
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
      if (isEdge) {
        pixels[y * area.width + x] = isInside ? 0xffffffff : (RIM_ALPHA << 24) >>> 0;
        continue;
      }
      // Stripes stand still on the screen, so that a part that is drawn anew meets the rest.
      const isStripe = ((area.x + x + area.y + y) & (HATCH_PERIOD - 1)) < HATCH_WIDTH;
      const alpha = Math.round(covered * (isStripe ? STRIPE_ALPHA : GROUND_ALPHA));
      pixels[y * area.width + x] = ((alpha << 24) | colour) >>> 0;
    }
  }
  context.putImageData(image, area.x, area.y);
}
