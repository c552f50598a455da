import type { ModelSession } from "../../../../shared/diffusion/model-session.ts";

interface Kept {
  readonly digest: string;
  readonly session: ModelSession;
}

/**
 * Sessions that outlive the model they were opened for while another one takes its place that may have graphs in common with
 * it: the same checkpoint with other LoRAs. Of two graphs of one name only one is ever loaded.
 */
export class KeptSessions {
  readonly #kept = new Map<string, Kept>();
  #isChanging = false;

  /**
   * Runs what releases one model and opens the next. A model opens its graphs when it first needs them: what it has not asked
   * for yet stays until it does, or until `clear`.
   */
  async during<Result>(change: () => Promise<Result>): Promise<Result> {
    this.#isChanging = true;
    try {
      return await change();
    } catch (error) {
      await this.clear();
      throw error;
    } finally {
      this.#isChanging = false;
    }
  }

  /** Releases what no model has asked for. */
  async clear(): Promise<void> {
    for (const name of [...this.#kept.keys()]) await this.#drop(name);
  }

  /** The session of a graph: one that was kept if its digest is the same, else what `open` answers. */
  async open(name: string, digest: string, open: () => Promise<ModelSession>): Promise<ModelSession> {
    const kept = this.#kept.get(name);
    if (kept?.digest === digest) this.#kept.delete(name);
    else await this.#drop(name);
    const session = kept?.digest === digest ? kept.session : await open();
    let isReleased = false;
    return {
      inputs: session.inputs,
      outputs: session.outputs,
      run: (feeds) => session.run(feeds),
      release: async () => {
        if (isReleased) return;
        isReleased = true;
        if (this.#isChanging && !this.#kept.has(name)) this.#kept.set(name, { digest, session });
        else await session.release();
      },
    };
  }

  async #drop(name: string): Promise<void> {
    const kept = this.#kept.get(name);
    this.#kept.delete(name);
    await kept?.session.release();
  }
}
