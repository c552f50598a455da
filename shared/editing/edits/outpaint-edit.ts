import { matchGrain } from "../../imaging/compose/match-grain.ts";
import { extendEdges } from "../../imaging/fill/extend-edges.ts";
import type { FloatImage } from "../../imaging/float-image.ts";
import type { RgbaImage } from "../../imaging/rgba-image.ts";
import { hasWords } from "../../planning/words/has-words.ts";
import { type PixelRect, wholeOf } from "../../protocol/geometry.ts";
import type { ExtendPass } from "../../protocol/plans/pass.ts";
import type { OutpaintPlan } from "../../protocol/plans/plan.ts";
import type { ControlledPlace } from "../context/control-pictures.ts";
import { prepareContext } from "../context/prepare-context.ts";
import { throughMask } from "../context/through-mask.ts";
import { unknownCells, withOverlap, workingRect } from "../context/unknown-cells.ts";
import { anchorFlatGround } from "../layer/anchor-flat-ground.ts";
import { correctColour } from "../layer/correct-colour.ts";
import { cutExtension } from "../layer/cut-extension.ts";
import { paintExtension } from "../layer/paint-extension.ts";
import type { Drawing, Edit, EditedBatch, FinishedLayer, Shown } from "../passes/edit.ts";

/**
 * Extends a picture beyond its borders. The layer covers the whole extended canvas, to lie behind the original, not one pixel
 * of which changes: it is transparent there but for a narrow overlap along the extended borders. Its place has negative
 * coordinates where the canvas begins before the source.
 *
 * @param cell working pixels per latent cell of the model
 */
export class OutpaintEdit implements Edit<ExtendPass> {
  readonly plan: OutpaintPlan;
  readonly image: RgbaImage;
  readonly cell: number;

  constructor(plan: OutpaintPlan, image: RgbaImage, cell: number) {
    this.plan = plan;
    this.image = image;
    this.cell = cell;
  }

  get area(): PixelRect {
    return this.plan.canvas;
  }

  /** A picture of the extended size is one of all of it. */
  place({ context }: ExtendPass): Omit<ControlledPlace, "working"> {
    return { frames: [wholeOf(this.image), this.plan.canvas], shown: context };
  }

  begin(batch: number): EditedBatch<ExtendPass> {
    return new OutpaintBatch(this, batch);
  }
}

class OutpaintBatch implements EditedBatch<ExtendPass> {
  readonly #edit: OutpaintEdit;
  /** The extended picture as far as it is drawn, for each variant; what is not known is transparent. */
  readonly #canvases: readonly RgbaImage[];
  /** What earlier passes drew. */
  readonly #drawn: PixelRect[] = [];
  #seen: readonly FloatImage[] = [];
  #repaint: Float32Array = new Float32Array();

  constructor(edit: OutpaintEdit, batch: number) {
    this.#edit = edit;
    this.#canvases = Array.from({ length: batch }, () => onCanvas(edit.image, edit.plan.canvas));
  }

  start(pass: ExtendPass): Drawing {
    const { canvas: place } = this.#edit.plan;
    const { known, context, working } = pass;
    // What is not known is transparent on the canvas; the context continues the colours around it there.
    const onPlace = { ...context, x: context.x - place.x, y: context.y - place.y };
    this.#seen = this.#canvases.map((canvas) => prepareContext(canvas, { context: onPlace, working }));
    const unknown = this.#unknown(pass, this.#edit.cell);
    this.#repaint = withOverlap(unknown, pass, this.#drawn, this.#edit.cell);
    const pictures =
      known === undefined ? this.#seen : this.#seen.map((seen) => extendEdges(seen, unknown, workingRect(known, pass)));
    return { method: "repaint", pass, pictures, repaint: this.#repaint };
  }

  lay(pass: ExtendPass, _index: number, drawn: readonly FloatImage[]): void {
    const { plan, image, cell } = this.#edit;
    const { kind, fills, context, blend, overlap, known } = pass;
    const painted = this.#unknown(pass, 1);
    const wanted = kind === "compose" && !hasWords(plan.prompt) ? "surroundings" : "something-new";
    for (const [variant, picture] of drawn.entries()) {
      const seen = this.#seen[variant]!; // one for each variant
      const correction = { repaint: this.#repaint, painted, cell, wanted } as const;
      const matched = plan.plain ? picture : correctColour(picture, seen, correction);
      const extension = {
        canvas: this.#canvases[variant]!, // one for each variant
        place: plan.canvas,
        original: wholeOf(image),
        drawn:
          known === undefined || plan.plain
            ? matched
            : anchorFlatGround(matched, seen, { ...correction, known: workingRect(known, pass) }),
        context,
        blend,
        fade: overlap,
      };
      for (const fill of fills) paintExtension({ ...extension, fill });
    }
    if (kind === "compose") this.#drawn.push(...fills);
  }

  finish(): readonly FinishedLayer[] {
    const { plan, image } = this.#edit;
    const { canvas: place } = plan;
    const isDrawn = (x: number, y: number): boolean =>
      x < -place.x || y < -place.y || x >= image.width - place.x || y >= image.height - place.y;
    return this.#canvases.map((canvas) => {
      if (!plan.plain) matchGrain(canvas, isDrawn);
      return { pixels: cutExtension(canvas, image, place) };
    });
  }

  preview(drawing: Drawing, decoded: FloatImage): Shown {
    if (drawing.method !== "repaint") throw new Error("An extension repaints.");
    return { pixels: throughMask(decoded, drawing.repaint), area: drawing.pass.context };
  }

  #unknown(pass: ExtendPass, cell: number): Float32Array {
    return unknownCells(
      pass,
      pass.fills,
      pass.kind === "compose" ? [wholeOf(this.#edit.image), ...this.#drawn] : [this.#edit.plan.canvas],
      cell,
    );
  }
}

/** The picture in its place on an otherwise transparent canvas. */
function onCanvas(image: RgbaImage, place: PixelRect): RgbaImage {
  const data = new Uint8ClampedArray(place.width * place.height * 4);
  for (let row = 0; row < image.height; row += 1) {
    const line = image.data.subarray(row * image.width * 4, (row + 1) * image.width * 4);
    data.set(line, ((row - place.y) * place.width - place.x) * 4);
  }
  return { width: place.width, height: place.height, data };
}
