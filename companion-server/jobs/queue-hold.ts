import { toErrorData } from "../../shared/protocol/overpaint-error.ts";

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

export interface QueueHoldOptions {
  /** Called after each pause. */
  readonly onOver: () => void;
  /** Milliseconds before the queue is tried again after it was held for the n-th time, from 1. Default: 1, 2, 4 … 60 s. */
  readonly pauseAfter?: ((times: number) => number) | undefined;
}

/** Keeps a queue as it is after a failure that is no job's fault: for a while, longer each time until something works. */
export class QueueHold {
  readonly #options: QueueHoldOptions;
  #current: { readonly timer: NodeJS.Timeout; readonly reason: string } | undefined;
  #times = 0;

  constructor(options: QueueHoldOptions) {
    this.#options = options;
  }

  /** Why the queue is held, in words; undefined where it is not. */
  get reason(): string | undefined {
    return this.#current?.reason;
  }

  /** Only where it is not held. */
  begin(cause: unknown): void {
    this.#times += 1;
    const pause = (this.#options.pauseAfter ?? pauseAfter)(this.#times);
    const { message } = toErrorData(cause);
    const reason = `${message} The queue is kept, and tried again every ${Math.ceil(pause / 1000)} s.`;
    const timer = setTimeout(() => this.#end(), pause).unref();
    this.#current = { timer, reason };
  }

  /** Something works: the next pause is a first one. */
  noteSuccess(): void {
    this.#times = 0;
  }

  close(): void {
    clearTimeout(this.#current?.timer);
  }

  #end(): void {
    this.#current = undefined;
    this.#options.onOver();
  }
}

function pauseAfter(times: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (times - 1));
}
