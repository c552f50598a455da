import type { RequestHandler } from "express";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { type DeviceReport, deviceName, type JobId } from "../../shared/protocol/api.ts";
import type { DrawEvent, JobDrawer } from "../jobs/job-drawer.ts";
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
      help: "Time that a step of one variant takes",
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

  /** The same drawer, watched, whatever draws behind it. @param arrivalOf when a job arrived, in milliseconds since 1970 */
  watch(drawer: JobDrawer, arrivalOf: (id: JobId) => number): JobDrawer {
    return {
      get capacity() {
        return drawer.capacity;
      },
      outlivesCompanion: drawer.outlivesCompanion,
      requireModel: (request) => drawer.requireModel(request),
      draw: async (order, options) => {
        const pace = new Pace(this.#now);
        const onEvent = (event: DrawEvent) => {
          if (event.type === "begun") this.#queueTime.observe((Date.now() - arrivalOf(order.id)) / 1000);
          for (const { device, milliseconds } of pace.after(event))
            this.#stepTime.observe({ device }, milliseconds / 1000);
          options.onEvent(event);
        };
        try {
          await drawer.draw(order, { ...options, onEvent });
          this.#runs.inc({ outcome: "finished" });
        } catch (error) {
          this.#runs.inc({ outcome: options.signal.aborted ? "cancelled" : "failed" });
          throw error;
        }
      },
      close: () => drawer.close(),
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
      for (const report of devices())
        if (report.memoryBytes) memory.set({ device: deviceName(report) }, report.memoryBytes);
      response.type(this.#registry.contentType).send(await this.#registry.metrics());
    };
  }
}

/** How long the steps of one order take, from when they are told. */
class Pace {
  readonly #now: () => number;
  #device: string | undefined;
  #last: number;
  #step = 0;

  constructor(now: () => number) {
    this.#now = now;
    this.#last = now();
  }

  /** The step that an event tells of: others may have gone before that nobody told of, and variants that are drawn together share one. */
  after(event: DrawEvent): readonly { readonly device: string; readonly milliseconds: number }[] {
    const spent = this.#now() - this.#last;
    this.#last += spent;
    if (event.type !== "step") {
      if (event.type === "started") this.#device = deviceName(event);
      this.#step = 0;
      return [];
    }
    const difference = event.step - this.#step;
    const steps = Math.max(1, difference > 0 ? difference : difference + event.steps);
    this.#step = event.step;
    return this.#device === undefined ? [] : [{ device: this.#device, milliseconds: spent / steps }];
  }
}
