import type { Model } from "../../../shared/diffusion/models/model-family.ts";
import { openModel } from "../../../shared/diffusion/models/open-model.ts";
import type { Component } from "../../../shared/diffusion/pack/component.ts";
import type { DeviceMemory } from "../../../shared/planning/plans/memory-ladder.ts";
import type { Device } from "../../../shared/protocol/api.ts";
import type { InputNote } from "../../../shared/protocol/input-note.ts";
import type { Precision } from "../../../shared/protocol/models/precision.ts";
import { PackedGraphs, packedLimit } from "../../models/caches/packed-graphs.ts";
import { QuantisedFiles } from "../../models/caches/quantised-files.ts";
import { type OpenedWeights, packFingerprint } from "../../models/files/list-pack-files.ts";
import { openModelFiles } from "../../models/files/open-model-files.ts";
import { cardOfProcess } from "../card-variable.ts";
import { readDeviceFacts } from "../device-facts.ts";
import type { EngineJob, ModelJob } from "../engine.ts";
import type { Stopwatch } from "../stopwatch.ts";
import { DiskPackFiles } from "./graphs/disk-pack-files.ts";
import { KeptSessions } from "./graphs/kept-sessions.ts";
import { MappedCheckpoint } from "./graphs/mapped-checkpoint.ts";
import { measureRanges } from "./measure-ranges.ts";
import { affordablePrecision } from "./memory/affordable-precision.ts";
import { memoryBudget } from "./memory/memory-budget.ts";
import { drawingMemory, heldBytes, loadedWeights, memoryMode } from "./memory/memory-mode.ts";

export interface LoadedModel {
  readonly key: string;
  /** The key of the same model with any LoRAs. */
  readonly base: string;
  readonly device: Device;
  readonly model: Model;
  /** Of graphs that are built. */
  readonly precision: Precision | undefined;
  /** Folders of components that are computed in single precision because they overflowed. */
  readonly single: readonly string[];
  /** What is to be said of how it was opened. */
  readonly notes: readonly InputNote[];
  readonly files: OpenedWeights;
  readonly storage: MappedCheckpoint;
  /** Whether nothing is put into it that changes from edit to edit, such as LoRAs: each way it is changed is another graph. */
  readonly isPlain: boolean;
  /** Bytes that its graphs take at most at the same time. */
  readonly bytes: number;
  /** Bytes that all models of its device and drawing may take together. */
  readonly budget: number;
  /** What the device has left beside the model, were it alone: what else is loaded gives way to drawing and changes no plan. */
  readonly memory: DeviceMemory;
  readonly sessions: KeptSessions;
}

export interface LoadOptions {
  readonly stopwatch: () => Stopwatch;
  readonly signal: AbortSignal;
  /** Told while sample pictures are drawn to see in which ranges a model computes. */
  readonly onMeasuring: (step: number, steps: number) => void;
}

/** The models of an engine process. Several stay loaded within the budget of their device; those give way that were used longest ago. */
export class LoadedModels {
  /** By their bases, the one that was used last at the end. */
  readonly #models = new Map<string, LoadedModel>();
  /** By bases: folders of components that overflowed in half precision. They do so again, with every edit. */
  readonly #overflowed = new Map<string, readonly string[]>();

  async load(job: ModelJob, device: Device, options: LoadOptions): Promise<LoadedModel> {
    const { model } = job;
    const { prediction, precision } = choiceOf(job);
    // Files that changed since, by a repair or an update, make it another model.
    const { loras = [], ...places } = model;
    const base = `${device} ${model.folder} ${prediction} ${precision} ${await packFingerprint(places)}`;
    const single = this.#overflowed.get(base) ?? [];
    const ownFiles = loras.length === 0 ? "" : await packFingerprint(model);
    const key = `${base} ${single.join()} ${loras.map(({ strength }) => strength)} ${ownFiles}`;
    const known = this.#models.get(base);
    this.#models.delete(base);
    if (known?.key === key) {
      this.#models.set(base, known);
      return known;
    }
    const sessions = known?.sessions ?? new KeptSessions();
    const open = async () => {
      // Two of them at once would need the memory of both.
      await known?.model.release();
      const keys = { key, base, device, single, sessions };
      return await options.stopwatch().measure("modelLoad", () => this.#open(job, keys, options));
    };
    // Other LoRAs change some graphs of a model; the others stay.
    return known ? await sessions.during(open) : await open();
  }

  /** Whether a component that overflowed can be computed in single precision: graphs that are ready compute in what they say. */
  canWiden({ precision, single }: LoadedModel, component: string): boolean {
    return precision !== undefined && precision !== "fp32" && !single.includes(component);
  }

  /** A component that overflowed is computed in single precision from now on. */
  noteOverflow({ base, single }: LoadedModel, component: string): void {
    this.#overflowed.set(base, [...single, component]);
  }

  /** Releases of the device's other models those that were used longest ago, until `bytes` fit beside the rest. False where none was. */
  async makeRoom(
    { base, device, budget }: Pick<LoadedModel, "base" | "device" | "budget">,
    bytes: number,
  ): Promise<boolean> {
    let isAny = false;
    for (const [other, loaded] of [...this.#models]) {
      if (other === base || loaded.device !== device || this.#taken(device, base) + bytes <= budget) continue;
      await this.release(loaded);
      isAny = true;
    }
    return isAny;
  }

  async release(loaded: LoadedModel): Promise<void> {
    this.#models.delete(loaded.base);
    await loaded.model.release();
    await loaded.sessions.clear();
  }

  async releaseAll(device: Device): Promise<void> {
    for (const loaded of [...this.#models.values()]) if (loaded.device === device) await this.release(loaded);
  }

  /** Bytes of a device's models but one. */
  #taken(device: Device, base: string): number {
    const others = [...this.#models.values()].filter((each) => each.device === device && each.base !== base);
    return others.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  async #open(
    job: ModelJob,
    keys: Pick<LoadedModel, "key" | "base" | "device" | "single" | "sessions">,
    { stopwatch, signal, onMeasuring }: LoadOptions,
  ): Promise<LoadedModel> {
    const { model: places, quantisedWeights, packedGraphs, proved } = job;
    const { device, sessions } = keys;
    const { prediction, precision: wanted } = choiceOf(job);
    const [cards, card] = [await readDeviceFacts(device), cardOfProcess() ?? 0];
    const budget = memoryBudget(device, { cardBytes: cards[card]?.memoryBytes, sharers: job.sharers });
    const pack = new DiskPackFiles(places, device, stopwatch);
    const packed = packedGraphs !== undefined && packedLimit() > 0 ? new PackedGraphs(packedGraphs) : undefined;
    // What the pictures are drawn with by which convolutions are measured.
    const configs = [await pack.readText("overpaint.json"), await pack.readText("scheduler/scheduler_config.json")];
    const drawnWith = JSON.stringify([prediction, places.textEncoders, configs]);
    const storage = new MappedCheckpoint(places, {
      device,
      stopwatch,
      kept: sessions,
      proved: proved?.[device],
      packed,
      quantised: new QuantisedFiles(quantisedWeights, drawnWith),
    });
    // Convolutions of whole numbers are faster on processors alone.
    const measure = async () => {
      // It takes a model in single precision.
      await this.makeRoom({ ...keys, budget }, budget);
      return await measureRanges(places, prediction, { stopwatch, signal, onStep: onMeasuring });
    };
    const choice = {
      prediction,
      precision: wanted,
      single: keys.single,
      ...(device === "cpu" && { measureRanges: measure }),
    };
    const asked = await openModelFiles(places, pack, storage, choice);
    const affordable = wanted === "auto" ? affordablePrecision(asked.builtComponents, budget) : undefined;
    const files = affordable
      ? await openModelFiles(places, pack, storage, { ...choice, precision: affordable.precision })
      : asked;
    const precision = await files.precision();
    const weights = await loadedWeights(places, { files, precision, device });
    const bytes = heldBytes(weights, budget);
    await this.makeRoom({ ...keys, budget }, bytes);
    const memory = memoryMode(weights, budget);
    const model = await openModel(files, {
      memory,
      timing: {
        now: () => performance.now(),
        onSessionRun: (component, milliseconds) => {
          stopwatch().add("sessionRun", milliseconds);
          stopwatch().add(stageName(component), milliseconds);
        },
      },
    });
    const { loras = [], controlNets = [], ipAdapter } = places;
    const isPlain = loras.length + controlNets.length === 0 && ipAdapter === undefined;
    const notes = [...(affordable ? [affordable.note] : []), ...noteSingle(keys.single, device)];
    const opened = { model, precision, notes, files, storage, isPlain, bytes, budget };
    const loaded = { ...keys, ...opened, memory: drawingMemory(weights, device, budget) };
    this.#models.set(keys.base, loaded);
    try {
      // What draws is loaded before anyone is told that the device draws: one that cannot hold it hands over to the next.
      await model.load();
    } catch (error) {
      await this.release(loaded);
      throw error;
    }
    // Where there is no room for all graphs at once, none stays unasked for.
    if (memory === "lean") await sessions.clear();
    return loaded;
  }
}

/** What of a model is not for its files to say. A network's graphs are ready: there is nothing to choose. */
function choiceOf({ request, model }: ModelJob): Pick<EngineJob["request"], "prediction" | "precision"> {
  const isEraser = request?.task === "inpaint" && request.eraser === model.id;
  return request === undefined || isEraser ? { prediction: null, precision: "auto" } : request;
}

function noteSingle(single: readonly string[], device: Device): readonly InputNote[] {
  return single.map((component) => ({
    code: "computed-in-single",
    text: `The ${component.replace(/^control_net_\d$/, "ControlNet")} overflowed in half precision on ${device} and was computed in single precision.`,
  }));
}

/** `text_encoder` as timings spell it: textEncoder. */
function stageName(component: Component): string {
  return component.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}
