/** Previews take this share of a run at most. */
const SHARE = 0.1;
/** Nobody reads pictures that change faster than this, in milliseconds. */
const MIN_INTERVAL = 250;

/**
 * Decides at which steps a preview is worth its time. Affects what is shown, never what is drawn. What the first one costs is
 * not known beforehand: it is taken to cost as much as a step, so a run must have steps enough for one to be within the share.
 * The others have to wait until the run has paid for those before them.
 */
export class PreviewPace {
  readonly #now: () => number;
  readonly #isWanted: boolean;
  readonly #startedAt: number;
  #cost: number | undefined;
  #spent = 0;
  #endedAt = Number.NEGATIVE_INFINITY;

  constructor({ now, previews = true }: { readonly now: () => number; readonly previews?: boolean | undefined }) {
    this.#now = now;
    this.#isWanted = previews;
    this.#startedAt = now();
  }

  /** @param steps of the whole run, all variants together */
  isDue(steps: number): boolean {
    const now = this.#now();
    if (!this.#isWanted || now < this.#endedAt + MIN_INTERVAL) return false;
    if (this.#cost === undefined) return steps * SHARE >= 1;
    return this.#spent + this.#cost <= SHARE * (now - this.#startedAt - this.#spent);
  }

  /** Runs `decode` and remembers what it cost. */
  async measure<Result>(decode: () => Promise<Result>): Promise<Result> {
    const start = this.#now();
    const result = await decode();
    this.#endedAt = this.#now();
    this.#cost = this.#endedAt - start;
    this.#spent += this.#cost;
    return result;
  }
}
