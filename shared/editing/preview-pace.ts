import type { RunEditOptions } from "./run-edit.ts";

/** A preview is decoded again only after this many times its own cost has passed: previews take a tenth of a run at most. */
const REST_FACTOR = 9;
/** Nobody reads pictures that change faster than this, in milliseconds. */
const MIN_INTERVAL = 250;

/** Decides at which steps a preview is worth its time. Affects what is shown, never what is drawn. */
export class PreviewPace {
  readonly #now: () => number;
  readonly #isWanted: boolean;
  #nextAt = Number.NEGATIVE_INFINITY;

  constructor({ now, previews = true }: Pick<RunEditOptions, "now" | "previews">) {
    this.#now = now;
    this.#isWanted = previews;
  }

  get isDue(): boolean {
    return this.#isWanted && this.#now() >= this.#nextAt;
  }

  /** Runs `decode` and remembers what it cost. */
  async measure<Result>(decode: () => Promise<Result>): Promise<Result> {
    const start = this.#now();
    const result = await decode();
    const end = this.#now();
    this.#nextAt = end + Math.max(MIN_INTERVAL, (end - start) * REST_FACTOR);
    return result;
  }
}
