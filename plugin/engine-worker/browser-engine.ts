import { version } from "../../package.json";
import { CheckpointFiles } from "../../shared/diffusion/checkpoint/checkpoint-files.ts";
import { type ProvedProfile, proveProfile } from "../../shared/diffusion/checkpoint/prove-profile.ts";
import type { Model } from "../../shared/diffusion/models/model-family.ts";
import { openModel } from "../../shared/diffusion/models/open-model.ts";
import { describePainted } from "../../shared/editing/context/describe-painted.ts";
import { erasedArea } from "../../shared/editing/layer/erased-area.ts";
import type { EditedLayer } from "../../shared/editing/passes/run-passes.ts";
import { runEdit } from "../../shared/editing/run-edit.ts";
import { Selector } from "../../shared/editing/selection/selector.ts";
import { cpuProfile, type GraphProfile, inHalf, inSingle } from "../../shared/networks/graph/graph-profile.ts";
import type { OnnxGraph } from "../../shared/networks/graph/onnx-graph.ts";
import { encodeOnnx } from "../../shared/networks/graph/onnx-writer.ts";
import type { DeviceMemory } from "../../shared/planning/plans/memory-ladder.ts";
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
import type { ModelFacts, ModelId } from "../../shared/protocol/models/model-facts.ts";
import type { Precision } from "../../shared/protocol/models/precision.ts";
import { OverpaintError, toErrorData } from "../../shared/protocol/overpaint-error.ts";
import { parseRequest } from "../../shared/protocol/parse-request.ts";
import type { Recipe } from "../../shared/protocol/recipe.ts";
import { browserMemory } from "./browser-memory.ts";
import { chooseDevice } from "./choose-device.ts";
import { decodeImage } from "./decode-image.ts";
import { encodeLayer, encodeMask } from "./encode-layer.ts";
import { encodePreview } from "./encode-preview.ts";
import { EngineFiles } from "./files/engine-files.ts";
import { aloneAmongTabs, openKeptFiles } from "./files/open-kept-files.ts";
import { type OnnxRuntime, startOnnxRuntime } from "./onnx-runtime.ts";
import { type ReadParts, readParts } from "./read-parts.ts";
import { sha256 } from "./sha256.ts";
import { WebCheckpoint } from "./web-checkpoint.ts";
import { bytesReadBy, findWebModel, hashesOf, type RequestedModel, type WebModel } from "./web-model.ts";
import { WebPackFiles } from "./web-pack-files.ts";
import { yieldToMessages } from "./yield-to-messages.ts";

type PrepareOptions = Parameters<EngineWorkerApi["prepare"]>[0];
type FetchingListener = NonNullable<Parameters<EngineWorkerApi["prepare"]>[1]>;
type EventListener = (event: EditEvent) => void | Promise<void>;

/** A model that stays loaded until another one, other things beside it or another device is asked for. */
interface LoadedModel {
  /** What of a request it was loaded for. */
  readonly key: string;
  /** Of graphs that are built. */
  readonly precision: Precision | undefined;
  readonly provider: string;
  readonly web: WebModel;
  readonly model: Model;
  readonly memory: DeviceMemory;
}

/** What of a request says which model is opened, and how. */
type DrawnWith = RequestedModel & Pick<EditRequest, "precision">;

/** A network that nothing is put into. */
function bare(model: ModelId): DrawnWith {
  const nothing = { vae: null, textEncoders: [], loras: [], controls: [], referenceModel: null };
  return { model, ...nothing, prediction: null, precision: "auto" };
}

/** An edit whose inputs have been read; what an attempt on one device needs. */
interface PreparedEdit extends ReadParts {
  readonly request: EditRequest;
  readonly signal: AbortSignal;
  readonly onEvent: EventListener;
}

/** The engine that runs where the panel runs: the companion's edits, on WebGPU or WASM. */
export class BrowserEngine implements EngineWorkerApi {
  readonly #layers = new Map<number, Uint8Array>();
  readonly #profiles = new Map<OnnxRuntime, Promise<ProvedProfile>>();
  readonly #runtimes = new Map<BrowserDevice["device"], OnnxRuntime>();
  #options: PrepareOptions | undefined;
  #files: EngineFiles | undefined;
  #device: BrowserDevice | undefined;
  /** Why an edit could not be drawn on WebGPU; it is not tried again in this worker's life. */
  #webgpuFailure: string | undefined;
  #loaded: LoadedModel | undefined;
  #running: AbortController | undefined;
  readonly #selector = new Selector();
  /** What is known of erase networks, which are not opened again only to be asked. */
  readonly #erasers = new Map<ModelId, ModelFacts>();

  async prepare(options: PrepareOptions, onFetching: FetchingListener = () => {}): Promise<BrowserDevice> {
    this.#files ??= new EngineFiles({
      root: new URL("../", modelsFolder(options.modelsUrl)),
      fetch: (input, init) => fetch(input, init),
      keep: openKeptFiles,
      alone: aloneAmongTabs,
      onFetching: ({ done, total }) => void onFetching({ done, total }),
    });
    const device: BrowserDevice =
      this.#webgpuFailure !== undefined && options.device === undefined
        ? { device: "wasm", reason: this.#webgpuFailure }
        : await chooseDevice(navigator.gpu, options.device, options.acceptsSoftware);
    this.#options = options;
    this.#device = device;
    await this.#runtime(device.device);
    return device;
  }

  async keepReady(): Promise<void> {
    // A runtime that is loaded works without the server.
    await this.#runtime("wasm");
    await this.#engineFiles().fetchPacks();
  }

  async storage(): Promise<EngineStorage> {
    return await this.#engineFiles().storage();
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
      await this.#unload();
      return { type: "failed", error: toErrorData(error) };
    }
  }

  /** Tries the chosen device, and WASM after it when WebGPU turns out not to work. */
  async #attempts(edit: PreparedEdit): Promise<EditResult[]> {
    if (this.#options === undefined || this.#device === undefined)
      throw new OverpaintError("internal", "The browser engine was not prepared.");
    try {
      return await this.#attempt(edit, this.#device, 1);
    } catch (error) {
      const isForced = this.#options.device !== undefined;
      if (edit.signal.aborted || this.#device.device === "wasm" || isForced || !blamesDevice(error)) throw error;
      await this.#unload();
      this.#webgpuFailure = toErrorData(error).message;
      this.#device = { device: "wasm", reason: this.#webgpuFailure };
      return await this.#attempt(edit, this.#device, 2);
    }
  }

  async #attempt(edit: PreparedEdit, { device }: BrowserDevice, attempt: number): Promise<EditResult[]> {
    const { request, inputs, hashes, notes, signal, onEvent } = edit;
    const named = await this.#drawingModel(edit, device);
    await onEvent({ type: "started", model: named.model, device, attempt });
    await yieldToMessages();
    signal.throwIfAborted();
    const { model, precision, memory, web, provider } = await this.#load(named, device);
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
    const facts = this.#erasers.get(eraser.model) ?? (await this.#load(eraser, device)).model.facts;
    this.#erasers.set(eraser.model, facts);
    return erasesBetter(request, image, describePainted(mask), facts) ? eraser : request;
  }

  async select(selection: BrowserSelection): Promise<Uint8Array> {
    if (this.#options === undefined || this.#device === undefined)
      throw new OverpaintError("internal", "The browser engine was not prepared.");
    if (this.#running !== undefined)
      throw new OverpaintError(
        "invalid-request",
        "The browser engine is still busy with an edit.",
        "Wait, or cancel it.",
      );
    const { model } = await this.#load(bare(selection.model), this.#device.device);
    const key = await sha256(selection.image);
    const read = () => decodeImage(selection.image, "The picture");
    return encodeMask(await this.#selector.select(model, { key, read }, selection.of));
  }

  async #load(request: DrawnWith, device: BrowserDevice["device"]): Promise<LoadedModel> {
    const { model: id, vae, textEncoders, loras, controls, referenceModel, prediction, precision: wanted } = request;
    const controlNets = controls.map((control) => control.model);
    const key = JSON.stringify([device, id, vae, textEncoders, loras, controlNets, referenceModel, prediction, wanted]);
    if (this.#loaded?.key === key) return this.#loaded;
    await this.#unload();
    const runtime = await this.#runtime(device);
    const web = await findWebModel(request, (folder) => this.#serve(folder, runtime));
    const storage = new WebCheckpoint({
      model: web,
      runtime,
      profile: (compute) => this.#profile(runtime, compute),
      clipMerges: () => this.#clipMerges(),
    });
    const checkpoint = await CheckpointFiles.open(web.files, storage, { ...web.choice, precision: wanted });
    const precision = await checkpoint.precision();
    const model = await openModel(checkpoint);
    // So far the files of what draws have been read: the largest part, and the same at every start.
    const memory = browserMemory(device, bytesReadBy(web));
    const { remark, profile } = (await this.#profiles.get(runtime)) ?? {};
    const fallback = profile?.attention === "plain" ? "with plain attention" : "in single precision";
    const provider = remark ? `${runtime.provider}, ${fallback}: ${remark}` : runtime.provider;
    this.#loaded = { key, precision, provider, web, model, memory };
    return this.#loaded;
  }

  /** The files of a folder below that of all models. */
  #serve(folder: string, runtime: OnnxRuntime): WebPackFiles {
    return new WebPackFiles({
      url: packUrl(this.#options?.modelsUrl ?? "", folder),
      runtime,
      fetch: (url) => this.#engineFiles().fetch(url, this.#running?.signal),
    });
  }

  /** How graphs are written for the runtime, proved by a small run. */
  async #profile(runtime: OnnxRuntime, compute?: GraphProfile["compute"]): Promise<GraphProfile> {
    const open = (graph: OnnxGraph) => runtime.openSession("attention", encodeOnnx(graph, String), []);
    const best = runtime.hasHalf ? inHalf(cpuProfile) : cpuProfile;
    const proved = this.#profiles.get(runtime) ?? proveProfile(best, open);
    this.#profiles.set(runtime, proved);
    const { profile } = await proved;
    if (compute === "float16" && profile.compute !== "float16")
      throw new OverpaintError(
        "device-unavailable",
        "This browser's graphics cannot draw in half precision.",
        "Leave the precision to the engine, or start the companion.",
      );
    return compute === "float32" ? inSingle(profile) : profile;
  }

  /** The text of CLIP's merges, which lies beside the packs. */
  async #clipMerges(): Promise<string> {
    const response = await this.#engineFiles().fetch(
      new URL("merges.txt", packUrl(this.#options?.modelsUrl ?? "", "clip-tokenizer")),
    );
    if (response.ok) return await response.text();
    throw new OverpaintError(
      "damaged-model",
      "CLIP's vocabulary could not be fetched.",
      "Check that the server of the models is running, then try again.",
    );
  }

  async #runtime(device: BrowserDevice["device"]): Promise<OnnxRuntime> {
    const runtime =
      this.#runtimes.get(device) ?? (await startOnnxRuntime(device, (address) => this.#engineFiles().fetch(address)));
    this.#runtimes.set(device, runtime);
    return runtime;
  }

  #engineFiles(): EngineFiles {
    if (this.#files === undefined) throw new OverpaintError("internal", "The browser engine was not prepared.");
    return this.#files;
  }

  async #unload(): Promise<void> {
    const loaded = this.#loaded;
    this.#loaded = undefined;
    await loaded?.model.release();
  }
}

function packUrl(modelsUrl: string, model: string): URL {
  return new URL(`${model}/`, modelsFolder(modelsUrl));
}

function modelsFolder(modelsUrl: string): URL {
  return new URL(modelsUrl.endsWith("/") ? modelsUrl : `${modelsUrl}/`, self.location.href);
}

/** WebGPU fails in many ways: no device, no memory, or numbers that are none. WASM shares none of them. */
function blamesDevice(error: unknown): boolean {
  return ["device-unavailable", "out-of-memory", "invalid-output", "internal"].includes(toErrorData(error).code);
}
