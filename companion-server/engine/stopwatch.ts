/** Milliseconds spent by name. A name measured several times holds the sum. */
export type Timings = Readonly<Record<string, number>>;

/** Adds up where the time of one edit went. */
export class Stopwatch {
  readonly #spent = new Map<string, number>();

  add(name: string, milliseconds: number): void {
    this.#spent.set(name, (this.#spent.get(name) ?? 0) + milliseconds);
  }

  /** Runs `work` and adds its duration to `name`. */
  async measure<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    const start = performance.now();
    try {
      return await work();
    } finally {
      this.add(name, performance.now() - start);
    }
  }

  /** Rounded to a tenth of a millisecond. */
  get timings(): Timings {
    return Object.fromEntries([...this.#spent].map(([name, spent]) => [name, Math.round(spent * 10) / 10]));
  }
}
