import { CLOSING, type DrawEvent, type DrawOptions, type DrawOrder } from "../jobs/job-drawer.ts";

/** An order that is not over, as the companion that placed it sees it. */
export class OpenDrawing {
  readonly order: DrawOrder;
  /** Variants that were not told yet. */
  readonly missing: Set<number>;
  readonly over: Promise<void>;
  /** Since when nobody can draw it, by a clock that never jumps; undefined while somebody can. */
  waitsSince: number | undefined;
  /** Whether its worker has said that it ended. */
  hasEnded = false;
  readonly #onEvent: DrawOptions["onEvent"];
  /** Whether the latest attempt draws. */
  #isStarted = false;
  /** A step that came before its attempt had started here. */
  #early: DrawEvent | undefined;
  #isOver = false;
  #isPutOff = false;
  #reason: string | undefined;
  #resolve = () => {};
  #reject: (error: unknown) => void = () => {};

  constructor(order: DrawOrder, onEvent: DrawOptions["onEvent"]) {
    this.order = order;
    this.missing = new Set(order.variants);
    this.#onEvent = onEvent;
    this.over = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether its companion stopped before it was over: what is told now is for the next start. */
  get isPutOff(): boolean {
    return this.#isPutOff;
  }

  /** Passes on what is new. An event that cannot be recorded ends the drawing. */
  tell(event: DrawEvent): void {
    if (this.#isOver) return;
    // Steps come another way than what is kept, sometimes later and sometimes sooner.
    if (event.type === "step" && !this.missing.has(event.variant)) return;
    if (event.type === "measuring" && this.#isStarted) return;
    if (event.type === "step" && !this.#isStarted) {
      this.#early = event;
      return;
    }
    if (event.type === "result" && !this.missing.has(event.result.variant)) return;
    if (event.type === "begun" || event.type === "started") this.#isStarted = event.type === "started";
    try {
      this.#onEvent(event);
    } catch (error) {
      this.fail(error);
    }
    if (event.type === "result") this.missing.delete(event.result.variant);
    const early = this.#early;
    this.#early = undefined;
    if (event.type === "started" && early !== undefined) this.tell(early);
  }

  /** Says why nobody draws it, or that somebody does. */
  explain(reason: string | undefined): void {
    if (reason === this.#reason) return;
    this.#reason = reason;
    this.tell({ type: "waits", reason });
  }

  succeed(): void {
    this.#isOver = true;
    this.#resolve();
  }

  fail(error: unknown): void {
    if (!this.#isOver) this.#isPutOff = error === CLOSING;
    this.#isOver = true;
    this.#reject(error);
  }
}
