import type { EditEvent } from "../../../../shared/protocol/edit-event.ts";
import type { BrowserDevice, BrowserEdit, EngineWorkerApi } from "../../../../shared/protocol/engine-worker-api.ts";
import { layerFor, resultFor } from "./pictures.ts";

/** The engine worker's side of the API, following a script instead of running a model. */
export class ScriptedEngine implements EngineWorkerApi {
  readonly edits: BrowserEdit[] = [];
  steps = 3;
  /** Whether `cancel` has an effect. */
  isListening = true;
  #isCancelled = false;
  #layer = new Uint8Array();

  async prepare(): Promise<BrowserDevice> {
    return { device: "wasm", reason: "There is no graphics adapter." };
  }

  async run(edit: BrowserEdit, onEvent: (event: EditEvent) => void | Promise<void>): Promise<void> {
    this.edits.push(edit);
    this.#isCancelled = false;
    await onEvent({ type: "started", model: edit.request.model, device: "wasm", attempt: 1 });
    for (let step = 1; step <= this.steps; step++) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      if (this.#isCancelled) return await onEvent({ type: "cancelled" });
      await onEvent({ type: "step", variant: 0, step, steps: this.steps });
    }
    const { png, area } = layerFor(edit.mask ?? new Uint8Array());
    this.#layer = png;
    const result = resultFor(edit.request, area);
    await onEvent({ type: "result", result });
    await onEvent({ type: "done", results: [result] });
  }

  async cancel(): Promise<void> {
    if (this.isListening) this.#isCancelled = true;
  }

  async readLayer(): Promise<Uint8Array> {
    return this.#layer;
  }
}
