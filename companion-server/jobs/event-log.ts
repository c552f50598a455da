import { type EditEvent, isFinalEvent } from "../../shared/protocol/edit-event.ts";

export interface NumberedEvent {
  /** 1 for the first event of a job, then without gaps. */
  readonly id: number;
  readonly event: EditEvent;
}

/** Everything that happened to one job, in order, for any number of readers who may come late or come back. */
export class EventLog {
  readonly #events: EditEvent[] = [];
  readonly #waiting = new Set<() => void>();

  append(event: EditEvent): void {
    if (event.type === "step" && event.preview !== undefined) this.#dropPreviews();
    this.#events.push(event);
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  /** How many events there are; the id of the last one. */
  get length(): number {
    return this.#events.length;
  }

  get last(): EditEvent | undefined {
    return this.#events.at(-1);
  }

  get isFinished(): boolean {
    return this.last !== undefined && isFinalEvent(this.last);
  }

  /** Events after the one with id `after`: those that happened, then those that will. Ends after the final one. */
  async *read(after: number, signal: AbortSignal): AsyncGenerator<NumberedEvent> {
    let id = after;
    while (!signal.aborted) {
      while (id < this.#events.length) {
        const event = this.#events[id]!; // id is below the length
        id += 1;
        yield { id, event };
      }
      if (this.isFinished) return;
      await this.#change(signal);
    }
  }

  /** Only the newest preview is worth sending to a reader who comes later. */
  #dropPreviews(): void {
    for (const [index, event] of this.#events.entries()) {
      if (event.type === "step" && event.preview !== undefined) this.#events[index] = { ...event, preview: undefined };
    }
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        signal.removeEventListener("abort", wake);
        this.#waiting.delete(wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener("abort", wake);
    });
  }
}
