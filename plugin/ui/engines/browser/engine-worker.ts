import { proxy, wrap } from "comlink";
import type { EditEvent } from "../../../../shared/protocol/edit-event.ts";
import type {
  BrowserDevice,
  BrowserEdit,
  BrowserSelection,
  EngineStorage,
  EngineWorkerApi,
} from "../../../../shared/protocol/engine-worker-api.ts";
import { OverpaintError, toErrorData } from "../../../../shared/protocol/overpaint-error.ts";

type EventListener = (event: EditEvent) => void;

/** A large model takes minutes to be read and compiled, during which a worker answers nothing. */
const LOADING_MS = 5 * 60_000;
const LEAST_STEP_MS = 60_000;
/** A step may take so many times the longest before: the machine may do something else meanwhile. */
const STEP_FACTOR = 20;

/** How long a worker may give no sign, by the time of its longest step so far, both in milliseconds. */
export function silenceAllowed(longestStep: number | undefined): number {
  return longestStep === undefined ? LOADING_MS : Math.max(LEAST_STEP_MS, longestStep * STEP_FACTOR);
}

/** One worker of the browser engine with what is known of its health. Whatever waits for it is rejected when it dies. */
export class EngineWorker {
  readonly #worker: Worker;
  readonly #api: ReturnType<typeof wrap<EngineWorkerApi>>;
  readonly #patience: typeof silenceAllowed;
  /** Rejects when the worker dies; never resolves. */
  readonly #death: Promise<never>;
  #die: (error: OverpaintError) => void = () => {};
  #preparing: Promise<BrowserDevice> | undefined;
  #device: BrowserDevice | undefined;
  #isDead = false;
  #onEvent: EventListener | undefined;

  constructor(worker: Worker, patience = silenceAllowed) {
    this.#worker = worker;
    this.#patience = patience;
    this.#api = wrap<EngineWorkerApi>(worker);
    this.#death = new Promise((_, reject) => {
      this.#die = (error) => {
        this.#isDead = true;
        worker.terminate();
        reject(error);
      };
    });
    // Whoever waits at that moment hears of it; nobody has to.
    this.#death.catch(() => {});
    worker.addEventListener("error", ({ message }) =>
      this.#die(message || this.#device ? crashed(message) : notLoaded()),
    );
  }

  /** Whether it crashed, did not load or gave no sign for too long. */
  get isDead(): boolean {
    return this.#isDead;
  }

  /** What it draws on, once it is prepared. */
  get device(): BrowserDevice | undefined {
    return this.#device;
  }

  /** Tells `onEvent` what is fetched, from now on. */
  async prepare(options: Parameters<EngineWorkerApi["prepare"]>[0], onEvent?: EventListener): Promise<BrowserDevice> {
    if (onEvent) this.#onEvent = onEvent;
    this.#preparing ??= this.#watched(async (onSign) => {
      const onFetching = (progress: { readonly done: number; readonly total: number }) => {
        onSign();
        this.#onEvent?.({ type: "fetching", ...progress });
      };
      return await this.#api.prepare(options, proxy(onFetching));
    });
    try {
      this.#device = await this.#preparing;
      return this.#device;
    } catch (error) {
      this.#preparing = undefined;
      const { code, message } = toErrorData(error);
      if (code !== "internal") throw error;
      throw new OverpaintError(
        "device-unavailable",
        `The browser engine cannot start: ${message}`,
        "Start the companion, or use a current version of Chrome, Edge or Firefox.",
        { cause: error },
      );
    }
  }

  async keepReady(): Promise<void> {
    await Promise.race([this.#api.keepReady(), this.#death]);
  }

  async storage(): Promise<EngineStorage> {
    return await Promise.race([this.#api.storage(), this.#death]);
  }

  /** The mask of what was asked for. */
  async select(selection: BrowserSelection): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(await Promise.race([this.#api.select(selection), this.#death]));
  }

  /** `onPace` is told the mean time of the steps so far, in milliseconds, from the second on: the first is the model's warm-up. */
  async run(edit: BrowserEdit, onEvent: EventListener, onPace: (stepMs: number) => void = () => {}): Promise<"over"> {
    let longest: number | undefined;
    let last: number | undefined;
    const pace = new Pace();
    await this.#watched(
      async (onSign) => {
        const tell = (event: EditEvent) => {
          if (this.#isDead) return;
          onSign();
          if (event.type === "step") {
            const now = performance.now();
            // From the first step on: before it a model was loaded.
            if (last !== undefined) longest = Math.max(longest ?? 0, now - last);
            last = now;
            const mean = pace.after(event, now);
            if (mean !== undefined) onPace(mean);
          }
          onEvent(event);
        };
        this.#onEvent = tell;
        await this.#api.run(edit, proxy(tell));
      },
      () => longest,
    );
    return "over";
  }

  /** Takes effect between steps. */
  cancel(): void {
    this.#api.cancel().catch(() => {});
  }

  async readLayer(variant: number): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(await Promise.race([this.#api.readLayer(variant), this.#death]));
  }

  end(): void {
    this.#worker.terminate();
  }

  /** Rejects with the worker's death, which comes after too long a silence of `work` too. */
  async #watched<Result>(
    work: (onSign: () => void) => Promise<Result>,
    longestStep: () => number | undefined = () => undefined,
  ): Promise<Result> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;
    const onSign = () => {
      clearTimeout(timer);
      if (isOver) return;
      timer = setTimeout(() => this.#die(silent()), this.#patience(longestStep()));
    };
    onSign();
    try {
      return await Promise.race([work(onSign), this.#death]);
    } finally {
      isOver = true;
      clearTimeout(timer);
    }
  }
}

/** Measures steps that follow one another: between two variants a picture is decoded. */
class Pace {
  #last: { readonly variant: number; readonly at: number } | undefined;
  #sum = 0;
  #count = 0;

  /** The mean in milliseconds, once there is one. */
  after({ variant, step }: { readonly variant: number; readonly step: number }, now: number): number | undefined {
    if (step > 1 && this.#last?.variant === variant) {
      this.#sum += now - this.#last.at;
      this.#count++;
    }
    this.#last = { variant, at: now };
    return this.#count === 0 ? undefined : this.#sum / this.#count;
  }
}

function crashed(message: string): OverpaintError {
  const remedy = "Try again; a smaller picture needs less memory.";
  return new OverpaintError("engine-crashed", `The browser engine stopped${message && `: ${message}`}.`, remedy);
}

/** Browsers tell nothing of a script that they could not fetch. */
function notLoaded(): OverpaintError {
  return new OverpaintError(
    "engine-unavailable",
    "The browser engine's script could not be loaded: the server that the panel came from does not hand it out.",
    "Try again when that server is there.",
  );
}

function silent(): OverpaintError {
  const remedy = "Try again with a smaller picture, or start the companion.";
  return new OverpaintError("engine-unresponsive", "The browser engine gave no sign for too long.", remedy);
}
