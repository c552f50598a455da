import type { PixelSize } from "../../protocol/geometry.ts";
import type { FloatImage } from "../float-image.ts";
import type { SampleRect } from "./resample.ts";

/**
 * Resamples the part `from` of a picture to `width` x `height` with Lanczos (three lobes), PIL's LANCZOS over a box. Values
 * may overshoot 0..255 near edges.
 */
export function lanczos(image: FloatImage, from: SampleRect, width: number, height: number): FloatImage {
  return new StripResampler(image, { width, height }, image.channels, from).push(image);
}

/**
 * Resamples a picture that arrives in strips, from top to bottom, so that no more of it than a few rows exists as floats
 * at either size. Lanczos with three lobes; values may overshoot near edges, clamp when converting to bytes.
 *
 * ```ts
 * const resampler = new StripResampler(source, target, 3);
 * for (const strip of strips) write(resampler.push(strip)); // as many target rows as are finished, possibly none
 * ```
 */
export class StripResampler {
  readonly #width: number;
  readonly #channels: number;
  readonly #across: readonly SampleWeights[];
  readonly #down: readonly SampleWeights[];
  /** Source rows at target width that unfinished target rows still need, from row `#firstRow` on. */
  #rows: Float32Array[] = [];
  #firstRow = 0;
  #finished = 0;

  /** @param from the part of the source that the target shows. Default: all of it. */
  constructor(source: PixelSize, target: PixelSize, channels: number, from: SampleRect = { x: 0, y: 0, ...source }) {
    this.#width = target.width;
    this.#channels = channels;
    this.#across = lanczosWeights(source.width, from.x, from.width, target.width);
    this.#down = lanczosWeights(source.height, from.y, from.height, target.height);
  }

  /** Takes the next rows of the source and gives the target rows they complete, in order. */
  push(strip: FloatImage): FloatImage {
    const length = strip.width * this.#channels;
    for (let row = 0; row < strip.height; row += 1)
      this.#rows.push(this.#resampleRow(strip.data.subarray(row * length, (row + 1) * length)));

    const available = this.#firstRow + this.#rows.length;
    const first = this.#finished;
    while (this.#finished < this.#down.length && lastSample(this.#down[this.#finished]!) < available)
      this.#finished += 1;
    const finished = this.#blendRows(first, this.#finished);
    this.#forget(this.#down[this.#finished]?.first ?? available);
    return finished;
  }

  #resampleRow(source: Float32Array): Float32Array {
    const channels = this.#channels;
    const row = new Float32Array(this.#width * channels);
    for (let x = 0; x < this.#width; x += 1) {
      const { first, weights } = this.#across[x]!;
      for (let c = 0; c < channels; c += 1) {
        let sum = 0;
        for (let k = 0; k < weights.length; k += 1) sum += weights[k]! * source[(first + k) * channels + c]!;
        row[x * channels + c] = sum;
      }
    }
    return row;
  }

  #blendRows(start: number, end: number): FloatImage {
    const length = this.#width * this.#channels;
    const data = new Float32Array((end - start) * length);
    for (let y = start; y < end; y += 1) {
      const { first, weights } = this.#down[y]!;
      const target = data.subarray((y - start) * length, (y - start + 1) * length);
      for (let k = 0; k < weights.length; k += 1) {
        const row = this.#rows[first + k - this.#firstRow]!;
        const weight = weights[k]!;
        for (let i = 0; i < length; i += 1) target[i] = target[i]! + weight * row[i]!;
      }
    }
    return { width: this.#width, height: end - start, channels: this.#channels, data };
  }

  /** Drops the rows above `needed`. */
  #forget(needed: number): void {
    const unneeded = Math.min(needed - this.#firstRow, this.#rows.length);
    if (unneeded <= 0) return;
    this.#rows = this.#rows.slice(unneeded);
    this.#firstRow += unneeded;
  }
}

function lastSample({ first, weights }: SampleWeights): number {
  return first + weights.length - 1;
}

/** For one output sample: the source samples it is made of, `weights.length` of them from `first` on, summing to 1. */
interface SampleWeights {
  readonly first: number;
  readonly weights: Float32Array;
}

/** Lobes of the kernel on each side. */
const LOBES = 3;
/** Weights below this are rounding noise: at whole scales most of them are zero. */
const LEAST_WEIGHT = 1e-7;

/**
 * Weights that resample the part [start, start + extent) of a line of `sourceLength` samples to `length`, with the windowed
 * sinc of three lobes. When shrinking, the kernel widens by the scale, so that every source sample counts. Equal to PIL's
 * LANCZOS.
 */
function lanczosWeights(sourceLength: number, start: number, extent: number, length: number): readonly SampleWeights[] {
  const scale = extent / length;
  const widening = Math.max(scale, 1);
  const support = LOBES * widening;
  return Array.from({ length }, (_, i) => {
    const centre = start + (i + 0.5) * scale;
    let first = Math.max(0, Math.floor(centre - support + 0.5));
    let end = Math.min(sourceLength, Math.floor(centre + support + 0.5));
    const weight = (sample: number): number => windowedSinc((sample + 0.5 - centre) / widening);
    while (first < end - 1 && Math.abs(weight(first)) < LEAST_WEIGHT) first += 1;
    while (first < end - 1 && Math.abs(weight(end - 1)) < LEAST_WEIGHT) end -= 1;
    const weights = Float64Array.from({ length: end - first }, (_, k) => weight(first + k));
    const sum = weights.reduce((total, value) => total + value, 0);
    return { first, weights: Float32Array.from(weights, (value) => value / sum) };
  });
}

/** sinc(x)·sinc(x/3) within three lobes. */
function windowedSinc(x: number): number {
  if (x === 0) return 1;
  if (Math.abs(x) >= LOBES) return 0;
  const angle = Math.PI * x;
  return (LOBES * Math.sin(angle) * Math.sin(angle / LOBES)) / (angle * angle);
}
