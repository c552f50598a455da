import { readFile, writeFile } from "node:fs/promises";
import sharp from "sharp";
import { overflowedComponent } from "../../../shared/diffusion/tensors/require-finite.ts";
import { Selector } from "../../../shared/editing/selection/selector.ts";
import type { Device } from "../../../shared/protocol/api.ts";
import type { InputNote } from "../../../shared/protocol/input-note.ts";
import { toErrorData } from "../../../shared/protocol/overpaint-error.ts";
import type { Plan } from "../../../shared/protocol/plans/plan.ts";
import { decodeImage } from "../../images/decode-image.ts";
import { encodeGreyPng } from "../../images/encode-image.ts";
import type { EngineEvent, EngineJob, ModelJob, SelectionJob } from "../engine.ts";
import type { FromEngine, ToEngine } from "../engine-messages.ts";
import { Stopwatch } from "../stopwatch.ts";
import { GraphPacker } from "./graphs/graph-packer.ts";
import { type LoadedModel, LoadedModels } from "./loaded-models.ts";
import { MemoryRungs } from "./memory/memory-rungs.ts";
import { runJob } from "./run-job.ts";
import { withEraser } from "./with-eraser.ts";

/** The engine process: draws one job at a time and keeps models loaded for the next. */
class EngineChild {
  readonly #models = new LoadedModels();
  readonly #packer = new GraphPacker();
  readonly #selector = new Selector();
  #stopwatch = new Stopwatch();
  #running: { readonly jobId: string; readonly controller: AbortController } | undefined;

  async run(job: EngineJob): Promise<void> {
    let loaded: LoadedModel | undefined;
    await this.#answer(job, async (signal) => {
      loaded = await this.#draw(await withEraser(job), signal);
      return loaded.device;
    });
    if (loaded) this.#pack(job, loaded);
  }

  /** Loads a model on the first device that can hold it. */
  async load(job: ModelJob): Promise<void> {
    await this.#answer(job, (signal) =>
      this.#onDevices(job, async (device) => {
        await this.#load(job, device, signal);
        return device;
      }),
    );
  }

  /** Finds something, on the first device that can hold the model; what was seen of the picture stays for the next click. */
  async select(job: SelectionJob): Promise<void> {
    const { of, picture, pictureKey, pictureName = "The picture", output } = job;
    const read = async () => decodeImage(await readFile(picture), pictureName);
    await this.#answer(job, (signal) =>
      this.#onDevices(job, async (device) => {
        const { model } = await this.#load(job, device, signal);
        const mask = await this.#selector.select(model, { key: pictureKey, read }, of);
        await writeFile(output, await encodeGreyPng(mask));
        return device;
      }),
    );
  }

  cancel(jobId: string): void {
    if (this.#running?.jobId === jobId) this.#running.controller.abort();
  }

  close(): never {
    this.#packer.stop();
    process.exit();
  }

  /** Does what was ordered and reports what came of it. @param work answers the device that did it */
  async #answer({ id }: ModelJob, work: (signal: AbortSignal) => Promise<Device>): Promise<void> {
    const controller = new AbortController();
    this.#running = { jobId: id, controller };
    this.#packer.stop();
    this.#stopwatch = new Stopwatch();
    try {
      const device = await work(controller.signal);
      send({ type: "finished", jobId: id, report: { device, timings: this.#stopwatch.timings } });
    } catch (error) {
      send({ type: "failed", jobId: id, error: toErrorData(error) });
    } finally {
      this.#running = undefined;
    }
  }

  /** Walks the devices until one can hold the model. @param isFinal whether a failure is nothing for another device any more */
  async #onDevices<Result>(
    { devices }: ModelJob,
    work: (device: Device) => Promise<Result>,
    isFinal = () => false,
  ): Promise<Result> {
    for (const [index, device] of devices.entries()) {
      try {
        return await work(device);
      } catch (error) {
        if (!isDevicesFault(error)) throw error;
        // The next device may be the same card by another name.
        await this.#models.releaseAll(device);
        if (isFinal() || index === devices.length - 1) throw error;
      }
    }
    throw new Error("a job names at least one device");
  }

  /** Once a variant is out, a failure is final. */
  async #draw(job: EngineJob, signal: AbortSignal): Promise<LoadedModel> {
    let hasResult = false;
    const onEvent = (event: EngineEvent) => {
      if (event.type === "result") hasResult = true;
      send({ type: "event", jobId: job.id, event });
    };
    const drawOn = async (device: Device) => {
      let loaded = await this.#load(job, device, signal);
      const rungs = new MemoryRungs(loaded.memory);
      signal.throwIfAborted();
      onEvent({ type: "started", device, model: job.model.id });
      for (;;) {
        try {
          await this.#drawWith(loaded, job, { rungs, signal, onEvent });
          return loaded;
        } catch (error) {
          if (hasResult) throw error;
          const component = overflowedComponent(error);
          if (component !== undefined && this.#models.canWiden(loaded, component)) {
            this.#models.noteOverflow(loaded, component);
            loaded = await this.#load(job, device, signal);
          } else if (toErrorData(error).code !== "out-of-memory") throw error;
          else if (!(await this.#models.makeRoom(loaded, Number.POSITIVE_INFINITY))) {
            if (job.plan) throw error;
            rungs.descend(error);
          }
        }
      }
    };
    return await this.#onDevices(job, drawOn, () => hasResult);
  }

  async #drawWith(loaded: LoadedModel, job: EngineJob, { rungs, signal, onEvent }: Attempt): Promise<void> {
    const { device, notes: modelNotes } = loaded;
    const onPlan = async (plan: Plan, bytes: number) => {
      rungs.step(plan, bytes);
      await this.#models.makeRoom(loaded, loaded.bytes + Math.max(bytes, LEAST_DRAWING_BYTES));
    };
    const shortage = rungs.isLower ? noteShortage(device) : undefined;
    const { memory } = rungs;
    const stopwatch = this.#stopwatch;
    await runJob(job, { ...loaded, modelNotes, shortage, memory, stopwatch, signal, onEvent, onPlan });
  }

  /** A model that stays and is drawn with on the CPU is opened faster laid out the next time. */
  #pack({ packedGraphs }: EngineJob, { storage, isPlain }: LoadedModel): void {
    if (packedGraphs !== undefined && isPlain && storage.packable.length > 0)
      this.#packer.start(packedGraphs, storage.packable, storage.keys);
  }

  async #load(job: ModelJob, device: Device, signal: AbortSignal): Promise<LoadedModel> {
    const onMeasuring = (step: number, steps: number) =>
      send({ type: "event", jobId: job.id, event: { type: "measuring", step, steps } });
    return await this.#models.load(job, device, { stopwatch: () => this.#stopwatch, signal, onMeasuring });
  }
}

/** One of several at the same edit. */
interface Attempt {
  readonly rungs: MemoryRungs;
  readonly signal: AbortSignal;
  readonly onEvent: (event: EngineEvent) => void;
}

/** Of what no estimate says: pictures, and networks that tell nothing of themselves. */
const LEAST_DRAWING_BYTES = 0.5 * 1024 ** 3;

function isDevicesFault(error: unknown): boolean {
  return ["device-unavailable", "out-of-memory"].includes(toErrorData(error).code);
}

function noteShortage(device: Device): InputNote {
  return { code: "memory-saved", text: `${device} ran out of memory, so it was drawn again in a way that takes less.` };
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
    case "load":
      return void engine.load(message.job);
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
