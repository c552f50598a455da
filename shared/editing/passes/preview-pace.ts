/** Previews take this share of a run at most. */
const SHARE = 0.1;
/** Nobody reads pictures that change faster than this, in milliseconds. */
const MIN_INTERVAL = 250;
/** A rough preview has half the width and half the height, and costs a quarter. */
export const ROUGHNESS = 2;

/** What is worth showing at a step: the picture, the picture at a quarter of its cells, or nothing. */
export type PreviewDetail = "full" | "rough" | "none";

/**
 * Decides at which steps a preview is worth its time. Affects what is shown, never what is drawn. What the first one costs is
 * not known beforehand: a full one is taken to cost as much as a step, so a run of few steps begins with a rough one. The others
 * have to wait until the run has paid for those before them.
 */
export class PreviewPace {
  readonly #now: () => number;
  readonly #isWanted: boolean;
  readonly #startedAt: number;
  /** What a full one costs, in milliseconds. */
  #cost: number | undefined;
  #spent = 0;
  #endedAt = Number.NEGATIVE_INFINITY;

  constructor({ now, previews = true }: { readonly now: () => number; readonly previews?: boolean | undefined }) {
    this.#now = now;
    this.#isWanted = previews;
    this.#startedAt = now();
  }

  /** @param steps of the whole run, all variants together */
  due(steps: number): PreviewDetail {
    const now = this.#now();
    if (!this.#isWanted || now < this.#endedAt + MIN_INTERVAL) return "none";
    const rough = 1 / ROUGHNESS ** 2;
    if (this.#cost === undefined) {
      if (steps * SHARE >= 1) return "full";
      return steps * SHARE >= rough ? "rough" : "none";
    }
    const left = SHARE * (now - this.#startedAt - this.#spent) - this.#spent;
    if (this.#cost <= left) return "full";
    return this.#cost * rough <= left ? "rough" : "none";
  }

  /** Runs `decode`, which decodes a preview of that detail, and remembers what it cost. */
  async measure<Result>(detail: "full" | "rough", decode: () => Promise<Result>): Promise<Result> {
    const start = this.#now();
    const result = await decode();
    this.#endedAt = this.#now();
    const cost = this.#endedAt - start;
    this.#cost = detail === "full" ? cost : cost * ROUGHNESS ** 2;
    this.#spent += cost;
    return result;
  }
}
