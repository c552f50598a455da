import type { Job, JobId } from "../../shared/protocol/api.ts";
import type { EditEvent, EditResult } from "../../shared/protocol/edit-event.ts";
import type { EditRequest } from "../../shared/protocol/edit-request.ts";
import { EventLog } from "./event-log.ts";
import type { NewJob } from "./job-queue.ts";
import type { JobStore, StoredJob } from "./job-store.ts";

/** One job: what was asked, what happened, and how to stop it. What happens is stored before anyone hears of it. */
export class JobRecord {
  readonly log = new EventLog();
  readonly controller = new AbortController();
  readonly #store: JobStore;
  readonly #job: NewJob;
  readonly #createdAt: number;
  readonly #results: EditResult[] = [];
  #state: Job["state"] = "queued";
  #isAcknowledged = false;

  private constructor(store: JobStore, job: NewJob, createdAt: number) {
    this.#store = store;
    this.#job = job;
    this.#createdAt = createdAt;
  }

  static create(store: JobStore, job: NewJob, createdAt: number): JobRecord {
    store.add(job, createdAt);
    return new JobRecord(store, job, createdAt);
  }

  static restore(store: JobStore, { job, createdAt, events, isAcknowledged }: StoredJob): JobRecord {
    const record = new JobRecord(store, job, createdAt);
    for (const event of events) record.#remember(event);
    record.#isAcknowledged = isAcknowledged;
    return record;
  }

  get id(): JobId {
    return this.#job.id;
  }

  get state(): Job["state"] {
    return this.#state;
  }

  get request(): EditRequest {
    return this.#job.submission.request;
  }

  get parts(): NewJob["parts"] {
    return this.#job.parts;
  }

  get results(): readonly EditResult[] {
    return this.#results;
  }

  /** True when nobody will ask for this job again: it is over, and has no results or none that are still needed. */
  get isSettled(): boolean {
    return this.log.isFinished && (this.#isAcknowledged || this.#results.length === 0);
  }

  append(event: EditEvent): void {
    this.#store.append(this.id, this.log.length + 1, event);
    this.#remember(event);
  }

  acknowledge(): void {
    this.#store.acknowledge(this.id);
    this.#isAcknowledged = true;
  }

  toJob(): Job {
    return {
      id: this.id,
      state: this.#state,
      createdAt: this.#createdAt,
      ...this.#job.submission,
      source: this.#job.source,
      lastEvent: this.log.last!, // every record starts with `queued`
      acknowledged: this.#isAcknowledged,
    };
  }

  #remember(event: EditEvent): void {
    switch (event.type) {
      case "queued":
        this.#state = "queued";
        break;
      case "started":
        this.#state = "running";
        break;
      case "result":
        this.#results.push(event.result);
        break;
      case "done":
      case "failed":
      case "cancelled":
        this.#state = event.type;
        break;
      case "measuring":
      case "step":
        break;
    }
    this.log.append(event);
  }
}
