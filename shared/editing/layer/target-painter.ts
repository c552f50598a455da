import { tileWeights } from "../../diffusion/denoiser/tile-weights.ts";
import type { FloatImage } from "../../imaging/float-image.ts";
import { StripResampler } from "../../imaging/resample/lanczos.ts";
import type { RgbaImage } from "../../imaging/rgba-image.ts";
import type { PixelRect, PixelSize } from "../../protocol/geometry.ts";
import type { EnlargingPass } from "../../protocol/plans/pass.ts";
import { resampleAlpha } from "./resample-alpha.ts";

/** Rows handed to the resampler at once. */
const BAND = 64;

/**
 * Puts drawn tiles together and brings them to the target size. As floats there is one row of tiles at most; what is
 * finished goes straight into the result's bytes.
 */
export class TargetPainter {
  readonly pixels: RgbaImage;
  readonly #pass: EnlargingPass;
  readonly #target: PixelSize;
  /** The drawn picture without what was fed beyond the source's borders. */
  readonly #drawn: PixelSize;
  readonly #resampler: StripResampler;
  readonly #columnWeights: readonly Float32Array[];
  readonly #rowWeights: readonly Float32Array[];
  /** Drawn rows from `#top` on, three channels, not all of whose tiles have been added. */
  readonly #strip: Float32Array;
  #top = 0;
  #painted = 0;

  constructor(image: RgbaImage, target: PixelSize, pass: EnlargingPass) {
    const { tiling, factor } = pass;
    this.#pass = pass;
    this.#target = target;
    this.#drawn = pass.method === "refine" ? target : { width: image.width * factor, height: image.height * factor };
    this.pixels = { ...target, data: new Uint8ClampedArray(target.width * target.height * 4) };
    resampleAlpha(image, this.pixels);
    this.#resampler = new StripResampler(this.#drawn, target, 3);
    const enlarged = (starts: readonly number[]): number[] => starts.map((start) => start * factor);
    this.#columnWeights = tileWeights(
      enlarged(tiling.columns),
      tiling.tileWidth * factor,
      tiling.overlapAcross * factor,
    );
    this.#rowWeights = tileWeights(enlarged(tiling.rows), tiling.tileHeight * factor, tiling.overlapDown * factor);
    this.#strip = new Float32Array(this.#drawn.width * tiling.tileHeight * factor * 3);
  }

  /** Whether anything of a tile can be seen in the result. */
  isVisible(column: number, row: number): boolean {
    const { x, y, width, height } = this.#targetArea(column, row);
    const { data } = this.pixels;
    for (let line = y; line < y + height; line += 1)
      for (let pixel = x; pixel < x + width; pixel += 1)
        if (data[(line * this.pixels.width + pixel) * 4 + 3] !== 0) return true;
    return false;
  }

  /** Adds a drawn tile, margin cut off. Tiles come in reading order; after the last of a row, `finishRow`. */
  add(column: number, row: number, tile: FloatImage): void {
    const { tiling, factor } = this.#pass;
    const across = this.#columnWeights[column]!;
    const down = this.#rowWeights[row]!;
    const left = tiling.columns[column]! * factor;
    const top = tiling.rows[row]! * factor - this.#top;
    const width = Math.min(tile.width, this.#drawn.width - left);
    for (let y = 0; y < tile.height; y += 1) {
      const to = ((top + y) * this.#drawn.width + left) * 3;
      const from = y * tile.width * 3;
      for (let x = 0; x < width; x += 1) {
        const weight = across[x]! * down[y]!;
        for (let c = 0; c < 3; c += 1) {
          const at = to + x * 3 + c;
          this.#strip[at] = this.#strip[at]! + weight * tile.data[from + x * 3 + c]!;
        }
      }
    }
  }

  /** Paints the rows that no later tile reaches. */
  finishRow(row: number): void {
    const { tiling, factor } = this.#pass;
    const length = this.#drawn.width * 3;
    const next = tiling.rows[row + 1];
    const end = Math.min(next === undefined ? this.#drawn.height : next * factor, this.#drawn.height);
    for (let top = this.#top; top < end; top += BAND) {
      const height = Math.min(BAND, end - top);
      const start = (top - this.#top) * length;
      const data = this.#strip.subarray(start, start + height * length);
      this.#paint(this.#resampler.push({ width: this.#drawn.width, height, channels: 3, data }));
    }
    const finished = (end - this.#top) * length;
    this.#strip.copyWithin(0, finished);
    this.#strip.fill(0, this.#strip.length - finished);
    this.#top = end;
  }

  #paint({ data, width, height }: FloatImage): void {
    const { data: bytes } = this.pixels;
    const first = this.#painted * width;
    for (let pixel = 0; pixel < width * height; pixel += 1) {
      const to = (first + pixel) * 4;
      if (bytes[to + 3] === 0) continue; // nothing hides under full transparency
      for (let c = 0; c < 3; c += 1) bytes[to + c] = data[pixel * 3 + c]!;
    }
    this.#painted += height;
  }

  /** The result's pixels that a tile has a part in, with the resampler's reach. */
  #targetArea(column: number, row: number): PixelRect {
    const { tiling, factor } = this.#pass;
    const target = this.#target;
    const scaleX = target.width / this.#drawn.width;
    const scaleY = target.height / this.#drawn.height;
    const reach = 3 * Math.max(scaleX, scaleY, 1);
    const x = Math.max(0, Math.floor(tiling.columns[column]! * factor * scaleX - reach));
    const y = Math.max(0, Math.floor(tiling.rows[row]! * factor * scaleY - reach));
    const right = (tiling.columns[column]! + tiling.tileWidth) * factor * scaleX + reach;
    const bottom = (tiling.rows[row]! + tiling.tileHeight) * factor * scaleY + reach;
    return {
      x,
      y,
      width: Math.min(target.width, Math.ceil(right)) - x,
      height: Math.min(target.height, Math.ceil(bottom)) - y,
    };
  }
}
