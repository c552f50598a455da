import { type Remote, wrap } from "comlink";
import type { ModelStoreApi, ModelStoreWorkerApi } from "../../../../shared/protocol/model-store-api.ts";
import type { CatalogAnswer } from "../../../../shared/protocol/models/model-catalog.ts";
import type { ModelTask, ModelTaskRequest } from "../../../../shared/protocol/models/model-task.ts";
import { OverpaintError } from "../../../../shared/protocol/overpaint-error.ts";

interface Running {
  readonly store: Promise<Remote<ModelStoreApi>>;
  /** Rejects when its script cannot be loaded or fails; never resolves. */
  readonly death: Promise<never>;
}

export interface BrowserModelStoreOptions {
  readonly startWorker: () => Worker;
  /** Where the panel's files lie, ending in a slash. */
  readonly root: string;
}

/** The models that this browser keeps. Its worker is started by the first question, and again after it died. */
export class BrowserModelStore implements ModelStoreApi {
  readonly #options: BrowserModelStoreOptions;
  #running: Running | undefined;

  constructor(options: BrowserModelStoreOptions) {
    this.#options = options;
  }

  catalog(): Promise<CatalogAnswer> {
    return this.#ask((store) => store.catalog());
  }

  modelTasks(): Promise<readonly ModelTask[]> {
    return this.#ask((store) => store.modelTasks());
  }

  startModelTask(request: ModelTaskRequest): Promise<ModelTask> {
    return this.#ask((store) => store.startModelTask(request));
  }

  /** Throws OverpaintError `invalid-request`: it takes none. */
  addModelFile(file: File): Promise<ModelTask> {
    return this.startModelTask({ type: "import", path: file.name, isCopy: true });
  }

  pauseModelTask(id: string): Promise<void> {
    return this.#ask((store) => store.pauseModelTask(id));
  }

  resumeModelTask(id: string): Promise<void> {
    return this.#ask((store) => store.resumeModelTask(id));
  }

  cancelModelTask(id: string): Promise<void> {
    return this.#ask((store) => store.cancelModelTask(id));
  }

  removeModel(id: string): Promise<void> {
    return this.#ask((store) => store.removeModel(id));
  }

  async #ask<Answer>(question: (store: Remote<ModelStoreApi>) => Promise<Answer>): Promise<Answer> {
    this.#running ??= this.#start();
    const { store, death } = this.#running;
    return await Promise.race([store.then(question), death]);
  }

  #start(): Running {
    const worker = this.#options.startWorker();
    const death = new Promise<never>((_, reject) => {
      worker.addEventListener("error", () => {
        worker.terminate();
        this.#running = undefined;
        reject(
          new OverpaintError(
            "engine-unavailable",
            "What keeps models in this browser stopped, or could not be loaded.",
            "Try again when the server that the panel came from is there: what has arrived is kept.",
          ),
        );
      });
    });
    // Whoever waits at that moment hears of it; nobody has to.
    death.catch(() => {});
    // Comlink's types make a promise of what is a proxy already.
    const store = wrap<ModelStoreWorkerApi>(worker).open(this.#options.root) as unknown as Promise<
      Remote<ModelStoreApi>
    >;
    return { store, death };
  }
}
