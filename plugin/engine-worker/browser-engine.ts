import { version } from "../../package.json";
import { describePainted } from "../../shared/editing/context/describe-painted.ts";
import { erasedArea } from "../../shared/editing/layer/erased-area.ts";
import type { EditedLayer } from "../../shared/editing/passes/run-passes.ts";
import { runEdit } from "../../shared/editing/run-edit.ts";
import { Selector } from "../../shared/editing/selection/selector.ts";
import { erasesBetter } from "../../shared/planning/plans/plan-erase.ts";
import { noteIgnoredSettings } from "../../shared/planning/words/note-ignored-settings.ts";
import type { EditEvent, EditResult } from "../../shared/protocol/edit-event.ts";
import { type EditRequest, editRequestSchema } from "../../shared/protocol/edit-request.ts";
import type {
  BrowserDevice,
  BrowserEdit,
  BrowserSelection,
  EngineStorage,
  EngineWorkerApi,
} from "../../shared/protocol/engine-worker-api.ts";
import { OverpaintError, toErrorData } from "../../shared/protocol/overpaint-error.ts";
import { parseRequest } from "../../shared/protocol/parse-request.ts";
import type { Recipe } from "../../shared/protocol/recipe.ts";
import { sha256 } from "./digests/sha256.ts";
import { EngineFiles } from "./files/engine-files.ts";
import { aloneAmongTabs, openKeptFiles, openKeptModels } from "./files/open-kept-files.ts";
import { ModelLoader } from "./models/model-loader.ts";
import { bare, type DrawnWith, hashesOf } from "./models/web-model.ts";
import { decodeImage } from "./pictures/decode-image.ts";
import { encodeLayer, encodeMask } from "./pictures/encode-layer.ts";
import { encodePreview } from "./pictures/encode-preview.ts";
import { type ReadParts, readParts } from "./pictures/read-parts.ts";
import { chooseDevice } from "./runtime/choose-device.ts";
import { startOnnxRuntime } from "./runtime/onnx-runtime.ts";
import { yieldToMessages } from "./yield-to-messages.ts";

type PrepareOptions = Parameters<EngineWorkerApi["prepare"]>[0];
type FetchingListener = NonNullable<Parameters<EngineWorkerApi["prepare"]>[1]>;
type EventListener = (event: EditEvent) => void | Promise<void>;

/** An edit whose inputs have been read; what an attempt on one device needs. */
interface PreparedEdit extends ReadParts {
  readonly request: EditRequest;
  readonly signal: AbortSignal;
  readonly onEvent: EventListener;
}

/** The engine that runs where the panel runs: the companion's edits, on WebGPU or WASM. */
export class BrowserEngine implements EngineWorkerApi {
  readonly #layers = new Map<number, Uint8Array>();
  #options: PrepareOptions | undefined;
  #files: EngineFiles | undefined;
  #models: ModelLoader | undefined;
  #device: BrowserDevice | undefined;
  /** Why an edit could not be drawn on WebGPU; it is not tried again in this worker's life. */
  #webgpuFailure: string | undefined;
  #running: AbortController | undefined;
  readonly #selector = new Selector();

  async prepare(options: PrepareOptions, onFetching: FetchingListener = () => {}): Promise<BrowserDevice> {
    const modelsFolder = folderAt(options.modelsUrl);
    this.#files ??= new EngineFiles({
      root: new URL("../", modelsFolder),
      fetch: (input, init) => fetch(input, init),
      keep: openKeptFiles,
      alone: aloneAmongTabs,
      installed: async (id) => await (await openKeptModels())?.filesOf(id),
      onFetching: ({ done, total }) => void onFetching({ done, total }),
    });
    this.#models ??= new ModelLoader({
      modelsFolder,
      files: this.#files,
      startRuntime: startOnnxRuntime,
      signal: () => this.#running?.signal,
    });
    const device: BrowserDevice =
      this.#webgpuFailure !== undefined && options.device === undefined
        ? { device: "wasm", reason: this.#webgpuFailure }
        : await chooseDevice(navigator.gpu, options.device, options.acceptsSoftware);
    this.#options = options;
    this.#device = device;
    const { threads } = await this.#models.runtime(device.device);
    return { ...device, ...(device.device === "wasm" && threads > 1 && { threads }) };
  }

  async keepReady(): Promise<void> {
    // A runtime that is loaded works without the server.
    await prepared(this.#models).runtime("wasm");
    await prepared(this.#files).fetchPacks();
  }

  async storage(): Promise<EngineStorage> {
    return await prepared(this.#files).storage();
  }

  async run(edit: BrowserEdit, onEvent: EventListener): Promise<void> {
    if (this.#running !== undefined) {
      const message = "The browser engine is still busy with another edit.";
      await onEvent({ type: "failed", error: { code: "invalid-request", message, remedy: "Wait, or cancel it." } });
      return;
    }
    const running = new AbortController();
    this.#running = running;
    this.#layers.clear();
    const outcome = await this.#outcome(edit, running.signal, onEvent);
    // Before the last event goes out: whoever gets it may start the next edit at once.
    this.#running = undefined;
    await onEvent(outcome);
  }

  async cancel(): Promise<void> {
    this.#running?.abort(new OverpaintError("cancelled", "The edit was cancelled."));
  }

  async readLayer(variant: number): Promise<Uint8Array> {
    const layer = this.#layers.get(variant);
    if (layer === undefined) throw new OverpaintError("not-found", `There is no finished variant ${variant}.`);
    return layer;
  }

  /** Runs the edit to its final event. */
  async #outcome(edit: BrowserEdit, signal: AbortSignal, onEvent: EventListener): Promise<EditEvent> {
    try {
      await onEvent({ type: "queued", ahead: 0 });
      const request = parseRequest(editRequestSchema, edit.request);
      const parts = await readParts(request, edit);
      const results = await this.#attempts({ request, ...parts, signal, onEvent });
      return { type: "done", results };
    } catch (error) {
      if (signal.aborted) return { type: "cancelled" };
      // A pack that failed is read again next time: its files may have been repaired.
      await this.#models?.unload();
      return { type: "failed", error: toErrorData(error) };
    }
  }

  /** Tries the chosen device, and WASM after it when WebGPU turns out not to work. */
  async #attempts(edit: PreparedEdit): Promise<EditResult[]> {
    const device = prepared(this.#device);
    try {
      return await this.#attempt(edit, device, 1);
    } catch (error) {
      const isForced = this.#options?.device !== undefined;
      if (edit.signal.aborted || device.device === "wasm" || isForced || !blamesDevice(error)) throw error;
      await this.#models?.unload();
      const { code, message: reason } = toErrorData(error);
      const wasm = { device: "wasm", reason } as const;
      // What asks too much of the device is this model; the next one may suit it.
      if (code !== "unsupported-model") {
        this.#webgpuFailure = reason;
        this.#device = wasm;
      }
      return await this.#attempt(edit, wasm, 2);
    }
  }

  async #attempt(edit: PreparedEdit, { device, reason }: BrowserDevice, attempt: number): Promise<EditResult[]> {
    const { request, inputs, hashes, notes, signal, onEvent } = edit;
    const named = await this.#drawingModel(edit, device);
    const told = attempt > 1 && reason !== undefined && { reason };
    await onEvent({ type: "started", model: named.model, device, attempt, ...told });
    await yieldToMessages();
    signal.throwIfAborted();
    const { model, precision, memory, web, provider } = await prepared(this.#models).load(named, device);
    const results: EditResult[] = [];

    await runEdit(request, inputs, {
      model,
      memory,
      signal,
      now: () => performance.now(),
      onProgress: async ({ variant, step, steps, preview }) => {
        const shown = preview && { url: await encodePreview(preview.pixels), area: preview.area };
        await onEvent({ type: "step", variant, step, steps, ...(shown && { preview: shown }) });
      },
      onLayer: async ({ variant, seed, plan, area, pixels, erase, notes: own = [] }: EditedLayer) => {
        const told = [...notes, ...noteIgnoredSettings(request, plan, model.facts), ...own];
        const recipe: Recipe = {
          version: 2,
          request,
          variant,
          seed,
          plan,
          inputs: hashes,
          ...(told.length > 0 && { notes: told }),
          model: { id: named.model, files: hashesOf(web) },
          engine: { place: "browser", device, provider, version, ...(precision && { precision }) },
        };
        this.#layers.set(variant, encodeLayer(pixels, recipe));
        const size = { width: pixels.width, height: pixels.height };
        const erases = erase && erasedArea(erase, area);
        const result: EditResult = { variant, layer: area, pixels: size, ...(erases && { erases }), recipe };
        results.push(result);
        await onEvent({ type: "result", result });
      },
    });
    return results;
  }

  /** The request's model, or the erase network that it offers its removal to, where that removes better. */
  async #drawingModel({ request, inputs }: PreparedEdit, device: BrowserDevice["device"]): Promise<DrawnWith> {
    const { image, mask } = inputs;
    if (request.task !== "inpaint" || request.eraser === null || !image || !mask) return request;
    const eraser = bare(request.eraser);
    const facts = await prepared(this.#models).factsOf(eraser, device);
    return erasesBetter(request, image, describePainted(mask), facts) ? eraser : request;
  }

  async select(selection: BrowserSelection): Promise<Uint8Array> {
    const { device } = prepared(this.#device);
    if (this.#running !== undefined)
      throw new OverpaintError(
        "invalid-request",
        "The browser engine is still busy with an edit.",
        "Wait, or cancel it.",
      );
    const { model } = await prepared(this.#models).load(bare(selection.model), device);
    const key = await sha256(selection.image);
    const read = () => decodeImage(selection.image, "The picture");
    return encodeMask(await this.#selector.select(model, { key, read }, selection.of));
  }
}

/** What there is once the engine is prepared. */
function prepared<Part>(part: Part | undefined): Part {
  if (part === undefined) throw new OverpaintError("internal", "The browser engine was not prepared.");
  return part;
}

function folderAt(url: string): URL {
  return new URL(url.endsWith("/") ? url : `${url}/`, self.location.href);
}

/** WebGPU fails in many ways: no device, no memory, or numbers that are none. WASM shares none of them. */
function blamesDevice(error: unknown): boolean {
  const codes = ["device-unavailable", "out-of-memory", "invalid-output", "internal", "unsupported-model"];
  return codes.includes(toErrorData(error).code);
}
