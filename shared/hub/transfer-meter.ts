/** How far a transfer is. */
export interface TransferProgress {
  /** Bytes that are there, and of all files. */
  readonly done: number;
  readonly total: number;
  /** Over the last seconds; 0 at first. */
  readonly bytesPerSecond: number;
  /** Undefined as long as nothing tells. */
  readonly secondsLeft: number | undefined;
}

/** Time over which speed is told. */
const WINDOW_MS = 5_000;

/** Counts what arrives and tells how fast. */
export class TransferMeter {
  readonly #total: number;
  readonly #now: () => number;
  readonly #files = new Map<string, number>();
  /** Times and bytes of the last seconds, oldest first. */
  readonly #samples: { readonly at: number; readonly bytes: number }[] = [];
  #done = 0;

  /** @param total bytes of all files; @param now milliseconds of any clock */
  constructor(total: number, now: () => number) {
    this.#total = total;
    this.#now = now;
  }

  /** @param bytes of that file that are there */
  report(path: string, bytes: number): TransferProgress {
    this.#done += bytes - (this.#files.get(path) ?? 0);
    this.#files.set(path, bytes);
    const now = this.#now();
    const last = this.#samples.at(-1);
    if (last === undefined || now - last.at >= WINDOW_MS / 50) this.#samples.push({ at: now, bytes: this.#done });
    while (this.#samples.length > 2 && now - this.#samples[0]!.at > WINDOW_MS) this.#samples.shift(); // of more than two there is a first
    const first = this.#samples[0]!; // one was just added where there was none
    const seconds = (now - first.at) / 1000;
    const bytesPerSecond = seconds > 0 ? Math.max(0, (this.#done - first.bytes) / seconds) : 0;
    const secondsLeft = bytesPerSecond > 0 ? (this.#total - this.#done) / bytesPerSecond : undefined;
    return { done: this.#done, total: this.#total, bytesPerSecond, secondsLeft };
  }
}
