import type { CatalogAnswer } from "./models/model-catalog.ts";
import type { ModelTask, ModelTaskRequest } from "./models/model-task.ts";

/** The name of a worker that keeps models; under any other name the same script draws. */
export const MODEL_STORE = "overpaint-model-store";

/** The models that this browser keeps, as the panel sees them over comlink: what the companion's API answers of its own. */
export interface ModelStoreApi {
  /** What can be installed, with verdicts by this browser's memory and room. */
  catalog(): Promise<CatalogAnswer>;
  /** Installations and other long work, newest first. Downloads that an earlier page left are among them, paused. */
  modelTasks(): Promise<readonly ModelTask[]>;
  startModelTask(request: ModelTaskRequest): Promise<ModelTask>;
  pauseModelTask(id: string): Promise<void>;
  resumeModelTask(id: string): Promise<void>;
  /** Of an installation nothing is kept. */
  cancelModelTask(id: string): Promise<void>;
  removeModel(id: string): Promise<void>;
}

/** A worker that keeps models. */
export interface ModelStoreWorkerApi {
  /** `root`: where the panel's files lie, ending in a slash. The answer stays in the worker. */
  open(root: string): ModelStoreApi;
}
