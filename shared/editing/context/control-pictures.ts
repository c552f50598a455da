import type { ControlPicture } from "../../diffusion/models/diffusion-model.ts";
import { luminance } from "../../imaging/colour/brightness.ts";
import { cannyEdges } from "../../imaging/control/canny.ts";
import { outline, withoutDetail } from "../../imaging/control/hints.ts";
import type { FloatImage } from "../../imaging/float-image.ts";
import { cropPremultiplied } from "../../imaging/resample/crop-premultiplied.ts";
import { resample, type SampleRect } from "../../imaging/resample/resample.ts";
import type { GrayImage, RgbaImage } from "../../imaging/rgba-image.ts";
import type { ControlKind, PlannedControl } from "../../protocol/control.ts";
import type { PixelRect, PixelSize } from "../../protocol/geometry.ts";
import { OverpaintError } from "../../protocol/overpaint-error.ts";
import { opaque, SAMPLES_LEFT } from "./prepare-context.ts";

/** The pictures from which ControlNets are shown something. */
export interface ControlSources {
  readonly image?: RgbaImage | undefined;
  readonly mask?: GrayImage | undefined;
  /** One for each control; where there is none, the image, or for an outline the mask. */
  readonly controls?: readonly (RgbaImage | undefined)[] | undefined;
}

/** What a pass draws, in pixels of the source. */
export interface ControlledPlace {
  /** Where a control's picture lies: over the one of its own size, else stretched over the first. */
  readonly frames: readonly [PixelRect, ...PixelRect[]];
  /** What the working picture shows; it may reach beyond the frame. */
  readonly shown: SampleRect;
  readonly working: PixelSize;
}

/** Kinds of which nothing is there beyond the picture's borders; of the others the border's colours go on. */
const endingKinds: readonly ControlKind[] = ["canny", "outline", "raw"];
/** Kinds that show lines or are ready: what is transparent is black, and not filled with the colours around. */
const blackKinds: readonly ControlKind[] = ["outline", "raw"];

/** What the ControlNets of an edit look at, cut and resampled for each of its passes. */
export class ControlPictures {
  readonly #controls: readonly { readonly planned: PlannedControl; readonly source: RgbaImage }[];

  /** Throws OverpaintError `invalid-request` for a control without a picture. */
  constructor(controls: readonly PlannedControl[], sources: ControlSources) {
    this.#controls = controls.map((planned, k) => ({ planned, source: sourceOf(planned, k, sources) }));
  }

  at(place: ControlledPlace): readonly ControlPicture[] {
    return this.#controls.map(({ planned: { kind, strength, start, end }, source }, net) => ({
      net,
      strength,
      start,
      end,
      picture: shownPicture(kind, source, place),
    }));
  }
}

function sourceOf({ kind }: PlannedControl, k: number, { image, mask, controls }: ControlSources): RgbaImage {
  const given = controls?.[k];
  if (given) return given;
  if (kind === "outline" && mask) return toRgba(mask);
  if (kind !== "raw" && kind !== "outline" && image) return image;
  throw new OverpaintError(
    "invalid-request",
    `The ${kind} control has no picture.`,
    kind === "outline" || kind === "raw" || image === undefined
      ? `Name one: ${kind}:IMAGE.`
      : "Send the picture with the request.",
  );
}

function toRgba({ width, height, data }: GrayImage): RgbaImage {
  const pixels = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < data.length; i += 1) {
    pixels.fill(data[i]!, i * 4, i * 4 + 3);
    pixels[i * 4 + 3] = 255;
  }
  return { width, height, data: pixels };
}

/** [3, height, width] of the working picture, 0 to 1. */
function shownPicture(kind: ControlKind, source: RgbaImage, { frames, shown, working }: ControlledPlace): Float32Array {
  const frame = frames.find(({ width, height }) => width === source.width && height === source.height) ?? frames[0];
  const scaleX = source.width / frame.width;
  const scaleY = source.height / frame.height;
  const from = {
    x: (shown.x - frame.x) * scaleX,
    y: (shown.y - frame.y) * scaleY,
    width: shown.width * scaleX,
    height: shown.height * scaleY,
  };
  const seen = sampled(source, from, working, blackKinds.includes(kind));
  const planes = toPlanes(hintOf(kind, seen), working);
  if (endingKinds.includes(kind)) clearBeyond(planes, working, from, source);
  return planes;
}

/** A part of a picture at the working size, opaque. Beyond its borders they repeat. */
function sampled(image: RgbaImage, from: SampleRect, working: PixelSize, isOnBlack: boolean): FloatImage {
  const scale = Math.min(from.width / working.width, from.height / working.height);
  const reduce = Math.max(1, Math.floor(scale / SAMPLES_LEFT));
  const [x, y] = [Math.floor(from.x), Math.floor(from.y)];
  const blocks = (end: number, start: number): number => Math.ceil((Math.ceil(end) - start) / reduce) * reduce;
  const area = { x, y, width: blocks(from.x + from.width, x), height: blocks(from.y + from.height, y) };
  const inside = {
    x: (from.x - x) / reduce,
    y: (from.y - y) / reduce,
    width: from.width / reduce,
    height: from.height / reduce,
  };
  const seen = resample(cropPremultiplied(image, area, reduce), inside, working.width, working.height);
  if (seen.channels === 3) return seen;
  return isOnBlack ? withoutAlpha(seen) : opaque(seen);
}

/** Premultiplied colours are those over black. */
function withoutAlpha({ width, height, data }: FloatImage): FloatImage {
  return { width, height, channels: 3, data: data.filter((_, i) => i % 4 !== 3) };
}

/** One or three channels. */
function hintOf(kind: ControlKind, seen: FloatImage): Float32Array {
  switch (kind) {
    case "canny":
      return cannyEdges(seen);
    case "tile":
      return withoutDetail(seen).data;
    case "luminance":
      return luminance(seen);
    case "outline":
      return outline(seen);
    case "source":
    case "raw":
      return seen.data;
  }
}

function toPlanes(values: Float32Array, { width, height }: PixelSize): Float32Array {
  const cells = width * height;
  const channels = values.length / cells;
  const planes = new Float32Array(3 * cells);
  for (let plane = 0; plane < 3; plane += 1)
    for (let i = 0; i < cells; i += 1) {
      const value = values[i * channels + (channels === 1 ? 0 : plane)]!;
      planes[plane * cells + i] = Math.min(Math.max(value, 0), 255) / 255;
    }
  return planes;
}

function clearBeyond(planes: Float32Array, working: PixelSize, from: SampleRect, source: PixelSize): void {
  const isInside = (start: number, extent: number, length: number, cells: number, cell: number): boolean => {
    const centre = start + ((cell + 0.5) * extent) / cells;
    return centre >= 0 && centre < length;
  };
  const cells = working.width * working.height;
  for (let i = 0; i < cells; i += 1) {
    const [x, y] = [i % working.width, Math.floor(i / working.width)];
    if (
      isInside(from.x, from.width, source.width, working.width, x) &&
      isInside(from.y, from.height, source.height, working.height, y)
    )
      continue;
    for (let plane = 0; plane < 3; plane += 1) planes[plane * cells + i] = 0;
  }
}
