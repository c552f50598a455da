import type { Device, Job, JobId } from "../../shared/protocol/api.ts";
import type { EditEvent } from "../../shared/protocol/edit-event.ts";
import { OverpaintError, toErrorData } from "../../shared/protocol/overpaint-error.ts";
import type { Engine } from "../engine/engine.ts";
import { runWithRetry } from "../engine/run-with-retry.ts";
import type { ModelCatalog } from "../models/model-catalog.ts";
import type { Artifacts } from "./artifacts.ts";
import type { NumberedEvent } from "./event-log.ts";
import type { JobQueue, NewJob } from "./job-queue.ts";
import { JobRecord } from "./job-record.ts";

export interface EmbeddedQueueOptions {
  readonly engine: Engine;
  readonly artifacts: Artifacts;
  readonly models: ModelCatalog;
  /** The devices to draw on, best first. */
  readonly devices: readonly Device[];
  /** See EngineJob. */
  readonly hashCache: string;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Jobs over that are still listed after they were acknowledged. */
const REMEMBERED_JOBS = 100;

/** The queue of a companion on one machine: kept in memory, one job at a time on one engine. */
export class EmbeddedQueue implements JobQueue {
  readonly #options: EmbeddedQueueOptions;
  readonly #now: () => number;
  readonly #records = new Map<JobId, JobRecord>();
  #waiting: JobRecord[] = [];
  #running: Promise<void> | undefined;

  constructor(options: EmbeddedQueueOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  async submit(job: NewJob): Promise<Job> {
    const { folder } = await this.#options.models.find(job.submission.request.model);
    const record = new JobRecord(job, folder, this.#now());
    this.#records.set(job.id, record);
    record.append({ type: "queued", ahead: this.#waiting.length + (this.#running ? 1 : 0) });
    this.#waiting.push(record);
    this.#startNext();
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
    record.isAcknowledged = true;
    await this.#options.artifacts.remove(id);
    this.#forgetOldest();
    return record.toJob();
  }

  async close(): Promise<void> {
    for (const record of this.#waiting.splice(0)) await this.#finish(record, { type: "cancelled" });
    for (const record of this.#records.values()) record.controller.abort();
    // Killing the process is quicker than waiting for the end of a step.
    await this.#options.engine.close();
    await this.#running;
  }

  #find(id: JobId): JobRecord {
    const record = this.#records.get(id);
    if (record === undefined)
      throw new OverpaintError("not-found", `There is no job ${id}.`, "List the jobs with GET /api/v1/jobs.");
    return record;
  }

  #startNext(): void {
    if (this.#running !== undefined) return;
    const record = this.#waiting.shift();
    if (record === undefined) return;
    this.#running = this.#run(record).finally(() => {
      this.#running = undefined;
      this.#announcePlaces();
      this.#startNext();
    });
  }

  async #run(record: JobRecord): Promise<void> {
    const { engine, artifacts, devices, hashCache } = this.#options;
    try {
      const job = {
        id: record.id,
        request: record.request,
        model: { id: record.request.model, folder: record.modelFolder },
        devices,
        inputs: Object.fromEntries(record.parts.map((part) => [part, artifacts.partFile(record.id, part)])),
        resultsFolder: artifacts.resultsFolder(record.id),
        hashCache,
      };
      await runWithRetry(engine, job, {
        signal: record.controller.signal,
        onEvent: (event, attempt) =>
          record.append(event.type === "started" ? { ...event, model: record.request.model, attempt } : event),
      });
      await this.#finish(record, { type: "done", results: [...record.results] });
    } catch (thrown) {
      const error = toErrorData(thrown);
      await this.#finish(record, error.code === "cancelled" ? { type: "cancelled" } : { type: "failed", error });
    }
  }

  /** Variants that were finished before a failure or a cancel can still be inserted, so their files stay. */
  async #finish(record: JobRecord, event: EditEvent): Promise<void> {
    if (record.results.length === 0) await this.#options.artifacts.remove(record.id);
    record.append(event);
  }

  #announcePlaces(): void {
    const running = this.#running ? 1 : 0;
    for (const [index, record] of this.#waiting.entries()) record.append({ type: "queued", ahead: index + running });
  }

  #forgetOldest(): void {
    const acknowledged = [...this.#records.values()].filter((record) => record.isAcknowledged);
    for (const record of acknowledged.slice(0, -REMEMBERED_JOBS)) this.#records.delete(record.id);
  }
}
