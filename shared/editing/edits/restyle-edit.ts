import { carryColours } from "../../imaging/colour/carry-colours.ts";
import type { FloatImage } from "../../imaging/float-image.ts";
import type { RgbaImage } from "../../imaging/rgba-image.ts";
import { type PixelRect, wholeOf } from "../../protocol/geometry.ts";
import type { RestylePlan } from "../../protocol/plans/plan.ts";
import type { ControlledPlace } from "../context/control-pictures.ts";
import { fittedPicture } from "../context/fitted-picture.ts";
import { prepareContext } from "../context/prepare-context.ts";
import { requireReferences } from "../context/require-references.ts";
import { previewSize } from "../layer/preview-size.ts";
import { shrinkOpacity } from "../layer/shrink-opacity.ts";
import { toLayer } from "../layer/to-layer.ts";
import type { Drawing, Edit, EditedBatch, Shown } from "../passes/edit.ts";

type DrawnPass = RestylePlan["passes"][number];

/**
 * Draws the whole picture anew in another style. The layer covers the source exactly and has its opacity, so that a cut-out
 * stays cut out.
 */
export class RestyleEdit implements Edit<DrawnPass> {
  readonly area: PixelRect;
  readonly #image: RgbaImage;
  readonly #shrunk: RgbaImage;
  readonly #picture: FloatImage;
  /** Whether the run is a plain one at another size than the picture's, which then is the result's. */
  readonly #isRefitted: boolean;
  /** The pictures whose style is taken over, as the model sees them. */
  readonly #styles: readonly FloatImage[] = [];
  /** How far their colours are carried over. */
  readonly #strength: number = 0;

  constructor({ passes: [pass] }: RestylePlan, image: RgbaImage, references: readonly RgbaImage[]) {
    this.area = wholeOf(image);
    this.#image = image;
    this.#shrunk = shrinkOpacity(image, previewSize(image));
    this.#picture =
      pass.method === "redraw"
        ? fittedPicture(image, pass)
        : prepareContext(image, { context: this.area, working: pass.working });
    this.#isRefitted = pass.method === "redraw" && pass.fit !== undefined;
    if (pass.method === "restyle" && pass.reference) {
      const { working: first, strength, further } = pass.reference;
      const sizes = [first, ...further];
      const given = requireReferences(references, sizes.length);
      this.#styles = sizes.map((working, k) => {
        const picture = given[k]!; // as many as were required
        return prepareContext(picture, { context: wholeOf(picture), working });
      });
      this.#strength = strength;
    }
  }

  place(): Omit<ControlledPlace, "working"> {
    return { frames: [this.area], shown: this.area };
  }

  begin(): EditedBatch<DrawnPass> {
    let layers: readonly RgbaImage[] = [];
    return {
      start: (pass): Drawing =>
        pass.method === "restyle"
          ? { method: "restyle", pass, picture: this.#picture, references: this.#styles }
          : { method: "redraw", pass, pictures: [this.#picture] },
      lay: (_pass, _index, drawn) => {
        layers = drawn.map((picture) =>
          this.#isRefitted ? toLayer(picture, wholeOf(picture), picture) : this.#fitted(picture, this.#image),
        );
      },
      finish: () => layers.map((pixels) => ({ pixels })),
      preview: (_drawing, decoded): Shown => ({ pixels: this.#fitted(decoded, this.#shrunk), area: this.area }),
    };
  }

  /** What was drawn, in the references' colours, with the size and the opacity of `like`. */
  #fitted(drawn: FloatImage, like: RgbaImage): RgbaImage {
    const coloured = this.#styles.length > 0 ? carryColours(drawn, this.#styles, this.#strength) : drawn;
    return toLayer(coloured, wholeOf(drawn), like, like);
  }
}
