import { signal } from "@preact/signals";
import type { ModelSummary } from "../../../../shared/protocol/api.ts";
import type { EditEvent } from "../../../../shared/protocol/edit-event.ts";
import type { BrowserDevice, BrowserEdit, EngineStorage } from "../../../../shared/protocol/engine-worker-api.ts";
import type { ErrorData } from "../../../../shared/protocol/error-data.ts";
import { OverpaintError, toErrorData } from "../../../../shared/protocol/overpaint-error.ts";
import type { EditEngine, EditInput, EditRun, PictureSelection } from "../edit-engine.ts";
import { bundledModels } from "./bundled-models.ts";
import { EngineWorker } from "./engine-worker.ts";

/** A worker between two steps answers within this; later it is stopped by force, which loses its loaded model only. */
const CANCEL_TIMEOUT_MS = 8_000;

export type BrowserState =
  /** Nothing was asked of it yet, so nothing was fetched. */
  | { readonly type: "idle" }
  | { readonly type: "starting" }
  | { readonly type: "ready"; readonly device: BrowserDevice }
  | { readonly type: "failed"; readonly error: ErrorData };

export interface BrowserEngineOptions {
  readonly startWorker: () => Worker;
  /** Folder that holds one folder per pack. */
  readonly modelsUrl: string;
  /** Models that were installed in this browser. Default: none. */
  readonly installed?: () => Promise<readonly ModelSummary[]>;
  /** How long a worker may give no sign, in milliseconds. Default: `silenceAllowed`. */
  readonly patience?: (longestStep: number | undefined) => number;
}

/** Runs edits in a worker of this page, one after the other. */
export class BrowserEngine implements EditEngine {
  readonly place = "browser";
  readonly state = signal<BrowserState>({ type: "idle" });
  /** What it keeps of its files, once it has fetched some. */
  readonly storage = signal<EngineStorage | undefined>(undefined);
  /** Milliseconds of a step of the last edit that had several, which may still run. */
  readonly stepMs = signal<number | undefined>(undefined);
  readonly #options: BrowserEngineOptions;
  #worker: EngineWorker | undefined;
  /** Why workers are started on WASM from now on. */
  #wasmReason: string | undefined;
  #activeEdits = 0;
  /** Those that wait for their turn, to be told that one before them is over. */
  readonly #waiting = new Set<() => void>();
  /** Resolves when the last edit that was asked for is over; never rejects. */
  #last: Promise<void> = Promise.resolve();

  constructor(options: BrowserEngineOptions) {
    this.#options = options;
  }

  async models(): Promise<readonly ModelSummary[]> {
    const bundled = bundledModels.map(({ tasks, ...words }) => words);
    return [...bundled, ...((await this.#options.installed?.()) ?? [])];
  }

  /** Fetches everything an edit may need. */
  async keepReady(): Promise<void> {
    const worker = this.#started();
    await this.#prepared(worker);
    await worker.keepReady();
    await this.#readStorage(worker);
  }

  async #readStorage(worker: EngineWorker): Promise<void> {
    this.storage.value = await worker.storage().catch(() => undefined);
  }

  async select({ image, of, model }: PictureSelection): Promise<Uint8Array<ArrayBuffer>> {
    const worker = this.#started();
    await this.#prepared(worker);
    return await worker.select({ image: image.bytes, of, model });
  }

  async start(edit: EditInput): Promise<EditRun> {
    const { request: asked, image, mask, references, controls } = edit;
    const models = await this.models();
    const isHere = (model: string) => models.some(({ id }) => id === model);
    if (!isHere(asked.model)) throw notHere(asked.model, models);
    // One that the companion has: the model itself removes as well.
    const isEraserGone = asked.task === "inpaint" && asked.eraser !== null && !isHere(asked.eraser);
    const request = isEraserGone ? { ...asked, eraser: null } : asked;
    const cancelling = new AbortController();
    let hasStarted = false;
    let drawnBy: EngineWorker | undefined;
    return {
      place: "browser",
      follow: async (onEvent) => {
        const before = this.#last;
        let endTurn = () => {};
        this.#last = new Promise((resolve) => {
          endTurn = resolve;
        });
        let ahead = this.#activeEdits++;
        const moveUp = () => onEvent({ type: "queued", ahead: --ahead });
        try {
          if (ahead > 0) onEvent({ type: "queued", ahead });
          this.#waiting.add(moveUp);
          await Promise.race([before, aborted(cancelling.signal)]);
          this.#waiting.delete(moveUp);
          if (cancelling.signal.aborted) return onEvent({ type: "cancelled" });
          hasStarted = true;
          const shown = controls?.map((file) => file?.bytes);
          const files = {
            image: image?.bytes,
            mask,
            references: references?.map(({ bytes }) => bytes),
            controls: shown,
          };
          drawnBy = await this.#draw({ request, ...files }, cancelling.signal, onEvent);
        } finally {
          this.#activeEdits--;
          this.#waiting.delete(moveUp);
          // A cancelled one that waited was before those that came later only; its place is not worth telling apart.
          if (hasStarted) for (const each of this.#waiting) each();
          // Whoever waits behind a cancelled edit still waits for those before it.
          void before.then(endTurn);
        }
      },
      cancel: async () => {
        cancelling.abort();
        if (hasStarted) this.#worker?.cancel();
      },
      readLayer: async (variant) => {
        const worker = drawnBy ?? this.#worker;
        if (worker === undefined) throw new OverpaintError("not-found", "The browser engine has ended.", "Try again.");
        return await worker.readLayer(variant);
      },
      readPart: async () => {
        throw new OverpaintError("not-found", "The browser engine keeps no pictures.");
      },
      acknowledge: async () => {},
    };
  }

  /**
   * Draws an edit, and again with a new worker when the first dies or falls silent: once as it was, then on WASM, where it was not
   * drawn there. Answers the worker that has the layers.
   */
  async #draw(
    edit: BrowserEdit,
    cancelled: AbortSignal,
    onEvent: (event: EditEvent) => void,
  ): Promise<EngineWorker | undefined> {
    for (let attempt = 1; ; attempt++) {
      const worker = this.#started();
      try {
        const isPrepared = await Promise.race([this.#prepared(worker, onEvent), aborted(cancelled)]);
        const end = isPrepared && (await Promise.race([this.#run(worker, edit, onEvent), silentCancel(cancelled)]));
        if (end === "over") {
          void this.#readStorage(worker);
          return worker;
        }
        this.#end(worker);
        onEvent({ type: "cancelled" });
        return undefined;
      } catch (error) {
        this.#end(worker);
        const { code, message } = toErrorData(error);
        // One that died before it said what it runs on may have died of WebGPU; one without a script has not.
        const isOfGpu =
          worker.device?.device !== "wasm" && this.#wasmReason === undefined && code !== "engine-unavailable";
        if (!worker.isDead || attempt > (isOfGpu ? 2 : 1)) throw error;
        if (isOfGpu && attempt === 2) this.#wasmReason = `WebGPU failed: ${message}`;
      }
    }
  }

  async #run(worker: EngineWorker, edit: BrowserEdit, onEvent: (event: EditEvent) => void): Promise<"over"> {
    const tell = (event: EditEvent) => {
      // The worker may have gone on where it can, for a reason that is to show.
      if (event.type === "started" && event.reason !== undefined)
        this.state.value = { type: "ready", device: { device: "wasm", reason: event.reason } };
      onEvent(event);
    };
    return await worker.run(edit, tell, (stepMs) => {
      this.stepMs.value = stepMs;
    });
  }

  /** The worker that there is, or a new one. */
  #started(): EngineWorker {
    if (this.#worker?.isDead) this.#worker = undefined;
    this.#worker ??= new EngineWorker(this.#options.startWorker(), this.#options.patience);
    return this.#worker;
  }

  async #prepared(worker: EngineWorker, onEvent?: (event: EditEvent) => void): Promise<"ready"> {
    if (worker.device === undefined) this.state.value = { type: "starting" };
    const reason = this.#wasmReason;
    const options = { modelsUrl: this.#options.modelsUrl, ...(reason !== undefined && { device: "wasm" as const }) };
    try {
      const device = await worker.prepare(options, onEvent);
      this.state.value = { type: "ready", device: reason === undefined ? device : { ...device, reason } };
      return "ready";
    } catch (error) {
      this.state.value = { type: "failed", error: toErrorData(error) };
      throw error;
    }
  }

  #end(worker: EngineWorker): void {
    worker.end();
    if (this.#worker === worker) this.#worker = undefined;
    if (this.state.peek().type === "starting") this.state.value = { type: "idle" };
  }
}

function notHere(model: string, models: readonly ModelSummary[]): OverpaintError {
  const names = models.map(({ name }) => `“${name}”`);
  return new OverpaintError(
    "unknown-model",
    `The browser has ${names.slice(0, -1).join(", ")} and ${names.at(-1)} only; this edit asks for “${model}”.`,
    "Start the companion, or choose one of these.",
  );
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
}

/** Resolves when a cancelled worker has had its time to answer. */
function silentCancel(cancelled: AbortSignal): Promise<"silent"> {
  return new Promise((resolve) => {
    cancelled.addEventListener("abort", () => setTimeout(() => resolve("silent"), CANCEL_TIMEOUT_MS), { once: true });
  });
}
