import type { GrayImage } from "../rgba-image.ts";
import { FAINT_FROM } from "./mask-values.ts";

/**
 * How deep inside a mask its painted pixels lie: their Euclidean distance to the nearest pixel that is not painted, in
 * pixels. Read row by row from the top, it keeps two numbers a column and never a whole picture of distances, so that a mask
 * of a hundred megapixels takes no more than its own bytes.
 */
export class StrokeDepth {
  readonly #mask: GrayImage;
  /** First painted row of the run that a column is in. */
  readonly #top: Int32Array;
  /** First row after that run; 0 before the first. */
  readonly #end: Int32Array;
  /** To the nearest unpainted pixel in the same column, for the current row; 0 where nothing is painted. */
  readonly #vertical: Int32Array;
  /** To the nearest unpainted pixel on either side in the same row. */
  readonly #horizontal: Int32Array;
  #row = -1;

  constructor(mask: GrayImage) {
    this.#mask = mask;
    this.#top = new Int32Array(mask.width);
    this.#end = new Int32Array(mask.width);
    this.#vertical = new Int32Array(mask.width);
    this.#horizontal = new Int32Array(mask.width);
  }

  /** Goes to a row; rows only follow each other downwards, and empty ones may be left out. */
  enter(row: number): void {
    if (row === this.#row) return;
    this.#row = row;
    const { width, height, data } = this.#mask;
    let run = 0;
    for (let x = 0; x < width; x += 1) {
      if (data[row * width + x]! < FAINT_FROM) {
        this.#vertical[x] = 0;
        run = 0;
        continue;
      }
      if (row >= this.#end[x]!) {
        let end = row + 1;
        while (end < height && data[end * width + x]! >= FAINT_FROM) end += 1;
        this.#top[x] = row;
        this.#end[x] = end;
      }
      this.#vertical[x] = Math.min(row - this.#top[x]! + 1, this.#end[x]! - row);
      run += 1;
      this.#horizontal[x] = run;
    }
    run = 0;
    for (let x = width - 1; x >= 0; x -= 1) {
      run = this.#vertical[x] === 0 ? 0 : run + 1;
      if (run < this.#horizontal[x]!) this.#horizontal[x] = run;
    }
  }

  /** No less than the depth of a painted pixel of this row, at once. */
  atMost(x: number): number {
    return Math.min(this.#vertical[x]!, this.#horizontal[x]!);
  }

  /** The depth of a painted pixel of this row, in time proportional to it. */
  at(x: number): number {
    const vertical = this.#vertical;
    let square = this.atMost(x) ** 2;
    for (let away = 1; away * away < square; away += 1) {
      // Nearer than the nearest unpainted pixel of the row: both columns exist and are painted.
      const nearest = Math.min(vertical[x - away]!, vertical[x + away]!);
      square = Math.min(square, away * away + nearest * nearest);
    }
    return Math.sqrt(square);
  }
}
