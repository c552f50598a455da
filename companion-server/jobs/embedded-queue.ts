import type { Device, Job, JobId } from "../../shared/protocol/api.ts";
import type { EditEvent } from "../../shared/protocol/edit-event.ts";
import { OverpaintError, toErrorData } from "../../shared/protocol/overpaint-error.ts";
import type { Engine, ProvedProfiles } from "../engine/engine.ts";
import { runWithRetry } from "../engine/run-with-retry.ts";
import type { ModelCatalog } from "../models/model-catalog.ts";
import type { Artifacts } from "./artifacts.ts";
import type { NumberedEvent } from "./event-log.ts";
import type { JobQueue, NewJob } from "./job-queue.ts";
import { JobRecord } from "./job-record.ts";
import type { JobStore } from "./job-store.ts";

export interface EmbeddedQueueOptions {
  readonly engine: Engine;
  readonly artifacts: Artifacts;
  /** Belongs to this queue, which closes it. */
  readonly store: JobStore;
  readonly models: ModelCatalog;
  /** The devices to draw on, best first. */
  readonly devices: readonly Device[];
  /** See EngineJob. */
  readonly hashCache: string;
  readonly quantisedWeights: string;
  readonly packedGraphs?: string;
  readonly proved?: ProvedProfiles;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Jobs that are listed although nobody needs them any more. */
const REMEMBERED_JOBS = 100;
/** A job that was running when the companion died is drawn again this often: it may be what killed it. */
const MAX_INTERRUPTIONS = 1;
/** Why a job's signal was aborted, when not by its owner. */
const CLOSING = new Error("the queue is closing");

/** The queue of a companion on one machine: one job at a time on one engine, records in a store that outlives it. */
export class EmbeddedQueue implements JobQueue {
  readonly #options: EmbeddedQueueOptions;
  readonly #now: () => number;
  readonly #records = new Map<JobId, JobRecord>();
  #waiting: JobRecord[] = [];
  #running: Promise<void> | undefined;
  #isClosing = false;

  constructor(options: EmbeddedQueueOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** Takes up what the companion before this one left: its results, and its jobs that are not over. Called once, first. */
  async restore(): Promise<void> {
    const { store } = this.#options;
    for (const stored of store.readAll()) {
      const record = JobRecord.restore(store, stored);
      this.#records.set(record.id, record);
      if (record.log.isFinished) continue;
      const wasInterrupted = record.state === "running";
      if (wasInterrupted && stored.interruptions >= MAX_INTERRUPTIONS) {
        await this.#finish(record, { type: "failed", error: toErrorData(interrupted()) });
        continue;
      }
      if (wasInterrupted) store.countInterruption(record.id);
      this.#enqueue(record);
    }
  }

  async submit(job: NewJob): Promise<Job> {
    await this.#options.models.findFor(job.submission.request);
    await this.#options.models.findEraser(job.submission.request);
    const record = JobRecord.create(this.#options.store, job, this.#now());
    this.#records.set(job.id, record);
    this.#enqueue(record);
    return record.toJob();
  }

  async list(): Promise<readonly Job[]> {
    return [...this.#records.values()].reverse().map((record) => record.toJob());
  }

  async get(id: JobId): Promise<Job> {
    return this.#find(id).toJob();
  }

  events(id: JobId, after: number, signal: AbortSignal): AsyncIterable<NumberedEvent> {
    return this.#find(id).log.read(after, signal);
  }

  async cancel(id: JobId): Promise<Job> {
    const record = this.#find(id);
    if (this.#waiting.includes(record)) {
      this.#waiting = this.#waiting.filter((waiting) => waiting !== record);
      await this.#finish(record, { type: "cancelled" });
      this.#announcePlaces();
    } else if (!record.log.isFinished) {
      record.controller.abort();
      await this.#running;
    }
    return record.toJob();
  }

  async acknowledge(id: JobId): Promise<Job> {
    const record = this.#find(id);
    if (!record.log.isFinished)
      throw new OverpaintError("invalid-request", "The job is not over yet.", "Cancel it or wait for its end.");
    record.acknowledge();
    await this.#options.artifacts.remove(id);
    this.#forgetOldest();
    return record.toJob();
  }

  /** Jobs that wait or run stay in the store, for the next companion to draw. */
  async close(): Promise<void> {
    if (this.#isClosing) return;
    this.#isClosing = true;
    for (const record of this.#records.values()) record.controller.abort(CLOSING);
    // Killing the process is quicker than waiting for the end of a step.
    await this.#options.engine.close();
    await this.#running;
    this.#options.store.close();
  }

  #find(id: JobId): JobRecord {
    const record = this.#records.get(id);
    if (record === undefined)
      throw new OverpaintError("not-found", `There is no job ${id}.`, "List the jobs with GET /api/v1/jobs.");
    return record;
  }

  #enqueue(record: JobRecord): void {
    record.append({ type: "queued", ahead: this.#waiting.length + (this.#running ? 1 : 0) });
    this.#waiting.push(record);
    this.#startNext();
  }

  #startNext(): void {
    if (this.#running !== undefined || this.#isClosing) return;
    const record = this.#waiting.shift();
    if (record === undefined) return;
    this.#running = this.#run(record).finally(() => {
      this.#running = undefined;
      this.#announcePlaces();
      this.#startNext();
    });
  }

  async #run(record: JobRecord): Promise<void> {
    const { engine, artifacts, models, devices, hashCache, quantisedWeights, packedGraphs, proved } = this.#options;
    try {
      const model = await models.findFor(record.request);
      const job = {
        id: record.id,
        request: record.request,
        model,
        eraser: await models.findEraser(record.request),
        devices,
        inputs: Object.fromEntries(record.parts.map((part) => [part, artifacts.partFile(record.id, part)])),
        resultsFolder: artifacts.resultsFolder(record.id),
        hashCache,
        quantisedWeights,
        ...(packedGraphs !== undefined && { packedGraphs }),
        ...(proved && { proved }),
      };
      await runWithRetry(engine, job, {
        signal: record.controller.signal,
        announced: record.results.map(({ variant }) => variant),
        onEvent: (event, attempt) => record.append(event.type === "started" ? { ...event, attempt } : event),
      });
      await this.#finish(record, { type: "done", results: [...record.results] });
    } catch (thrown) {
      if (record.controller.signal.reason === CLOSING) return record.append({ type: "queued", ahead: 0 });
      const error = toErrorData(thrown);
      await this.#finish(record, error.code === "cancelled" ? { type: "cancelled" } : { type: "failed", error });
    }
  }

  /** Variants that were finished before a failure or a cancel can still be inserted, so their files stay. */
  async #finish(record: JobRecord, event: EditEvent): Promise<void> {
    if (record.results.length === 0) await this.#options.artifacts.remove(record.id);
    record.append(event);
    this.#forgetOldest();
  }

  #announcePlaces(): void {
    if (this.#isClosing) return;
    const running = this.#running ? 1 : 0;
    for (const [index, record] of this.#waiting.entries()) record.append({ type: "queued", ahead: index + running });
  }

  #forgetOldest(): void {
    const settled = [...this.#records.values()].filter((record) => record.isSettled);
    for (const { id } of settled.slice(0, -REMEMBERED_JOBS)) {
      this.#records.delete(id);
      this.#options.store.remove(id);
    }
  }
}

function interrupted(): OverpaintError {
  return new OverpaintError(
    "engine-crashed",
    "The companion ended twice while it drew this.",
    "Try again on another device, with --device cpu, or with a smaller model.",
  );
}
