import type { Job } from "../../shared/protocol/api.ts";
import type { EditEvent, EditResult } from "../../shared/protocol/edit-event.ts";
import { EventLog } from "./event-log.ts";
import type { NewJob } from "./job-queue.ts";

/** One job in memory: what was asked, what happened, and how to stop it. */
export class JobRecord {
  readonly log = new EventLog();
  readonly controller = new AbortController();
  readonly modelFolder: string;
  readonly #job: NewJob;
  readonly #createdAt: number;
  readonly #results: EditResult[] = [];
  #state: Job["state"] = "queued";
  isAcknowledged = false;

  constructor(job: NewJob, modelFolder: string, createdAt: number) {
    this.#job = job;
    this.modelFolder = modelFolder;
    this.#createdAt = createdAt;
  }

  get id(): NewJob["id"] {
    return this.#job.id;
  }

  get parts(): NewJob["parts"] {
    return this.#job.parts;
  }

  get request(): NewJob["submission"]["request"] {
    return this.#job.submission.request;
  }

  get results(): readonly EditResult[] {
    return this.#results;
  }

  append(event: EditEvent): void {
    switch (event.type) {
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
      case "queued":
      case "step":
        break;
    }
    this.log.append(event);
  }

  toJob(): Job {
    return {
      id: this.id,
      state: this.#state,
      createdAt: this.#createdAt,
      ...this.#job.submission,
      source: this.#job.source,
      lastEvent: this.log.last!, // every record starts with `queued`
      acknowledged: this.isAcknowledged,
    };
  }
}
