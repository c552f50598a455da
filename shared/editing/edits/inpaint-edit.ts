import { eachOnce } from "../../diffusion/tensors/each-once.ts";
import { paintOver } from "../../imaging/compose/composite.ts";
import { type PatchedPicture, windowOf, withPatch } from "../../imaging/compose/patched-picture.ts";
import type { FloatImage } from "../../imaging/float-image.ts";
import { resample } from "../../imaging/resample/resample.ts";
import type { GrayImage, RgbaImage } from "../../imaging/rgba-image.ts";
import { uniteRects } from "../../planning/sizes/unite-rects.ts";
import { overlaps, type PixelRect, wholeOf } from "../../protocol/geometry.ts";
import type { InpaintPass } from "../../protocol/plans/pass.ts";
import type { InpaintPlan } from "../../protocol/plans/plan.ts";
import type { ControlledPlace } from "../context/control-pictures.ts";
import { denoiseMask } from "../context/denoise-mask.ts";
import { fittedMask, fittedPicture } from "../context/fitted-picture.ts";
import { paintedContext } from "../context/painted-context.ts";
import { prefillContext } from "../context/prefill-context.ts";
import { prepareContext } from "../context/prepare-context.ts";
import { throughMask } from "../context/through-mask.ts";
import { compositeMask, layerArea } from "../layer/composite-mask.ts";
import { type CorrectColour, correctColour } from "../layer/correct-colour.ts";
import { cutLayer } from "../layer/cut-layer.ts";
import { grainLayer } from "../layer/grain-layer.ts";
import { toLayer } from "../layer/to-layer.ts";
import { opacityOnGround } from "../layer/transparent-ground.ts";
import type { Drawing, Edit, EditedBatch, FinishedLayer, Shown } from "../passes/edit.ts";

/** Of what is removed, a shadow or a soft border may have stayed outside the mask: within this share of the blend. */
const RIM_SHARE = 0.5;

type RegionPass = InpaintPlan["passes"][number];

/** Holes that are drawn together, by one or two passes. */
interface Region {
  /** The smallest rectangle around them; those of different regions are disjoint. */
  readonly painted: PixelRect;
  /** Where their part of the layer lies. */
  readonly area: PixelRect;
  /** How far their composite mask fades out, in pixels; undefined in a plain run, where all that was drawn is the result. */
  readonly blend: number | undefined;
  /** Index of the pass that draws them last. */
  readonly last: number;
}

/** What a pass drew, its colours corrected, and where it lies. */
interface Composed {
  readonly pixels: FloatImage;
  readonly context: PixelRect;
}

/**
 * Inpainting: crop, prefill, diffuse, correct the colour, composite, region by region. One layer covers all regions and is
 * transparent between them.
 *
 * @param mask the image's size; white is repainted
 * @param cell working pixels per latent cell of the model
 */
export class InpaintEdit implements Edit<RegionPass> {
  readonly plan: InpaintPlan;
  readonly image: RgbaImage;
  readonly mask: GrayImage;
  readonly cell: number;
  readonly area: PixelRect;
  readonly #regions: readonly Region[];
  /** How opaque each region's layer is, the same for every variant. */
  readonly #alphas = new Map<Region, Uint8Array>();

  constructor(plan: InpaintPlan, image: RgbaImage, mask: GrayImage, cell: number) {
    this.plan = plan;
    this.image = image;
    this.mask = mask;
    this.cell = cell;
    this.#regions = regionsOf(plan, image);
    this.area = this.#regions.map(({ area }) => area).reduce(uniteRects);
  }

  place({ context }: RegionPass): Omit<ControlledPlace, "working"> {
    return { frames: [wholeOf(this.image)], shown: context };
  }

  begin(batch: number): EditedBatch<RegionPass> {
    return new InpaintBatch(this, batch);
  }

  /** The region that pass number `index` draws, and those drawn before it. */
  regionAt(index: number): { readonly region: Region; readonly before: readonly Region[] } {
    const position = this.#regions.findIndex(({ last }) => index <= last);
    return { region: this.#regions[position]!, before: this.#regions.slice(0, position) }; // the last one's `last` is the last pass
  }

  alphaOf(region: Region): Uint8Array {
    const { painted, area, blend = 0 } = region;
    const known = this.#alphas.get(region);
    if (known !== undefined) return known;
    const alpha = compositeMask(this.mask, painted, this.image, area, blend);
    this.#alphas.set(region, alpha);
    return alpha;
  }

  /** How a pass's drawing is to meet what surrounds it. */
  correction(pass: InpaintPass, blend: number, repaint: Float32Array, painted: GrayImage): CorrectColour {
    const { intent } = this.plan;
    const rim = (intent === "remove" ? RIM_SHARE : 0) * blend * (pass.working.width / pass.context.width);
    const wanted = intent === "remove" || intent === "fill" ? "surroundings" : "something-new";
    return { repaint, painted: painted.data, cell: this.cell, wanted, rim };
  }
}

class InpaintBatch implements EditedBatch<RegionPass> {
  readonly #edit: InpaintEdit;
  /** The source as it is now for each variant: with the regions so far drawn that a later one sees. */
  readonly #currents: PatchedPicture[];
  readonly #layers: (FinishedLayer | undefined)[];
  #seen: readonly FloatImage[] = [];
  #correction: CorrectColour | undefined;
  #composed: readonly Composed[] = [];

  constructor(edit: InpaintEdit, batch: number) {
    this.#edit = edit;
    this.#currents = new Array<PatchedPicture>(batch).fill({ source: edit.image, patches: [] });
    this.#layers = new Array<FinishedLayer | undefined>(batch).fill(undefined);
  }

  start(pass: RegionPass, index: number): Drawing {
    const { mask, cell } = this.#edit;
    const { context, working, mask: reach } = pass;
    const drawn = this.#edit.regionAt(index).before.map(({ painted }) => painted);
    this.#seen = eachOnce(this.#currents, (current) => {
      if (pass.method === "inpaint" && reach === undefined) return fittedPicture(this.#edit.image, pass);
      const window = windowOf(current, context);
      return prepareContext(window.image, { context: window.area, working });
    });
    const painted = reach && paintedContext(mask, { context, working, drawn });
    if (pass.method === "erase") {
      // The network continues colours by itself, up to the last known pixel: nothing is to be corrected.
      this.#correction = undefined;
      const hole = denoiseMask(painted ?? mask, { context, mask: pass.mask, masking: "shown" }, 1);
      return { method: "erase", pass, pictures: this.#seen, hole };
    }
    const { start } = pass;
    const repaint = painted ? denoiseMask(painted, { ...pass, mask: reach }, cell) : fittedMask(mask, pass);
    this.#correction = painted && this.#edit.correction(pass, reach.blend, repaint, painted);
    const pictures =
      start === "composed"
        ? this.#seen.map((seen, variant) => withComposed(seen, repaint, pass, this.#composed[variant]!)) // one for each
        : eachOnce(this.#seen, (seen) => prefillContext(seen, repaint, start, cell));
    return { method: "repaint", pass, pictures, repaint };
  }

  lay({ context }: RegionPass, index: number, drawn: readonly FloatImage[]): void {
    const correction = this.#correction;
    this.#composed = drawn.map((picture, variant) => ({
      pixels: correction ? correctColour(picture, this.#seen[variant]!, correction) : picture, // one for each
      context,
    }));
    const { region } = this.#edit.regionAt(index);
    if (index < region.last) return;
    if (region.blend === undefined) {
      this.#layers.splice(
        0,
        drawn.length,
        ...drawn.map((picture) => ({ pixels: toLayer(picture, wholeOf(picture), picture) })),
      );
      return;
    }
    const isSeen = this.#edit.plan.passes.slice(index + 1).some((later) => overlaps(later.context, region.area));
    for (const [variant, composed] of this.#composed.entries()) {
      const { pixels, erase } = this.#regionLayer(composed, region);
      const finished = this.#layers[variant];
      this.#layers[variant] = {
        pixels: withRegion(finished?.pixels, pixels, region.area, this.#edit.area),
        erase: withErased(finished?.erase, erase, region.area, this.#edit.area),
      };
      if (isSeen) this.#currents[variant] = withPatch(this.#currents[variant]!, pixels, region.area, erase); // one for each
    }
  }

  finish(): readonly FinishedLayer[] {
    return this.#layers.map((layer) => {
      if (layer === undefined) throw new Error("A plan has at least one region.");
      return layer;
    });
  }

  /** What was drawn of a region, brought back to source pixels, with its opacity and the grain of what is around. */
  #regionLayer(drawn: Composed, region: Region): FinishedLayer {
    const { plan, image, mask } = this.#edit;
    const { area } = region;
    const coverage = this.#edit.alphaOf(region);
    const { alpha, erase } = opacityOnGround({ image, mask, area, intent: plan.intent, drawn }, coverage);
    const pixels = cutLayer(drawn.pixels, drawn.context, area, alpha);
    grainLayer(pixels, area, image);
    return { pixels, erase: erase && { width: area.width, height: area.height, data: erase } };
  }

  preview(drawing: Drawing, decoded: FloatImage): Shown {
    if (drawing.method !== "repaint") throw new Error("An inpainting repaints.");
    return { pixels: throughMask(decoded, drawing.repaint), area: drawing.pass.context };
  }
}

/** A pass that starts from what was composed goes on with the holes of the one before it. */
function regionsOf({ passes }: InpaintPlan, image: RgbaImage): readonly Region[] {
  return passes.flatMap(({ painted, mask }, index) => {
    const next = passes[index + 1];
    if (next?.method === "inpaint" && next.start === "composed") return [];
    return [{ painted, area: layerArea(painted, mask?.blend ?? 0, image), blend: mask?.blend, last: index }];
  });
}

/** What the pass before composed, brought to the refining pass's place and size, where that one repaints. */
function withComposed(seen: FloatImage, repaint: Float32Array, pass: InpaintPass, composed: Composed): FloatImage {
  const { pixels, context } = composed;
  const scaleX = pixels.width / context.width;
  const scaleY = pixels.height / context.height;
  const from = {
    x: (pass.context.x - context.x) * scaleX,
    y: (pass.context.y - context.y) * scaleY,
    width: pass.context.width * scaleX,
    height: pass.context.height * scaleY,
  };
  const larger = resample(pixels, from, seen.width, seen.height);
  const data = new Float32Array(seen.data);
  for (let i = 0; i < data.length; i += 1) if (repaint[Math.floor(i / 3)]) data[i] = larger.data[i]!;
  return { ...seen, data };
}

/** The layer of all regions with one more painted in; a first one that covers all of `area` is the layer itself. */
function withRegion(whole: RgbaImage | undefined, layer: RgbaImage, place: PixelRect, area: PixelRect): RgbaImage {
  const { width, height } = area;
  if (whole === undefined && layer.width === width && layer.height === height) return layer;
  const pixels = whole ?? { width, height, data: new Uint8ClampedArray(width * height * 4) };
  paintOver(pixels, layer, { x: place.x - area.x, y: place.y - area.y });
  return pixels;
}

/** What all regions take away, with one more. */
function withErased(
  whole: GrayImage | undefined,
  erase: GrayImage | undefined,
  place: PixelRect,
  area: PixelRect,
): GrayImage | undefined {
  if (erase === undefined) return whole;
  const { width, height } = area;
  const data = whole?.data ?? new Uint8Array(width * height);
  for (let y = 0; y < erase.height; y += 1)
    for (let x = 0; x < erase.width; x += 1) {
      const to = (y + place.y - area.y) * width + x + place.x - area.x;
      data[to] = Math.max(data[to]!, erase.data[y * erase.width + x]!);
    }
  return { width, height, data };
}
