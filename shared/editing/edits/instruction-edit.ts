import type { FloatImage } from "../../imaging/float-image.ts";
import { resample } from "../../imaging/resample/resample.ts";
import type { GrayImage, RgbaImage } from "../../imaging/rgba-image.ts";
import { enlargedIn, overlaps, type PixelRect, type PixelSize, wholeOf } from "../../protocol/geometry.ts";
import type { InputNote } from "../../protocol/input-note.ts";
import type { InstructionPlan } from "../../protocol/plans/plan.ts";
import type { ControlledPlace } from "../context/control-pictures.ts";
import { type FittedSize, fittedPicture } from "../context/fitted-picture.ts";
import { paintedContext } from "../context/painted-context.ts";
import { prepareContext } from "../context/prepare-context.ts";
import { requireReferences } from "../context/require-references.ts";
import { throughMask } from "../context/through-mask.ts";
import { compositeMask, layerArea } from "../layer/composite-mask.ts";
import { correctColour } from "../layer/correct-colour.ts";
import { cutLayer } from "../layer/cut-layer.ts";
import { grainLayer } from "../layer/grain-layer.ts";
import { previewSize } from "../layer/preview-size.ts";
import { type Settled, settleDrift } from "../layer/settle-drift.ts";
import { shrinkOpacity } from "../layer/shrink-opacity.ts";
import { toLayer } from "../layer/to-layer.ts";
import type { Drawing, Edit, EditedBatch, FinishedLayer, Shown } from "../passes/edit.ts";

type DrawnPass = InstructionPlan["passes"][number];

/** Opacities are made of coverages in as many rows at once: what exists as floats beside them stays small. */
const BAND = 256;

const nothingChanged: InputNote = {
  code: "nothing-changed",
  text: "The model changed nothing: what it drew is the picture again. Say more plainly what to change, or draw with another seed.",
};
const everythingChanged: InputNote = {
  code: "everything-changed",
  text: "The model changed the whole picture, so the layer holds all of it.",
};

/** Pixels of the source along one that the model draws, from which on what it drew is visibly softer. */
const VISIBLY_COARSER = 1.25;

/** Said where a drawing has fewer pixels than what it is laid over. */
function softerNote({ context, working }: DrawnPass): readonly InputNote[] {
  if (Math.max(context.width / working.width, context.height / working.height) < VISIBLY_COARSER) return [];
  const [drawn, shown] = [working, context].map(({ width, height }) => `${width}×${height}`);
  const text = `The model drew ${drawn} pixels for the picture's ${shown}, so that what it changed is softer. Paint over a small part to have that drawn in full detail.`;
  return [{ code: "drawn-coarser", text }];
}

/**
 * Changes a picture as the prompt says. The layer holds what the model changed and nothing else, softly edged, at the source's own
 * place and in its colours, and has at most the source's opacity; with a mask, it holds what is within it. A plain run's is what was drawn.
 */
export class InstructionEdit implements Edit<DrawnPass> {
  readonly area: PixelRect;
  readonly #plan: InstructionPlan;
  readonly #image: RgbaImage;
  readonly #mask: GrayImage | undefined;
  readonly #references: readonly RgbaImage[];
  readonly #cell: number;

  /**
   * @param mask the image's size; what is white may change. Absent: all of it.
   * @param cell working pixels per latent cell of the model
   */
  constructor(
    plan: InstructionPlan,
    image: RgbaImage,
    { mask, references, cell }: { mask: GrayImage | undefined; references: readonly RgbaImage[]; cell: number },
  ) {
    this.area = plan.mask ? layerArea(plan.mask.painted, plan.mask.blend, image) : wholeOf(image);
    this.#plan = plan;
    this.#image = image;
    this.#mask = mask;
    this.#references = references;
    this.#cell = cell;
  }

  place({ context }: DrawnPass): Omit<ControlledPlace, "working"> {
    return { frames: [wholeOf(this.#image)], shown: context };
  }

  begin(): EditedBatch<DrawnPass> {
    let source: FloatImage | undefined;
    let layers: readonly FinishedLayer[] = [];
    return {
      start: (pass): Drawing => {
        const seenAs = (image: RgbaImage, size: FittedSize, context: PixelRect): FloatImage =>
          this.#plan.plain ? fittedPicture(image, size) : prepareContext(image, { context, working: size.working });
        source = seenAs(this.#image, pass, pass.context);
        const given = requireReferences(this.#references, pass.references.length);
        const references = pass.references.map((size, k) => {
          const reference = given[k]!; // as many as were required
          return seenAs(reference, size, wholeOf(reference));
        });
        return { method: "instruct", pass, pictures: [source, ...references] };
      },
      lay: (pass, _index, drawn) => {
        const seen = source;
        if (seen === undefined) throw new Error("A pass starts before it is laid down.");
        layers = drawn.map((picture) => this.#layer(picture, seen, pass));
      },
      finish: () => layers,
      preview: ({ pass }, decoded) => this.#preview(decoded, pass as DrawnPass), // the only pass
    };
  }

  #layer(drawn: FloatImage, seen: FloatImage, pass: DrawnPass): FinishedLayer {
    const { plain, mask, keep } = this.#plan;
    if (plain) return { pixels: toLayer(drawn, wholeOf(drawn), drawn), area: wholeOf(this.#image) };
    const softer = softerNote(pass);
    if (mask && this.#mask) return { ...this.#withinMask(this.#mask, mask, drawn, seen, pass), notes: softer };
    if (keep === "everything") return { ...this.#whole(drawn, pass), notes: softer };
    const settled = settleDrift(drawn, seen, this.#insideImage(pass));
    if (settled.changed === "everything") return { ...this.#whole(drawn, pass), notes: [everythingChanged, ...softer] };
    const layer = this.#changes(settled, pass);
    return layer === undefined ? { ...emptyLayer, notes: [nothingChanged] } : { ...layer, notes: softer };
  }

  /** All that was drawn, with the source's opacity. */
  #whole(drawn: FloatImage, { context }: DrawnPass): FinishedLayer {
    const alpha = opacityUnder(this.#image, this.area);
    return { pixels: cutLayer(drawn, context, this.area, alpha), area: this.area };
  }

  /** What was changed; undefined for nothing that shows. */
  #changes({ picture, coverage, changed }: Settled, { context }: DrawnPass): FinishedLayer | undefined {
    const area = changed === "nothing" ? undefined : this.#changedArea(coverage, picture, context);
    const alpha = area && softened(coverage, picture, context, area, opacityUnder(this.#image, area));
    if (area === undefined || !alpha?.some((value) => value > 0)) return undefined;
    const pixels = cutLayer(picture, context, area, alpha);
    grainLayer(pixels, area, this.#image);
    return { pixels, area };
  }

  #withinMask(
    mask: GrayImage,
    { painted, blend }: NonNullable<InstructionPlan["mask"]>,
    drawn: FloatImage,
    seen: FloatImage,
    pass: DrawnPass,
  ): FinishedLayer {
    const repaint = this.#repaint(mask, pass);
    const known = this.#insideImage(pass).map((value, pixel) => (repaint[pixel] ? 0 : value));
    const { picture } = settleDrift(drawn, seen, known);
    const corrected = correctColour(picture, seen, { repaint, cell: this.#cell, wanted: "something-new" });
    const { area } = this;
    const coverage = compositeMask(mask, painted, this.#image, area, blend);
    const opacity = opacityUnder(this.#image, area);
    const pixels = cutLayer(
      corrected,
      pass.context,
      area,
      coverage.map((share, pixel) => Math.round((share * opacity[pixel]!) / 255)),
    );
    grainLayer(pixels, area, this.#image);
    return { pixels, area };
  }

  /** 1 where the mask is painted at all, at the working size. */
  #repaint(mask: GrayImage, { context, working }: DrawnPass): Float32Array {
    const { data } = paintedContext(mask, { context, working, drawn: [] });
    return Float32Array.from(data, (value) => (value > 0 ? 1 : 0));
  }

  /** 1 where a working pixel lies in the source: beyond it there is nothing to be compared. */
  #insideImage({ context, working }: DrawnPass): Uint8Array {
    const inside = new Uint8Array(working.width * working.height);
    const at = (start: number, length: number, index: number, count: number) =>
      start + ((index + 0.5) * length) / count;
    for (let y = 0; y < working.height; y += 1) {
      const row = at(context.y, context.height, y, working.height);
      if (row < 0 || row >= this.#image.height) continue;
      for (let x = 0; x < working.width; x += 1) {
        const column = at(context.x, context.width, x, working.width);
        if (column >= 0 && column < this.#image.width) inside[y * working.width + x] = 1;
      }
    }
    return inside;
  }

  /** The smallest rectangle of the source around what is covered; undefined where that lies beyond it. */
  #changedArea(coverage: Float32Array, { width, height }: PixelSize, context: PixelRect): PixelRect | undefined {
    let [left, top, right, bottom] = [width, height, -1, -1];
    for (const [pixel, share] of coverage.entries()) {
      if (share === 0) continue;
      const [x, y] = [pixel % width, Math.floor(pixel / width)];
      [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x), Math.max(bottom, y)];
    }
    const across = context.width / width;
    const down = context.height / height;
    const x = Math.floor(context.x + left * across);
    const y = Math.floor(context.y + top * down);
    const area = {
      x,
      y,
      width: Math.ceil(context.x + (right + 1) * across) - x,
      height: Math.ceil(context.y + (bottom + 1) * down) - y,
    };
    return overlaps(area, this.area) ? enlargedIn(this.#image, area, 0) : undefined;
  }

  #preview(decoded: FloatImage, pass: DrawnPass): Shown {
    if (this.#mask && this.#plan.mask)
      return { pixels: throughMask(decoded, this.#repaint(this.#mask, pass)), area: pass.context };
    const size = previewSize(this.#image);
    const whole = wholeOf(this.#image);
    const from = partUnder(whole, pass.context, decoded);
    return { pixels: toLayer(decoded, from, size, shrinkOpacity(this.#image, size)), area: whole };
  }
}

/** What lies over the source and changes no pixel of it. */
const emptyLayer: FinishedLayer = {
  pixels: { width: 1, height: 1, data: new Uint8ClampedArray(4) },
  area: { x: 0, y: 0, width: 1, height: 1 },
};

/** The part of a drawing of `context` that lies under `area`. */
function partUnder(area: PixelRect, context: PixelRect, { width, height }: PixelSize) {
  const [across, down] = [width / context.width, height / context.height];
  return {
    x: (area.x - context.x) * across,
    y: (area.y - context.y) * down,
    width: area.width * across,
    height: area.height * down,
  };
}

/** One value a pixel of `area`, which lies inside the image. */
function opacityUnder({ width, data }: RgbaImage, area: PixelRect): Uint8Array {
  const alpha = new Uint8Array(area.width * area.height);
  for (let y = 0; y < area.height; y += 1)
    for (let x = 0; x < area.width; x += 1)
      alpha[y * area.width + x] = data[((area.y + y) * width + area.x + x) * 4 + 3]!;
  return alpha;
}

/** `opacity` as far as a coverage at the working size goes, brought to source pixels. */
function softened(
  coverage: Float32Array,
  { width, height }: PixelSize,
  context: PixelRect,
  area: PixelRect,
  opacity: Uint8Array,
): Uint8Array {
  const covered: FloatImage = { width, height, channels: 1, data: coverage };
  const alpha = new Uint8Array(opacity.length);
  for (let top = 0; top < area.height; top += BAND) {
    const rows = Math.min(BAND, area.height - top);
    const band = partUnder({ ...area, y: area.y + top, height: rows }, context, covered);
    const shares = resample(covered, band, area.width, rows).data;
    const start = top * area.width;
    for (let i = 0; i < shares.length; i += 1)
      alpha[start + i] = Math.round(Math.min(1, Math.max(0, shares[i]!)) * opacity[start + i]!);
  }
  return alpha;
}
