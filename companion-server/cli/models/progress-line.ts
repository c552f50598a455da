import type { PassingFailure } from "../../../shared/hub/hub-errors.ts";
import type { TransferProgress } from "../../../shared/hub/transfer-meter.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import { formatBytes } from "../../../shared/protocol/text/format-bytes.ts";
import { untilInterrupted } from "../draw-to-files.ts";

/** Where nobody watches, a line is written this seldom. */
const SELDOM_MS = 10_000;
const OFTEN_MS = 100;

/** Keeps one line on the terminal up to date; into files and pipes it writes a line now and then. */
export class ProgressLine {
  readonly #what: string;
  #shownAt = 0;

  constructor(what: string) {
    this.#what = what;
  }

  show(progress: TransferProgress): void {
    const now = performance.now();
    const isLast = progress.done === progress.total;
    if (!isLast && this.#shownAt > 0 && now - this.#shownAt < (process.stderr.isTTY ? OFTEN_MS : SELDOM_MS)) return;
    this.#shownAt = now;
    const line = `${this.#what}: ${describeProgress(progress)}`;
    process.stderr.write(process.stderr.isTTY ? `\r\u001B[K${line}` : `${line}\n`);
  }

  /** Writes words in place of the line, which comes again below them. */
  say(words: string): void {
    process.stderr.write(`${process.stderr.isTTY && this.#shownAt > 0 ? "\r\u001B[K" : ""}${words}\n`);
  }

  /** Leaves the line as it is. */
  end(): void {
    if (process.stderr.isTTY && this.#shownAt > 0) process.stderr.write("\n");
  }
}

/** `1.2 of 4.1 GiB (29 %), 12.0 MiB/s, 4 min left` */
export function describeProgress({ done, total, bytesPerSecond, secondsLeft }: TransferProgress): string {
  const share = total > 0 ? Math.floor((done / total) * 100) : 100;
  const speed = bytesPerSecond > 0 ? `${formatBytes(bytesPerSecond)}/s` : undefined;
  const left = secondsLeft !== undefined && done < total ? `${describeSeconds(secondsLeft)} left` : undefined;
  return [`${formatBytes(done)} of ${formatBytes(total)} (${share} %)`, speed, left].filter(Boolean).join(", ");
}

function describeSeconds(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`;
}

/** Says why the hub is asked again, once for each reason. */
export function sayRetries(say: (words: string) => void): (failure: PassingFailure) => void {
  const said = new Set<string>();
  return ({ message, wait }) => {
    if (said.has(message)) return;
    said.add(message);
    say(`overpaint: ${message} Trying again ${wait === undefined ? "for about two minutes" : "after that"}.`);
  };
}

interface Watching {
  readonly signal: AbortSignal;
  /** For whoever connects to the hub. */
  readonly onRetry: (failure: PassingFailure) => void;
  readonly onProgress: (progress: TransferProgress) => void;
}

/** Does long work under a line that tells how far it is; an interrupt pauses it and says how to go on. */
export async function watched(
  what: string,
  goOn: string,
  work: (watching: Watching) => Promise<() => unknown>,
): Promise<void> {
  const line = new ProgressLine(what);
  const onRetry = sayRetries((words) => line.say(words));
  let kept = 0;
  await untilInterrupted(async (signal) => {
    const onProgress = (progress: TransferProgress) => {
      kept = progress.done;
      line.show(progress);
    };
    try {
      const tell = await work({ signal, onRetry, onProgress });
      line.end();
      await tell();
    } catch (error) {
      line.end();
      if (!signal.aborted) throw error;
      throw new OverpaintError("cancelled", `Paused after ${formatBytes(kept)}.`, goOn);
    }
  });
}
