import type { FloatImage } from "../../imaging/float-image.ts";
import type { GrayImage, RgbaImage } from "../../imaging/rgba-image.ts";
import type { PixelRect, PixelSize } from "../../protocol/geometry.ts";
import type { InstructionPlan } from "../../protocol/plan.ts";
import type { ControlledPlace } from "../context/control-pictures.ts";
import { fittedPicture } from "../context/fitted-picture.ts";
import { compositeMask } from "../layer/composite-mask.ts";
import { previewSize } from "../layer/preview-size.ts";
import { shrinkOpacity } from "../layer/shrink-opacity.ts";
import { toLayer } from "../layer/to-layer.ts";
import type { Drawing, Edit, EditedBatch, Shown } from "../passes/edit.ts";

type DrawnPass = InstructionPlan["passes"][number];

/**
 * Changes a picture as the prompt says. The layer covers the source and has its opacity; with a mask, nothing outside of it and
 * its soft edge. A plain run's is what was drawn.
 */
export class InstructionEdit implements Edit<DrawnPass> {
  readonly area: PixelRect;
  readonly #plan: InstructionPlan;
  readonly #image: RgbaImage;
  readonly #mask: GrayImage | undefined;
  readonly #references: readonly RgbaImage[];

  /** @param mask the image's size; what is white may change. Absent: all of it. */
  constructor(plan: InstructionPlan, image: RgbaImage, mask: GrayImage | undefined, references: readonly RgbaImage[]) {
    this.area = wholeOf(image);
    this.#plan = plan;
    this.#image = image;
    this.#mask = mask;
    this.#references = references;
  }

  place(): Omit<ControlledPlace, "working"> {
    return { frames: [this.area], shown: this.area };
  }

  begin(): EditedBatch<DrawnPass> {
    let layers: readonly RgbaImage[] = [];
    return {
      start: (pass): Drawing => ({
        method: "instruct",
        pass,
        pictures: [
          fittedPicture(this.#image, pass),
          ...pass.references.map((size, k) => fittedPicture(this.#references[k]!, size)), // planned for as many
        ],
      }),
      lay: (_pass, _index, drawn) => {
        layers = drawn.map((picture) => this.#layer(picture));
      },
      finish: () => layers.map((pixels) => ({ pixels })),
      preview: (_drawing, decoded): Shown => {
        const size = previewSize(this.#image);
        return { pixels: toLayer(decoded, wholeOf(decoded), size, shrinkOpacity(this.#image, size)), area: this.area };
      },
    };
  }

  #layer(drawn: FloatImage): RgbaImage {
    if (this.#plan.plain) return toLayer(drawn, wholeOf(drawn), drawn);
    const layer = toLayer(drawn, wholeOf(drawn), this.#image, this.#image);
    const { blend } = this.#plan;
    if (this.#mask === undefined || blend === undefined) return layer;
    const coverage = compositeMask(this.#mask, this.area, this.#image, this.area, blend);
    for (const [pixel, share] of coverage.entries()) {
      const alpha = pixel * 4 + 3;
      layer.data[alpha] = Math.round((layer.data[alpha]! * share) / 255);
      if (layer.data[alpha] === 0) layer.data.fill(0, pixel * 4, alpha); // nothing hides under full transparency
    }
    return layer;
  }
}

function wholeOf({ width, height }: PixelSize): PixelRect {
  return { x: 0, y: 0, width, height };
}
