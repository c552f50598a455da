import { readFile, writeFile } from "node:fs/promises";
import sharp from "sharp";
import type { Model } from "../../../shared/diffusion/models/model-family.ts";
import { openModel } from "../../../shared/diffusion/models/open-model.ts";
import type { Component } from "../../../shared/diffusion/pack/component.ts";
import { overflowedComponent } from "../../../shared/diffusion/tensors/require-finite.ts";
import { Selector } from "../../../shared/editing/selection/selector.ts";
import type { DeviceMemory } from "../../../shared/planning/plans/memory-ladder.ts";
import type { Device } from "../../../shared/protocol/api.ts";
import type { InputNote } from "../../../shared/protocol/input-note.ts";
import type { Precision } from "../../../shared/protocol/models/precision.ts";
import { toErrorData } from "../../../shared/protocol/overpaint-error.ts";
import { decodeImage } from "../../images/decode-image.ts";
import { encodeGreyPng } from "../../images/encode-image.ts";
import { PackedGraphs, packedLimit } from "../../models/caches/packed-graphs.ts";
import { QuantisedFiles } from "../../models/caches/quantised-files.ts";
import { type OpenedWeights, packFingerprint } from "../../models/files/list-pack-files.ts";
import { openModelFiles } from "../../models/files/open-model-files.ts";
import { cardOfProcess } from "../card-variable.ts";
import { readDeviceFacts } from "../device-facts.ts";
import type { EngineEvent, EngineJob, EngineReport, SelectionJob } from "../engine.ts";
import type { FromEngine, ToEngine } from "../engine-messages.ts";
import { Stopwatch } from "../stopwatch.ts";
import { affordablePrecision } from "./affordable-precision.ts";
import { DiskPackFiles } from "./disk-pack-files.ts";
import { GraphPacker } from "./graph-packer.ts";
import { KeptSessions } from "./kept-sessions.ts";
import { MappedCheckpoint } from "./mapped-checkpoint.ts";
import { measureRanges } from "./measure-ranges.ts";
import { memoryBudget } from "./memory-budget.ts";
import { drawingMemory, loadedWeights, memoryMode } from "./memory-mode.ts";
import { runJob } from "./run-job.ts";
import { withEraser } from "./with-eraser.ts";

interface LoadedModel {
  readonly key: string;
  /** The key of the same model with any LoRAs. */
  readonly base: string;
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
  /** What the device has left beside the model. */
  readonly memory: DeviceMemory;
}

/** The engine process: draws one job at a time and keeps the last model loaded for the next. */
class EngineChild {
  readonly #sessions = new KeptSessions();
  readonly #packer = new GraphPacker();
  readonly #selector = new Selector();
  /** By `LoadedModel.base`: folders of components that overflowed in half precision. They do so again, with every edit. */
  readonly #overflowed = new Map<string, readonly string[]>();
  #loaded: LoadedModel | undefined;
  #stopwatch = new Stopwatch();
  #running: { readonly jobId: string; readonly controller: AbortController } | undefined;

  async run(job: EngineJob): Promise<void> {
    const controller = new AbortController();
    this.#running = { jobId: job.id, controller };
    this.#packer.stop();
    this.#stopwatch = new Stopwatch();
    try {
      const { device, timings } = await this.#draw(await withEraser(job), controller.signal);
      send({ type: "finished", jobId: job.id, report: { device, timings } });
    } catch (error) {
      send({ type: "failed", jobId: job.id, error: toErrorData(error) });
    } finally {
      this.#running = undefined;
    }
    this.#packLoaded(job);
  }

  /** Finds something, on the first device that can hold the model; what was seen of the picture stays for the next click. */
  async select(job: SelectionJob): Promise<void> {
    this.#stopwatch = new Stopwatch();
    try {
      const device = await this.#find(job);
      send({ type: "finished", jobId: job.id, report: { device, timings: this.#stopwatch.timings } });
    } catch (error) {
      send({ type: "failed", jobId: job.id, error: toErrorData(error) });
    }
  }

  async #find(job: SelectionJob): Promise<Device> {
    const { of, picture, pictureKey, pictureName = "The picture", output, devices } = job;
    const read = async () => decodeImage(await readFile(picture), pictureName);
    for (const [index, device] of devices.entries()) {
      try {
        const { model } = await this.#load(job, device, new AbortController().signal);
        const mask = await this.#selector.select(model, { key: pictureKey, read }, of);
        await writeFile(output, await encodeGreyPng(mask));
        return device;
      } catch (error) {
        if (!isDevicesFault(error) || index === devices.length - 1) throw error;
        await this.#unload();
      }
    }
    throw new Error("a job names at least one device");
  }

  /** A model that stays and is drawn with on the CPU is opened faster laid out the next time. */
  #packLoaded({ packedGraphs }: EngineJob): void {
    const { storage, isPlain } = this.#loaded ?? {};
    if (packedGraphs !== undefined && isPlain && storage && storage.packable.length > 0)
      this.#packer.start(packedGraphs, storage.packable, storage.keys);
  }

  cancel(jobId: string): void {
    if (this.#running?.jobId === jobId) this.#running.controller.abort();
  }

  close(): never {
    this.#packer.stop();
    process.exit();
  }

  /** Walks the devices until one can hold the model. Once a variant is out, a failure is final. */
  async #draw(job: EngineJob, signal: AbortSignal): Promise<EngineReport> {
    const stopwatch = this.#stopwatch;
    for (const [index, device] of job.devices.entries()) {
      let hasResult = false;
      try {
        const loaded = await this.#load(job, device, signal);
        signal.throwIfAborted();
        send({ type: "event", jobId: job.id, event: { type: "started", device, model: job.model.id } });
        const onEvent = (event: EngineEvent) => {
          if (event.type === "result") hasResult = true;
          send({ type: "event", jobId: job.id, event });
        };
        const run = (model: LoadedModel, memory = model.memory): Promise<void> =>
          runJob(job, { ...model, modelNotes: model.notes, device, memory, stopwatch, signal, onEvent });
        await run(loaded).catch(async (error) => {
          if (hasResult) throw error;
          const component = overflowedComponent(error);
          if (component !== undefined && loaded.precision !== "fp32" && !loaded.single.includes(component)) {
            this.#overflowed.set(loaded.base, [...loaded.single, component]);
            return await run(await this.#load(job, device, signal));
          }
          if (toErrorData(error).code !== "out-of-memory" || job.plan) throw error;
          // The estimate was too low: once more with as little at once as can be.
          await run(loaded, { ...loaded.memory, budget: 0 });
        });
        return { device, timings: stopwatch.timings };
      } catch (error) {
        if (!isDevicesFault(error) || hasResult || index === job.devices.length - 1) throw error;
        await this.#unload();
        await this.#sessions.clear();
      }
    }
    throw new Error("a job names at least one device");
  }

  async #load(job: EngineJob | SelectionJob, device: Device, signal: AbortSignal): Promise<LoadedModel> {
    const { model } = job;
    const { prediction, precision } = choiceOf(job);
    // Files that changed since, by a repair or an update, make it another model.
    const { loras = [], ...places } = model;
    const base = `${device} ${model.folder} ${prediction} ${precision} ${await packFingerprint(places)}`;
    const single = this.#overflowed.get(base) ?? [];
    const ownFiles = loras.length === 0 ? "" : await packFingerprint(model);
    const key = `${base} ${single.join()} ${loras.map(({ strength }) => strength)} ${ownFiles}`;
    if (this.#loaded?.key === key) return this.#loaded;
    const open = async () => {
      // Two models at once would need the memory of both.
      await this.#unload();
      return await this.#stopwatch.measure("modelLoad", () => this.#open(job, device, { key, base, single }, signal));
    };
    // Other LoRAs change some graphs of a model; the others stay.
    if (this.#loaded?.base === base) return await this.#sessions.during(open);
    await this.#sessions.clear();
    return await open();
  }

  async #open(
    job: EngineJob | SelectionJob,
    device: Device,
    keys: Pick<LoadedModel, "key" | "base" | "single">,
    signal: AbortSignal,
  ): Promise<LoadedModel> {
    const { model: places, quantisedWeights, proved } = job;
    const packedGraphs = "packedGraphs" in job ? job.packedGraphs : undefined;
    const { prediction, precision: wanted } = choiceOf(job);
    const stopwatch = () => this.#stopwatch;
    const pack = new DiskPackFiles(places, device, stopwatch);
    const packed = packedGraphs !== undefined && packedLimit() > 0 ? new PackedGraphs(packedGraphs) : undefined;
    // What the pictures are drawn with by which convolutions are measured.
    const configs = [await pack.readText("overpaint.json"), await pack.readText("scheduler/scheduler_config.json")];
    const drawnWith = JSON.stringify([prediction, places.textEncoders, configs]);
    const storage = new MappedCheckpoint(places, {
      device,
      stopwatch,
      kept: this.#sessions,
      proved: proved?.[device],
      packed,
      quantised: new QuantisedFiles(quantisedWeights, drawnWith),
    });
    // Convolutions of whole numbers are faster on processors alone.
    const onStep = (step: number, steps: number) =>
      send({ type: "event", jobId: job.id, event: { type: "measuring", step, steps } });
    const measuring = { stopwatch, signal, onStep };
    const ranges = device === "cpu" && { measureRanges: () => measureRanges(places, prediction, measuring) };
    const choice = { prediction, precision: wanted, single: keys.single, ...ranges };
    const [cards, card] = [await readDeviceFacts(device), cardOfProcess() ?? 0];
    const budget = memoryBudget(device, { cardBytes: cards[card]?.memoryBytes });
    const asked = await openModelFiles(places, pack, storage, choice);
    const affordable = wanted === "auto" ? affordablePrecision(asked.builtComponents, budget) : undefined;
    const files = affordable
      ? await openModelFiles(places, pack, storage, { ...choice, precision: affordable.precision })
      : asked;
    const precision = await files.precision();
    const weights = await loadedWeights(places, { files, precision, device });
    const memory = memoryMode(weights, budget);
    const model = await openModel(files, {
      memory,
      timing: {
        now: () => performance.now(),
        onSessionRun: (component, milliseconds) => {
          this.#stopwatch.add("sessionRun", milliseconds);
          this.#stopwatch.add(stageName(component), milliseconds);
        },
      },
    });
    const { loras = [], controlNets = [], ipAdapter } = places;
    const isPlain = loras.length + controlNets.length === 0 && ipAdapter === undefined;
    const drawing = drawingMemory(weights, device, budget);
    const notes = [...(affordable ? [affordable.note] : []), ...noteSingle(keys.single, device)];
    this.#loaded = { ...keys, model, precision, notes, files, storage, isPlain, memory: drawing };
    // What draws is loaded before anyone is told that the device draws: one that cannot hold it hands over to the next.
    await model.load();
    // Where there is no room for all graphs at once, none stays unasked for.
    if (memory === "lean") await this.#sessions.clear();
    return this.#loaded;
  }

  async #unload(): Promise<void> {
    const loaded = this.#loaded;
    this.#loaded = undefined;
    await loaded?.model.release();
  }
}

function isDevicesFault(error: unknown): boolean {
  return ["device-unavailable", "out-of-memory"].includes(toErrorData(error).code);
}

/** What of a model is not for its files to say. A network's graphs are ready: there is nothing to choose. */
function choiceOf(job: EngineJob | SelectionJob): Pick<EngineJob["request"], "prediction" | "precision"> {
  if (!("request" in job)) return { prediction: null, precision: "auto" };
  const { request, model } = job;
  const isEraser = request.task === "inpaint" && request.eraser === model.id;
  return isEraser ? { prediction: null, precision: "auto" } : request;
}

function noteSingle(single: readonly string[], device: Device): readonly InputNote[] {
  return single.map((component) => ({
    code: "computed-in-single",
    text: `The ${component} overflowed in half precision on ${device} and was computed in single precision.`,
  }));
}

/** `text_encoder` as timings spell it: textEncoder. */
function stageName(component: Component): string {
  return component.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function send(message: FromEngine): void {
  process.send?.(message);
}

// libvips remembers decoded files by name; ours change content under the same name.
sharp.cache(false);
const engine = new EngineChild();
process.on("message", (raw) => {
  const message = raw as ToEngine;
  switch (message.type) {
    case "run":
      return void engine.run(message.job);
    case "select":
      return void engine.select(message.job);
    case "cancel":
      return engine.cancel(message.jobId);
  }
});
// The parent is gone, however it ended.
process.on("disconnect", () => engine.close());
// Ctrl-C reaches the whole process group; the parent decides what it means.
process.on("SIGINT", () => {});
send({ type: "ready" });
