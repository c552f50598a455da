import type { RequestHandler } from "express";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { DeviceReport } from "../../shared/protocol/api.ts";
import type { Engine } from "../engine/engine.ts";
import type { JobQueue } from "../jobs/job-queue.ts";

/** From a step of a small model on a card to one of a large model on a processor. */
const STEP_SECONDS = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100];
const QUEUE_SECONDS = [0.1, 1, 10, 60, 300, 1800, 7200];

export interface MetricsSources {
  readonly queue: Pick<JobQueue, "countActive">;
  readonly devices: () => readonly DeviceReport[];
}

/** What a studio watches, for Prometheus. Names say what, never whose and never which picture. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #queueTime: Histogram;
  readonly #stepTime: Histogram<"device">;
  readonly #runs: Counter<"outcome">;
  readonly #now: () => number;

  /** @param now milliseconds of a clock that never goes back */
  constructor(now = () => performance.now()) {
    this.#now = now;
    const registers = [this.#registry];
    this.#queueTime = new Histogram({
      name: "overpaint_queue_seconds",
      help: "Time from a job's arrival to a run of it",
      buckets: QUEUE_SECONDS,
      registers,
    });
    this.#stepTime = new Histogram({
      name: "overpaint_step_seconds",
      help: "Time between two steps of a job",
      labelNames: ["device"],
      buckets: STEP_SECONDS,
      registers,
    });
    this.#runs = new Counter({
      name: "overpaint_runs_total",
      help: "Runs of jobs by outcome: finished, cancelled, failed",
      labelNames: ["outcome"],
      registers,
    });
    collectDefaultMetrics({ register: this.#registry, prefix: "overpaint_" });
  }

  /** The same engine, watched. @param arrivalOf when a job arrived, in milliseconds since 1970 */
  watch(engine: Engine, arrivalOf: (jobId: string) => number): Engine {
    return {
      run: async (job, options) => {
        this.#queueTime.observe((Date.now() - arrivalOf(job.id)) / 1000);
        let device: string | undefined;
        let last = this.#now();
        try {
          const report = await engine.run(job, {
            ...options,
            onEvent: (event) => {
              const now = this.#now();
              if (event.type === "started") device = event.device;
              if (event.type === "step" && device) this.#stepTime.observe({ device }, (now - last) / 1000);
              last = now;
              options.onEvent(event);
            },
          });
          this.#runs.inc({ outcome: "finished" });
          return report;
        } catch (error) {
          this.#runs.inc({ outcome: options.signal?.aborted ? "cancelled" : "failed" });
          throw error;
        }
      },
      close: () => engine.close(),
    };
  }

  /** `GET /metrics` */
  handler({ queue, devices }: MetricsSources): RequestHandler {
    const registers = [this.#registry];
    const jobs = new Gauge({ name: "overpaint_jobs_active", help: "Jobs that run or wait", registers });
    const memory = new Gauge({
      name: "overpaint_device_memory_bytes",
      help: "Memory that a device has",
      labelNames: ["device"],
      registers,
    });
    return async (_request, response) => {
      jobs.set(await queue.countActive());
      memory.reset();
      for (const { device, memoryBytes } of devices()) if (memoryBytes) memory.set({ device }, memoryBytes);
      response.type(this.#registry.contentType).send(await this.#registry.metrics());
    };
  }
}
