import { estimateForeground } from "../../imaging/compose/estimate-foreground.ts";
import { opaqueWindow } from "../../imaging/fill/opaque-window.ts";
import type { FloatImage } from "../../imaging/float-image.ts";
import type { RgbaImage } from "../../imaging/rgba-image.ts";
import { type PixelRect, wholeOf } from "../../protocol/geometry.ts";
import type { MattePass } from "../../protocol/plans/pass.ts";
import type { ControlledPlace } from "../context/control-pictures.ts";
import type { Drawing, Edit, EditedBatch, FinishedLayer } from "../passes/edit.ts";

/** How far colours bleed under transparent pixels, in source pixels, for the network to look at. */
const BLEED = 32;

/**
 * Takes the background away. The layer is the whole picture: the subject in its own pixels, bit for bit where it is opaque, its soft
 * edges in its colour alone; all of the source beneath is taken away.
 */
export class CutoutEdit implements Edit<MattePass> {
  readonly area: PixelRect;
  readonly #image: RgbaImage;

  constructor(image: RgbaImage) {
    this.#image = image;
    this.area = wholeOf(image);
  }

  place(): Omit<ControlledPlace, "working"> {
    return { frames: [this.area], shown: this.area };
  }

  begin(batch: number): EditedBatch<MattePass> {
    let layer: FinishedLayer | undefined;
    return {
      start: (pass): Drawing => ({ method: "matte", pass, picture: opaqueWindow(this.#image, this.area, BLEED) }),
      lay: (_pass, _index, [matte]) => {
        if (matte !== undefined) layer = this.#cutOut(matte);
      },
      finish: () => {
        if (layer === undefined) throw new Error("A cut-out has one pass.");
        return new Array<FinishedLayer>(batch).fill(layer);
      },
      preview: () => {
        throw new Error("A cut-out shows no previews.");
      },
    };
  }

  #cutOut(matte: FloatImage): FinishedLayer {
    const { width, height, data } = this.#image;
    const alpha = Uint8Array.from(matte.data, (share, pixel) => Math.round(share * data[pixel * 4 + 3]!));
    const pixels = estimateForeground(this.#image, { width, height, data: alpha });
    return { pixels, erase: { width, height, data: new Uint8Array(width * height).fill(255) } };
  }
}
