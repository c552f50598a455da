import { holdBrightness } from "../../imaging/colour/hold-brightness.ts";
import { opaqueWindow } from "../../imaging/fill/opaque-window.ts";
import type { FloatImage } from "../../imaging/float-image.ts";
import { cutMargin } from "../../imaging/float-image.ts";
import { lanczos } from "../../imaging/resample/lanczos.ts";
import type { RgbaImage } from "../../imaging/rgba-image.ts";
import { type PixelRect, wholeOf } from "../../protocol/geometry.ts";
import type { EnlargingPass } from "../../protocol/plans/pass.ts";
import type { UpscalePlan } from "../../protocol/plans/plan.ts";
import type { ControlledPlace } from "../context/control-pictures.ts";
import { TargetPainter } from "../layer/target-painter.ts";
import type { Drawing, Edit, EditedBatch, TileFeed } from "../passes/edit.ts";

/** Source pixels beyond a tile's margin that the visible pixels at its edge may still be interpolated from. */
const EDGE_REACH = 4;
/** How far colours bleed under transparent pixels, in source pixels: what one tile of a diffusion model may look at. */
const BLEED = 32;
/** Source pixels that the resampling looks at beyond a window. */
const LANCZOS_REACH = 4;

/**
 * Enlarges the whole picture to exactly the wanted size. The layer covers the source, with more pixels; its opacity is the
 * source's, resampled. Beside the result's own bytes a network needs the memory of a row of tiles, a diffusion upscaler that
 * of a band of latents, refinement that of all latents.
 */
export class UpscaleEdit implements Edit<EnlargingPass> {
  readonly area: PixelRect;
  readonly #plan: UpscalePlan;
  readonly #image: RgbaImage;

  constructor(plan: UpscalePlan, image: RgbaImage) {
    this.#plan = plan;
    this.#image = image;
    this.area = wholeOf(image);
  }

  place(): Omit<ControlledPlace, "working"> {
    return { frames: [this.area], shown: this.area };
  }

  begin(): EditedBatch<EnlargingPass> {
    const painters: TargetPainter[] = [];
    return {
      start: (pass): Drawing => {
        const painter = new TargetPainter(this.#image, this.#plan.target, pass);
        painters.push(painter);
        return { method: pass.method, pass, tiles: this.#feed(pass, painter) } as Drawing; // the method is the pass's own
      },
      lay: () => {},
      finish: () => painters.map(({ pixels }) => ({ pixels })),
      preview: () => {
        throw new Error("An enlargement shows no previews.");
      },
    };
  }

  #feed(pass: EnlargingPass, painter: TargetPainter): TileFeed {
    const { columns, rows, tileWidth, tileHeight } = pass.tiling;
    const margin = pass.method === "super-resolve" ? pass.margin : 0;
    return {
      read: (area) => this.#read(pass, area),
      isVisible: (column, row) => painter.isVisible(column, row),
      lay: (column, row, drawn) => {
        const seen = {
          x: columns[column]! - margin, // the tiling's own tile, as the model saw it
          y: rows[row]! - margin,
          width: tileWidth + 2 * margin,
          height: tileHeight + 2 * margin,
        };
        const held = this.#plan.plain ? drawn : holdBrightness(drawn, this.#read(pass, seen), this.#heldCell(pass));
        painter.add(column, row, cutMargin(held, margin * pass.factor));
      },
      finishRow: (row) => painter.finishRow(row),
    };
  }

  #read(pass: EnlargingPass, area: PixelRect): FloatImage {
    switch (pass.method) {
      case "super-resolve":
        return opaqueWindow(this.#image, area, pass.margin + EDGE_REACH);
      case "enlarge":
        return opaqueWindow(this.#image, area, BLEED);
      case "refine":
        return this.#resampled(area);
    }
  }

  /** What the source shows, it decides: reduced to its size again, the result is the source. Finer detail is the model's. */
  #heldCell({ method }: EnlargingPass): number {
    const { target } = this.#plan;
    if (method !== "refine") return 1;
    return Math.sqrt((target.width * target.height) / (this.#image.width * this.#image.height));
  }

  /** The part `area` of the picture as it is after resampling to the target; beyond it, its border repeats. */
  #resampled(area: PixelRect): FloatImage {
    const { target } = this.#plan;
    const scaleX = this.#image.width / target.width;
    const scaleY = this.#image.height / target.height;
    const left = Math.floor(area.x * scaleX) - LANCZOS_REACH;
    const top = Math.floor(area.y * scaleY) - LANCZOS_REACH;
    const right = Math.ceil((area.x + area.width) * scaleX) + LANCZOS_REACH;
    const bottom = Math.ceil((area.y + area.height) * scaleY) + LANCZOS_REACH;
    const window = opaqueWindow(this.#image, { x: left, y: top, width: right - left, height: bottom - top }, BLEED);
    const from = {
      x: area.x * scaleX - left,
      y: area.y * scaleY - top,
      width: area.width * scaleX,
      height: area.height * scaleY,
    };
    return lanczos(window, from, area.width, area.height);
  }
}
