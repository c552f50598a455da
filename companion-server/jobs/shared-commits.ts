import type { LedgerFile } from "./ledger-file.ts";

interface Waiting {
  readonly work: () => void;
  readonly succeed: () => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Writes what several clients ask for in one turn of the event loop in one transaction: the disk is waited for once, and whoever asks for
 * something else is not kept waiting for each of them. What fails by itself fails alone.
 */
export class SharedCommits {
  readonly #file: Pick<LedgerFile, "transaction" | "inTransaction">;
  #waiting: Waiting[] = [];

  constructor(file: Pick<LedgerFile, "transaction" | "inTransaction">) {
    this.#file = file;
  }

  /** Resolves when what `work` writes is on the disk; calls are written in their order. Rejects with what it throws, or `disk-full`. */
  write(work: () => void): Promise<void> {
    return new Promise((succeed, fail) => {
      this.#waiting.push({ work, succeed, fail });
      if (this.#waiting.length === 1) setImmediate(() => this.#commit());
    });
  }

  #commit(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    const written: Waiting[] = [];
    try {
      this.#file.transaction(() => {
        for (const each of waiting)
          try {
            this.#file.transaction(each.work);
            written.push(each);
          } catch (error) {
            each.fail(error);
            // A full disk may have ended the transaction: then nothing of it is written, nor of what would follow.
            if (!this.#file.inTransaction) throw error;
          }
      });
    } catch (error) {
      for (const each of waiting) each.fail(error);
      return;
    }
    for (const each of written) each.succeed();
  }
}
