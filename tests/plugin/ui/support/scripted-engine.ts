import type { EditEvent, EditResult } from "../../../../shared/protocol/edit-event.ts";
import type {
  BrowserDevice,
  BrowserEdit,
  EngineStorage,
  EngineWorkerApi,
  Fetching,
} from "../../../../shared/protocol/engine-worker-api.ts";
import { pictureFor, resultFor } from "./pictures.ts";

/** The engine worker's side of the API, following a script instead of running a model. */
export class ScriptedEngine implements EngineWorkerApi {
  readonly edits: BrowserEdit[] = [];
  steps = 3;
  /** Whether `cancel` has an effect. */
  isListening = true;
  hasGpu = false;
  /** Why each edit is begun anew on WASM, where it is. */
  fallsBackFor: string | undefined;
  /** Edits that are begun and never heard of again. */
  silentRuns = 0;
  /** What is told to be on its way at the start. */
  fetches: Fetching | undefined;
  /** Whether the start ever ends. */
  isPreparing = true;
  #onFetching: ((progress: Fetching) => void) | undefined;
  #isCancelled = false;
  readonly #layers = new Map<number, Uint8Array>();

  async prepare(
    { device }: Parameters<EngineWorkerApi["prepare"]>[0],
    onFetching?: (progress: Fetching) => void,
  ): Promise<BrowserDevice> {
    this.#onFetching = onFetching;
    if (this.fetches) await onFetching?.(this.fetches);
    if (!this.isPreparing) await new Promise(() => {});
    if (this.hasGpu && device === undefined) return { device: "webgpu" };
    return { device: "wasm", reason: "There is no graphics adapter." };
  }

  async keepReady(): Promise<void> {}

  async storage(): Promise<EngineStorage> {
    return { lasts: false, bytes: 1_000, free: undefined };
  }

  async run(edit: BrowserEdit, onEvent: (event: EditEvent) => void | Promise<void>): Promise<void> {
    this.edits.push(edit);
    this.#isCancelled = false;
    if (this.silentRuns-- > 0) await new Promise(() => {});
    if (this.fetches) this.#onFetching?.(this.fetches);
    await onEvent({ type: "started", model: edit.request.model, device: "wasm", attempt: 1 });
    const reason = this.fallsBackFor;
    if (reason !== undefined)
      await onEvent({ type: "started", model: edit.request.model, device: "wasm", attempt: 2, reason });
    const results: EditResult[] = [];
    this.#layers.clear();
    for (let variant = 0; variant < edit.request.count; variant++) {
      for (let step = 1; step <= this.steps; step++) {
        await new Promise((resolve) => setTimeout(resolve, 2));
        if (this.#isCancelled) return await onEvent({ type: "cancelled" });
        await onEvent({ type: "step", variant, step, steps: this.steps });
      }
      const picture = pictureFor(edit.request, edit, variant);
      this.#layers.set(variant, picture.png);
      const result = resultFor(edit.request, picture, variant, edit.references);
      results.push(result);
      await onEvent({ type: "result", result });
    }
    await onEvent({ type: "done", results });
  }

  async cancel(): Promise<void> {
    if (this.isListening) this.#isCancelled = true;
  }

  async select(): Promise<Uint8Array> {
    throw new Error("The script finds nothing.");
  }

  async readLayer(variant: number): Promise<Uint8Array> {
    return this.#layers.get(variant) ?? new Uint8Array();
  }
}
