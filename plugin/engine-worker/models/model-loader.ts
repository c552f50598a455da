import { CheckpointFiles } from "../../../shared/diffusion/checkpoint/checkpoint-files.ts";
import { type ProvedProfile, proveProfile } from "../../../shared/diffusion/checkpoint/prove-profile.ts";
import type { Model } from "../../../shared/diffusion/models/model-family.ts";
import { openModel } from "../../../shared/diffusion/models/open-model.ts";
import {
  cpuProfile,
  type GraphProfile,
  inHalf,
  inSingle,
  wasmProfile,
} from "../../../shared/networks/graph/graph-profile.ts";
import type { OnnxGraph } from "../../../shared/networks/graph/onnx-graph.ts";
import { encodeOnnx } from "../../../shared/networks/graph/onnx-writer.ts";
import type { DeviceMemory } from "../../../shared/planning/plans/memory-ladder.ts";
import type { BrowserDevice } from "../../../shared/protocol/engine-worker-api.ts";
import type { ModelFacts } from "../../../shared/protocol/models/model-facts.ts";
import type { Precision } from "../../../shared/protocol/models/precision.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import type { EngineFiles } from "../files/engine-files.ts";
import { browserBudget, browserMemory } from "../runtime/browser-memory.ts";
import type { OnnxRuntime } from "../runtime/onnx-runtime.ts";
import { WebCheckpoint } from "./web-checkpoint.ts";
import { type DrawnWith, findWebModel, type WebModel } from "./web-model.ts";
import { WebPackFiles } from "./web-pack-files.ts";

/** A model that stays loaded until another one, other things beside it or another device is asked for. */
export interface LoadedModel {
  /** What of a request it was loaded for, and from which files. */
  readonly key: string;
  /** Of graphs that are built. */
  readonly precision: Precision | undefined;
  readonly provider: string;
  readonly web: WebModel;
  readonly model: Model;
  readonly memory: DeviceMemory;
}

export interface ModelLoaderOptions {
  /** Holds one folder per model; ends in a slash. */
  readonly modelsFolder: URL;
  readonly files: Pick<EngineFiles, "find" | "list" | "fingerprintOf">;
  readonly startRuntime: (device: BrowserDevice["device"], find: EngineFiles["find"]) => Promise<OnnxRuntime>;
  /** Ends the fetching of the edit that is running. */
  readonly signal: () => AbortSignal | undefined;
}

/** Opens models on the runtimes of this worker's devices, and keeps the last one loaded. */
export class ModelLoader {
  readonly #options: ModelLoaderOptions;
  readonly #profiles = new Map<OnnxRuntime, Promise<ProvedProfile>>();
  readonly #runtimes = new Map<BrowserDevice["device"], OnnxRuntime>();
  #loaded: LoadedModel | undefined;
  /** Of models that were loaded before, by their keys. */
  readonly #facts = new Map<string, ModelFacts>();

  constructor(options: ModelLoaderOptions) {
    this.#options = options;
  }

  /** The model that a request is drawn with; the one before it is let go. */
  async load(request: DrawnWith, device: BrowserDevice["device"]): Promise<LoadedModel> {
    const key = await this.#keyOf(request, device);
    if (this.#loaded?.key === key) return this.#loaded;
    await this.unload();
    const runtime = await this.runtime(device);
    const web = await findWebModel(request, (folder) => this.#serve(folder, runtime));
    const storage = new WebCheckpoint({
      model: web,
      runtime,
      profile: (compute) => this.#profile(runtime, compute),
      clipMerges: () => this.#clipMerges(),
    });
    const checkpoint = await CheckpointFiles.open(web.files, storage, { ...web.choice, precision: request.precision });
    const precision = await checkpoint.precision();
    const weights = await weightsOf(await openModel(checkpoint), checkpoint, web);
    const { mode, memory } = browserMemory(device, weights, browserBudget(device));
    const model = await openModel(checkpoint, { memory: mode });
    const { remark, profile } = (await this.#profiles.get(runtime)) ?? {};
    const fallback = profile?.attention === "plain" ? "with plain attention" : "in single precision";
    const provider = remark ? `${runtime.provider}, ${fallback}: ${remark}` : runtime.provider;
    const holdsScores = device === "wasm" || profile?.attention === "plain";
    this.#loaded = { key, precision, provider, web, model, memory: { ...memory, holdsScores } };
    this.#facts.set(key, model.facts);
    return this.#loaded;
  }

  /** What the model of a request can do; it is loaded the first time only. */
  async factsOf(request: DrawnWith, device: BrowserDevice["device"]): Promise<ModelFacts> {
    return this.#facts.get(await this.#keyOf(request, device)) ?? (await this.load(request, device)).model.facts;
  }

  /** The runtime for a device, started the first time. */
  async runtime(device: BrowserDevice["device"]): Promise<OnnxRuntime> {
    const runtime =
      this.#runtimes.get(device) ??
      (await this.#options.startRuntime(device, (address) => this.#options.files.find(address)));
    this.#runtimes.set(device, runtime);
    return runtime;
  }

  /** Lets go of what is loaded. */
  async unload(): Promise<void> {
    const loaded = this.#loaded;
    this.#loaded = undefined;
    await loaded?.model.release();
  }

  /** Everything that decides what a request is drawn with: another model may be installed under an id meanwhile. */
  async #keyOf(request: DrawnWith, device: BrowserDevice["device"]): Promise<string> {
    const { model, vae, textEncoders, loras, controls, referenceModel, prediction, precision } = request;
    const controlNets = controls.map((control) => control.model);
    const ids = [model, vae, ...textEncoders, ...loras.map(({ id }) => id), ...controlNets, referenceModel];
    const fingerprints = await Promise.all(
      ids.map(async (id) => (id === null ? null : await this.#options.files.fingerprintOf(id))),
    );
    return JSON.stringify([device, ids, fingerprints, loras, prediction, precision]);
  }

  /** The files of a folder below that of all models. */
  #serve(folder: string, runtime: OnnxRuntime): WebPackFiles {
    const { modelsFolder, files, signal } = this.#options;
    return new WebPackFiles({
      url: new URL(`${folder}/`, modelsFolder),
      runtime,
      files: { find: (address) => files.find(address, signal()), list: (address) => files.list(address) },
    });
  }

  /** How graphs are written for the runtime, proved by a small run. */
  async #profile(runtime: OnnxRuntime, compute?: GraphProfile["compute"]): Promise<GraphProfile> {
    const open = (graph: OnnxGraph) => runtime.openSession("attention", encodeOnnx(graph, String), []);
    const best = runtime.device === "wasm" ? wasmProfile : runtime.hasHalf ? inHalf(cpuProfile) : cpuProfile;
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
    const { modelsFolder, files } = this.#options;
    const found = await files.find(new URL("clip-tokenizer/merges.txt", modelsFolder));
    if (found) return await found.content.text();
    throw new OverpaintError(
      "damaged-model",
      "CLIP's vocabulary could not be fetched.",
      "Check that the server of the models is running, then try again.",
    );
  }
}

/** Bytes of the weights of a model's graphs, as they are stored, by the graphs' paths. */
async function weightsOf(
  { graphs }: Pick<Model, "graphs">,
  checkpoint: CheckpointFiles,
  { files }: WebModel,
): Promise<ReadonlyMap<string, number>> {
  const weights = new Map<string, number>();
  for (const path of graphs) {
    if (!checkpoint.isBuilt(path)) {
      weights.set(path, await files.weightBytes(path));
      continue;
    }
    const { initializers } = await checkpoint.build(path);
    weights.set(
      path,
      initializers.reduce((sum, each) => sum + (each.kind === "external" ? each.tensor.length : 0), 0),
    );
  }
  return weights;
}
