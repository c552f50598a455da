import { PassingFailure } from "./hub-errors.ts";
import type { Clock } from "./hub-fetch.ts";

/** Tries without progress after which it is given up: with the pauses between them, after about two minutes. */
const MOST_TRIES = 8;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 60_000;
/** A hub that asks for more is not waited for. */
const LONGEST_ASKED_MS = 10 * 60_000;

export interface Tries {
  /** Tells that the work came further, so that pauses are short again. */
  progressed(): void;
}

/** What tries are made with. */
export interface Retrying {
  readonly clock: Clock;
  /** Told of what failed before it is tried again, once until the work comes further. */
  readonly onRetry?: ((failure: PassingFailure) => void) | undefined;
}

/**
 * Does work again that failed in passing, after pauses that double, or that the hub asks for. Rejects with what failed last,
 * and as soon as the signal is aborted.
 */
export async function withRetries<Result>(
  { clock, onRetry }: Retrying,
  signal: AbortSignal | undefined,
  work: (tries: Tries) => Promise<Result>,
): Promise<Result> {
  let failures = 0;
  const tries: Tries = {
    progressed: () => {
      failures = 0;
    },
  };
  for (;;) {
    signal?.throwIfAborted();
    try {
      return await work(tries);
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof PassingFailure) || (error.wait ?? 0) > LONGEST_ASKED_MS) throw error;
      failures += 1;
      if (failures >= MOST_TRIES) throw error;
      if (failures === 1) onRetry?.(error);
      await clock.sleep(error.wait ?? Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1)), signal);
    }
  }
}
