import type { Engine } from "../engine/engine.ts";

/** Knows when what is drawn now is finished, so that a stop need not throw it away. */
export class RunningVariants {
  /** For each run of the engine, who waits for its next variant. */
  readonly #runs = new Set<(() => void)[]>();

  /** The same engine, watched. */
  watch(engine: Engine): Engine {
    return {
      run: async (job, options) => {
        const waiting: (() => void)[] = [];
        this.#runs.add(waiting);
        const wake = () => {
          for (const resolve of waiting.splice(0)) resolve();
        };
        try {
          return await engine.run(job, {
            ...options,
            onEvent: (event) => {
              options.onEvent(event);
              if (event.type === "result") wake();
            },
          });
        } finally {
          this.#runs.delete(waiting);
          wake();
        }
      },
      load: (job, signal) => engine.load(job, signal),
      close: () => engine.close(),
    };
  }

  /** Resolves when every run has finished the variant it draws now, or is over; at once where none runs, or with `signal`. */
  async finished(signal: AbortSignal): Promise<void> {
    const variants = [...this.#runs].map((waiting) => new Promise<void>((resolve) => waiting.push(resolve)));
    const aborted = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
    await Promise.race([Promise.all(variants), aborted]);
  }
}
