import { proxy, wrap } from "comlink";
import type { ModelSummary } from "../../../../shared/protocol/api.ts";
import type { BrowserDevice, EngineWorkerApi } from "../../../../shared/protocol/engine-worker-api.ts";
import { OverpaintError } from "../../../../shared/protocol/overpaint-error.ts";
import type { EditEngine, EditInput, EditRun, PictureSelection } from "../edit-engine.ts";
import { bundledModels } from "./bundled-models.ts";

/** A worker between two steps answers within this; later it is stopped by force, which loses its loaded model only. */
const CANCEL_TIMEOUT_MS = 8_000;

interface RunningWorker {
  readonly worker: Worker;
  readonly api: ReturnType<typeof wrap<EngineWorkerApi>>;
  readonly device: Promise<BrowserDevice>;
  /** Rejects when the worker dies; never resolves. */
  readonly death: Promise<never>;
}

export interface BrowserEngineOptions {
  /** `kept`: files that need no server, as blob URLs by address. */
  readonly startWorker: (kept: ReadonlyMap<string, string>) => Worker;
  /** Folder that holds one folder per pack. */
  readonly modelsUrl: string;
}

/** Runs edits in a worker of this page, one after the other. */
export class BrowserEngine implements EditEngine {
  readonly place = "browser";
  readonly #options: BrowserEngineOptions;
  #running: RunningWorker | undefined;
  #kept: ReadonlyMap<string, string> = new Map();
  #activeEdits = 0;
  /** Those that wait for their turn, to be told that one before them is over. */
  readonly #waiting = new Set<() => void>();
  /** Resolves when the last edit that was asked for is over; never rejects. */
  #last: Promise<void> = Promise.resolve();

  constructor(options: BrowserEngineOptions) {
    this.#options = options;
  }

  async models(): Promise<readonly ModelSummary[]> {
    return bundledModels.map(({ tasks, ...words }) => words);
  }

  /** Starts the worker when there is none and says what it runs on. */
  async device(): Promise<BrowserDevice> {
    const { device, death } = this.#worker();
    return await Promise.race([device, death]);
  }

  /** From now on files are read from `kept`. Starts the worker, so that its script needs no server either. */
  async useKeptFiles(kept: ReadonlyMap<string, string>): Promise<void> {
    this.#kept = kept;
    // A worker that is at work keeps its model in memory until it ends; the next one reads the kept files.
    if (this.#running !== undefined && this.#activeEdits === 0) this.#stop(this.#running);
    await this.device();
  }

  async select({ image, of, model }: PictureSelection): Promise<Uint8Array<ArrayBuffer>> {
    await this.device();
    const { api, death } = this.#worker();
    return new Uint8Array(await Promise.race([api.select({ image: image.bytes, of, model }), death]));
  }

  async start(edit: EditInput): Promise<EditRun> {
    const { request: asked, image, mask, reference, furtherReferences, controls } = edit;
    // Erase networks are installed with the companion; the model itself removes as well.
    const request = asked.task === "inpaint" ? { ...asked, eraser: null } : asked;
    if (!bundledModels.some(({ id }) => id === request.model)) {
      throw new OverpaintError(
        "unknown-model",
        `The browser has ${bundledModels.map(({ name }) => `“${name}”`).join(" and ")} only; this edit asks for “${request.model}”.`,
        "Start the companion, or choose one of these.",
      );
    }
    await this.device();
    const cancelling = new AbortController();
    let hasStarted = false;
    // The worker that is there when its turn comes: the one of now may have died by then.
    let current = this.#worker();
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
          current = this.#worker();
          const shown = controls?.map((file) => file?.bytes);
          const further = furtherReferences?.map(({ bytes }) => bytes);
          const files = {
            ...(further && { furtherReferences: further }),
            image: image?.bytes,
            mask,
            reference: reference?.bytes,
            controls: shown,
          };
          const run = current.api.run({ request, ...files }, proxy(onEvent));
          const end = await Promise.race([run, current.death, silentCancel(cancelling.signal)]);
          if (end !== "silent") return;
          this.#stop(current);
          onEvent({ type: "cancelled" });
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
        if (hasStarted) await current.api.cancel();
      },
      readLayer: async (variant) => new Uint8Array(await Promise.race([current.api.readLayer(variant), current.death])),
      readPart: async () => {
        throw new OverpaintError("not-found", "The browser engine keeps no pictures.");
      },
      acknowledge: async () => {},
    };
  }

  #worker(): RunningWorker {
    this.#running ??= this.#startWorker();
    return this.#running;
  }

  #startWorker(): RunningWorker {
    const worker = this.#options.startWorker(this.#kept);
    const api = wrap<EngineWorkerApi>(worker);
    const death = new Promise<never>((_, reject) => {
      worker.addEventListener("error", (event) => {
        this.#running = undefined;
        worker.terminate();
        reject(
          new OverpaintError(
            "engine-crashed",
            `The browser engine stopped${event.message ? `: ${event.message}` : " before it could start"}.`,
            "Try again; a smaller picture needs less memory.",
          ),
        );
      });
    });
    // Whoever waits at that moment hears of it; nobody has to.
    death.catch(() => {});
    const device = api.prepare({ modelsUrl: this.#options.modelsUrl }).catch((error: unknown) => {
      throw new OverpaintError(
        "device-unavailable",
        `The browser engine cannot start: ${error instanceof Error ? error.message : String(error)}`,
        "Start the companion, or use a current version of Chrome, Edge or Firefox.",
        { cause: error },
      );
    });
    const running = { worker, api, device, death };
    device.catch(() => this.#stop(running));
    return running;
  }

  #stop(running: RunningWorker): void {
    running.worker.terminate();
    if (this.#running === running) this.#running = undefined;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

/** Resolves when a cancelled worker has had its time to answer. */
function silentCancel(cancelled: AbortSignal): Promise<"silent"> {
  return new Promise((resolve) => {
    cancelled.addEventListener("abort", () => setTimeout(() => resolve("silent"), CANCEL_TIMEOUT_MS), { once: true });
  });
}
