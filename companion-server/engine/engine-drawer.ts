import type { Device } from "../../shared/protocol/api.ts";
import type { EditRequest } from "../../shared/protocol/edit-request.ts";
import { toErrorData } from "../../shared/protocol/overpaint-error.ts";
import type { Artifacts } from "../jobs/artifacts.ts";
import type { DrawEvent, DrawOptions, DrawOrder, JobDrawer } from "../jobs/job-drawer.ts";
import type { ModelCatalog } from "../models/model-catalog.ts";
import type { EngineDevices, EnginesChoice } from "./choose-devices.ts";
import type { DeviceFaults } from "./device-faults.ts";
import { drawOnDevices, isDevicesFault, loadOnDevices } from "./draw-on-devices.ts";
import type { Engine, EngineJob } from "./engine.ts";
import { EngineTurns, type MachineEngine } from "./engine-turns.ts";

/** Where every job of a machine finds what was made for its models. See EngineJob. */
export type EngineCaches = Pick<EngineJob, "hashCache" | "quantisedWeights" | "packedGraphs">;

export interface EngineDrawerOptions {
  /** Known once the devices were tried. Rejects with `cancelled`, or `engine-unavailable` where none works. */
  readonly findDevices: (signal: AbortSignal) => Promise<Pick<EnginesChoice, "engines" | "spare">>;
  readonly openEngine: (devices: EngineDevices) => Engine;
  readonly artifacts: Pick<Artifacts, "partFile" | "resultsFolder">;
  readonly models: Pick<ModelCatalog, "find" | "findFor" | "findEraser">;
  readonly caches: EngineCaches;
  /** Default: devices are not remembered for what they did. */
  readonly faults?: DeviceFaults | undefined;
}

/** Draws with the engines of this machine: one job at a time on each. What one cannot draw is handed to the next. */
export class EngineDrawer implements JobDrawer {
  readonly outlivesCompanion = false;
  readonly #options: EngineDrawerOptions;
  #turns: EngineTurns | undefined;
  /** Orders that are drawn or wait for an engine. */
  #held = 0;
  /** Those of them that have no engine yet and were not told to wait for a certain one: each takes up the room of one. */
  readonly #unplaced = new Set<string>();
  /** Engines that load a model ahead. */
  #loading = 0;
  readonly #closing = new AbortController();
  #warming: Promise<void> | undefined;

  constructor(options: EngineDrawerOptions) {
    this.#options = options;
  }

  get capacity(): number {
    if (this.#turns === undefined) return 1;
    return this.#held + Math.max(0, this.#turns.free + this.#loading - this.#unplaced.size);
  }

  async requireModel(request: EditRequest): Promise<void> {
    await this.#options.models.findFor(request);
    await this.#options.models.findEraser(request);
  }

  async draw(order: DrawOrder, options: DrawOptions): Promise<void> {
    this.#held += 1;
    this.#unplaced.add(order.id);
    try {
      await this.#draw(order, options);
    } finally {
      this.#held -= 1;
      this.#unplaced.delete(order.id);
    }
  }

  /**
   * Loads models on every engine for the jobs that are to come, which wait for it. Never rejects: what fails is told, and the first job
   * that draws with the model meets it again.
   */
  async warmUp(ids: readonly string[], onError: (error: unknown) => void): Promise<void> {
    this.#warming = this.#load(ids, onError).catch(onError);
    await this.#warming;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all((this.#turns?.engines ?? []).map(({ engine }) => engine.close()));
    await this.#warming;
  }

  async #load(ids: readonly string[], onError: (error: unknown) => void): Promise<void> {
    const turns = await this.#openTurns(this.#closing.signal);
    for (const name of ids) await this.#loadOne(turns, name, onError).catch(onError);
  }

  async #loadOne(turns: EngineTurns, name: string, onError: (error: unknown) => void): Promise<void> {
    const { models } = this.#options;
    const bare = { vae: null, textEncoders: [], loras: [], controls: [], referenceModel: null };
    const { id } = await models.find(name);
    const model = await models.findFor({ model: id, ...bare });
    const engines = turns.engines.filter(({ isSpare }) => !isSpare);
    await Promise.all(engines.map((engine) => this.#loadOn(turns, engine, model).catch(onError)));
  }

  async #loadOn(turns: EngineTurns, wanted: MachineEngine, model: EngineJob["model"]): Promise<void> {
    const { caches, faults } = this.#options;
    const { signal } = this.#closing;
    const refused = new Set(turns.engines.filter((engine) => engine !== wanted));
    const { engine, isSpare: _isSpare, ...drawnOn } = wanted;
    await turns.take({ due: 0, model: model.id, refused, signal, onWait: () => {} });
    this.#loading += 1;
    try {
      const job = { ...caches, id: `warm-up ${model.id}`, model, ...drawnOn };
      await loadOnDevices(engine, job, { signal, faults });
      turns.loaded(wanted, model.id);
    } finally {
      this.#loading -= 1;
      turns.giveBack(wanted);
    }
  }

  async #draw(order: DrawOrder, { onEvent, signal }: DrawOptions): Promise<void> {
    const turns = await this.#openTurns(signal);
    const { id, request, parts } = order;
    const { artifacts, models, caches } = this.#options;
    const job = {
      ...caches,
      id,
      request,
      model: await models.findFor(request),
      // The model itself removes as well, where another machine has no such network.
      eraser: await models.findEraser(request).catch(() => undefined),
      inputs: Object.fromEntries(parts.map((part) => [part, artifacts.partFile(id, part)])),
      resultsFolder: artifacts.resultsFolder(id),
    };
    const missing = new Set(order.variants);
    const hear = (event: DrawEvent) => {
      onEvent(event);
      if (event.type === "result") missing.delete(event.result.variant);
    };
    await this.#onEngines(turns, { job, due: order.due, missing, onEvent: hear, signal });
  }

  /** On one engine after another, until one can draw it. */
  async #onEngines(turns: EngineTurns, { job, due, missing, onEvent, signal }: HeldOrder): Promise<void> {
    const { faults } = this.#options;
    const model = job.model.id;
    const refused = new Set<MachineEngine>();
    let failure: unknown;
    for (;;) {
      const onWait = (reason: string) => {
        this.#unplaced.delete(job.id);
        onEvent({ type: "waits", reason });
      };
      const turn = await turns.take({ due, model, refused, signal, onWait });
      this.#unplaced.delete(job.id);
      if (turn === undefined) throw failure;
      const { engine, isSpare: _isSpare, ...drawnOn } = turn;
      const before = missing.size;
      let isLoaded = false;
      const hear = (event: DrawEvent) => {
        if (event.type === "started") {
          isLoaded = true;
          turns.loaded(turn, model);
        }
        onEvent(event);
      };
      try {
        const drawn = Array.from({ length: job.request.count }, (_, variant) => variant).filter((k) => !missing.has(k));
        const onBegin = (device: Device) => onEvent({ type: "begun", device });
        const own = { ...job, ...drawnOn, drawn };
        await drawOnDevices(engine, own, { onEvent: hear, onBegin, signal, faults });
        return;
      } catch (error) {
        if (signal.aborted || !isDevicesFault(error, missing.size < before)) throw error;
        // Crashes are remembered as the device's.
        if (!isLoaded && toErrorData(error).code !== "engine-crashed") turns.unfit(turn, model);
        refused.add(turn);
        this.#unplaced.add(job.id);
        failure = error;
      } finally {
        turns.giveBack(turn);
      }
    }
  }

  async #openTurns(signal: AbortSignal): Promise<EngineTurns> {
    const { findDevices, openEngine, faults } = this.#options;
    const { engines, spare } = await findDevices(signal);
    const open = (devices: EngineDevices, isSpare: boolean) => ({ ...devices, engine: openEngine(devices), isSpare });
    this.#turns ??= new EngineTurns(
      [...engines.map((devices) => open(devices, false)), ...(spare ? [open(spare, true)] : [])],
      () => faults?.demoted() ?? new Map(),
    );
    return this.#turns;
  }
}

interface HeldOrder {
  readonly job: Omit<EngineJob, "devices" | "drawn">;
  readonly due: number;
  /** Variants that are not drawn yet. */
  readonly missing: ReadonlySet<number>;
  readonly onEvent: DrawOptions["onEvent"];
  readonly signal: AbortSignal;
}
