import type { FloatImage } from "../../imaging/float-image.ts";
import { centredPart, resample } from "../../imaging/resample/resample.ts";
import type { RgbaImage } from "../../imaging/rgba-image.ts";
import type { PixelRect, PixelSize } from "../../protocol/geometry.ts";
import type { CreatePlan } from "../../protocol/plans/plan.ts";
import type { ControlledPlace } from "../context/control-pictures.ts";
import { previewSize } from "../layer/preview-size.ts";
import { toLayer } from "../layer/to-layer.ts";
import type { Drawing, Edit, EditedBatch, Shown } from "../passes/edit.ts";

type DrawnPass = CreatePlan["passes"][number];

/** A picture from a prompt alone, of exactly the wanted size. */
export class CreateEdit implements Edit<DrawnPass> {
  readonly area: PixelRect;
  readonly #target: PixelSize;

  constructor({ target }: CreatePlan) {
    this.#target = target;
    this.area = { x: 0, y: 0, ...target };
  }

  /** What is drawn beyond the wanted shape lies around the picture. */
  place({ working }: DrawnPass): Omit<ControlledPlace, "working"> {
    const part = centredPart(working, this.#target);
    const scale = this.#target.width / part.width;
    const shown = {
      x: -part.x * scale,
      y: -part.y * scale,
      width: working.width * scale,
      height: working.height * scale,
    };
    return { frames: [this.area], shown };
  }

  begin(): EditedBatch<DrawnPass> {
    let pictures: readonly FloatImage[] = [];
    return {
      start: (pass): Drawing => {
        if (pass.method === "prompt") return { method: "prompt", pass };
        const { width, height } = pass.working;
        const larger = pictures.map((picture) => resample(picture, { ...picture, x: 0, y: 0 }, width, height));
        return { method: "redraw", pass, pictures: larger };
      },
      lay: (_pass, _index, drawn) => {
        pictures = drawn;
      },
      finish: () => pictures.map((picture) => ({ pixels: this.#fitted(picture, this.#target) })),
      preview: (_drawing, decoded): Shown => ({
        pixels: this.#fitted(decoded, previewSize(this.#target)),
        area: this.area,
      }),
    };
  }

  #fitted(picture: FloatImage, size: PixelSize): RgbaImage {
    return toLayer(picture, centredPart(picture, this.#target), size);
  }
}
