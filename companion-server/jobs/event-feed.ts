import type { JobId } from "../../shared/protocol/api.ts";
import { type EditEvent, isFinalEvent } from "../../shared/protocol/edit-event.ts";
import type { JobEvent } from "./job-queue.ts";
import type { StoredEvent } from "./job-records.ts";

type Step = Extract<EditEvent, { readonly type: "step" }>;

/** A reader that is further behind is told the latest step only. */
const MAX_PENDING_STEPS = 32;

/** Tells the readers of jobs what happens now; what happened before is in the ledger. Keeps the latest step of each job that runs. */
export class EventFeed {
  readonly #readers = new Map<JobId, Set<Reader>>();
  readonly #steps = new Map<JobId, Step>();

  /** Jobs that somebody follows. */
  get followed(): readonly JobId[] {
    return [...this.#readers.keys()];
  }

  latestStep(id: JobId): Step | undefined {
    return this.#steps.get(id);
  }

  tell(id: JobId, told: JobEvent): void {
    const { event } = told;
    if (event.type === "step") this.#steps.set(id, withPreview(event, this.#steps.get(id)));
    else if (event.type !== "result") this.#steps.delete(id);
    for (const reader of this.#readers.get(id) ?? []) reader.push(told);
  }

  /**
   * What `past` answers, then `present`, then what happens; ends after the final event, and at once where `past` is all there will be.
   * Readers that come early, late and back see the same stored events, each once.
   */
  async *follow(
    id: JobId,
    past: () => {
      readonly events: readonly StoredEvent[];
      readonly isOver: boolean;
      readonly present?: EditEvent | undefined;
    },
    signal: AbortSignal,
  ): AsyncGenerator<JobEvent> {
    const reader = new Reader(signal);
    const readers = this.#readers.get(id) ?? new Set();
    this.#readers.set(id, readers.add(reader));
    try {
      // Both in one turn: nothing happens between what was and what will be.
      const { events, isOver, present } = past();
      const shown = [...events, ...(present === undefined ? [] : [{ event: present }])];
      const news: readonly JobEvent[] = shown.filter(({ event }) => reader.isNews(event));
      yield* news;
      if (isOver) return;
      const last = events.at(-1)?.id ?? 0;
      while (!signal.aborted) {
        const next = reader.take();
        if (next === undefined) {
          await reader.change();
          continue;
        }
        if (next.id !== undefined && next.id <= last) continue;
        yield next;
        if (isFinalEvent(next.event)) return;
      }
    } finally {
      readers.delete(reader);
      if (readers.size === 0 && this.#readers.get(id) === readers) this.#readers.delete(id);
      reader.close();
    }
  }
}

/** What waits for one reader. */
class Reader {
  readonly #signal: AbortSignal;
  readonly #pending: JobEvent[] = [];
  #wake: () => void = () => {};
  #place: string | undefined;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener("abort", this.#onAbort);
  }

  push(told: JobEvent): void {
    if (!this.isNews(told.event)) return;
    const isStep = told.event.type === "step" && this.#pending.at(-1)?.event.type === "step";
    if (isStep && this.#pending.length > MAX_PENDING_STEPS) this.#pending.pop();
    this.#pending.push(told);
    this.#wake();
  }

  /** False for a place in the queue that this reader was told last. */
  isNews(event: EditEvent): boolean {
    const place = event.type === "queued" ? JSON.stringify(event) : undefined;
    const isNews = place === undefined || place !== this.#place;
    this.#place = place;
    return isNews;
  }

  take(): JobEvent | undefined {
    return this.#pending.shift();
  }

  /** Resolves when something is there or the reader's signal is aborted. */
  async change(): Promise<void> {
    if (this.#pending.length > 0 || this.#signal.aborted) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }

  close(): void {
    this.#signal.removeEventListener("abort", this.#onAbort);
  }

  readonly #onAbort = () => this.#wake();
}

/** A step without a preview leaves the last one of its variant standing. */
function withPreview(step: Step, before: Step | undefined): Step {
  if (step.preview !== undefined || before?.variant !== step.variant) return step;
  return { ...step, preview: before.preview };
}
