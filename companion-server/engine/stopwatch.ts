/** Milliseconds spent by name. A name measured several times holds the sum. */
export type Timings = Readonly<Record<string, number>>;

/** Adds up where the time of one edit went. */
export class Stopwatch {
  readonly #spent = new Map<string, number>();
  /** The stage that runs, and how much of its time belongs to stages inside it. */
  #running: { inside: number } | undefined;

  add(name: string, milliseconds: number): void {
    this.#spent.set(name, (this.#spent.get(name) ?? 0) + milliseconds);
  }

  /**
   * Runs one stage and adds its duration to `name`. Of a stage that runs inside another, the time is its own alone, so
   * that stages add up. Stages must not overlap in any other way.
   */
  async measure<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    const outer = this.#running;
    const own = { inside: 0 };
    this.#running = own;
    const start = performance.now();
    try {
      return await work();
    } finally {
      const spent = performance.now() - start;
      this.add(name, spent - own.inside);
      if (outer) outer.inside += spent;
      this.#running = outer;
    }
  }

  /** Rounded to a tenth of a millisecond. */
  get timings(): Timings {
    return Object.fromEntries([...this.#spent].map(([name, spent]) => [name, Math.round(spent * 10) / 10]));
  }
}
