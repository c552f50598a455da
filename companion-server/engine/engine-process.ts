import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fromErrorData, OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import { programFile } from "../package-root.ts";
import { withCard } from "./card-variable.ts";
import type {
  Engine,
  EngineEvent,
  EngineJob,
  EngineReport,
  EngineRunOptions,
  ModelJob,
  SelectionEngine,
  SelectionJob,
} from "./engine.ts";
import type { FromEngine, ToEngine } from "./engine-messages.ts";

export interface EngineProcessOptions {
  /** The program of the engine process. Default: the one that draws. */
  readonly entry?: string;
  /** How long after a cancel a step may still run before the process is killed, in milliseconds. */
  readonly cancelLimit?: number;
  /** How long a running engine may be silent before it counts as hanging, in milliseconds. */
  readonly silenceLimit?: number;
  /** Receives what the process writes, usually complaints of drivers. */
  readonly onOutput?: (text: string) => void;
}

/** What is answered by a report. */
type Order = Exclude<ToEngine, { readonly type: "cancel" }>;

const ENGINE_ENTRY = programFile("engine");
/** The process hears a cancel between two steps. A designer waits this long for that; a reload of the model costs less. */
const CANCEL_LIMIT_MS = 3_000;
/** Nothing is heard while a model of several gigabytes loads from a slow disk, nor before the first step's time is known. */
const SILENCE_LIMIT_MS = 20 * 60_000;
/** Once steps come, the longest silence so far tells how long the next may be: a later pass or decoding takes that much longer. */
const LONGER_THAN_A_STEP = 40;
const LEAST_SILENCE_LIMIT_MS = 2 * 60_000;
/** How soon a process that was killed is gone; one that a driver holds may never be. */
const EXIT_LIMIT_MS = 10_000;

/** Runs edits in a process of its own: drawing blocks its event loop and a driver's fault ends it, and neither touches ours. */
export class EngineProcess implements Engine, SelectionEngine {
  readonly #entry: string;
  readonly #cancelLimit: number;
  readonly #silenceLimit: number;
  readonly #onOutput: (text: string) => void;
  readonly #ready = new WeakSet<ChildProcess>();
  #child: ChildProcess | undefined;
  /** Resolves when every process before the current one is gone: two at once would need the memory of both. */
  #gone: Promise<void> = Promise.resolve();

  constructor({ entry, cancelLimit, silenceLimit, onOutput }: EngineProcessOptions = {}) {
    this.#entry = entry ?? ENGINE_ENTRY;
    this.#cancelLimit = cancelLimit ?? CANCEL_LIMIT_MS;
    this.#silenceLimit = silenceLimit ?? SILENCE_LIMIT_MS;
    this.#onOutput = onOutput ?? (() => {});
  }

  run(job: EngineJob, options: EngineRunOptions): Promise<EngineReport> {
    return this.#send({ type: "run", job }, options);
  }

  load(job: ModelJob, signal?: AbortSignal): Promise<EngineReport> {
    return this.#send({ type: "load", job }, { signal, onEvent: () => {} });
  }

  select(job: SelectionJob, signal?: AbortSignal): Promise<EngineReport> {
    return this.#send({ type: "select", job }, { signal, onEvent: () => {} });
  }

  async #send(order: Order, { onEvent, signal }: EngineRunOptions): Promise<EngineReport> {
    const { job } = order;
    await this.#gone;
    if (signal?.aborted) throw cancelled();
    const child = this.#ensureChild(job.card);
    return new Promise((resolve, reject) => {
      let cancelTimer: NodeJS.Timeout | undefined;
      let silenceTimer: NodeJS.Timeout | undefined;
      const patience = new Patience(this.#silenceLimit);
      const settle = (finish: () => void) => {
        clearTimeout(cancelTimer);
        clearTimeout(silenceTimer);
        child.off("message", onMessage).off("exit", onExit).off("error", onError);
        signal?.removeEventListener("abort", onAbort);
        finish();
      };
      const kill = (error: unknown) => {
        this.#discard(child);
        settle(() => reject(error));
      };
      const watch = (limit: number) => {
        clearTimeout(silenceTimer);
        silenceTimer = setTimeout(() => kill(unresponsive(limit)), limit);
      };
      const tell = (event: EngineEvent) => {
        try {
          onEvent(event);
        } catch (error) {
          kill(error); // what cannot be written down is not to be drawn
        }
      };
      const onMessage = (raw: unknown) => {
        const message = raw as FromEngine;
        if (message.type === "ready") return void this.#ready.add(child);
        if (message.jobId !== job.id) return;
        watch(patience.after(message));
        switch (message.type) {
          case "event":
            return tell(message.event);
          case "finished":
            return settle(() => resolve(message.report));
          case "failed":
            return settle(() => reject(fromErrorData(message.error)));
        }
      };
      const onExit = (code: number | null, reason: NodeJS.Signals | null) => {
        const how = reason ?? `exit code ${code}`;
        const error = this.#ready.has(child) ? crashed(how) : unavailable(how);
        settle(() => reject(signal?.aborted ? cancelled() : error));
      };
      const onError = (error: Error) => kill(unavailable(error.message));
      const onAbort = () => {
        send(child, { type: "cancel", jobId: job.id });
        cancelTimer = setTimeout(() => kill(cancelled()), this.#cancelLimit);
      };
      child.on("message", onMessage).on("exit", onExit).on("error", onError);
      signal?.addEventListener("abort", onAbort);
      watch(this.#silenceLimit);
      send(child, order);
    });
  }

  async close(): Promise<void> {
    if (this.#child !== undefined) this.#discard(this.#child);
    await this.#gone;
  }

  #ensureChild(card: number | undefined): ChildProcess {
    if (this.#child?.connected) return this.#child;
    const child = fork(this.#entry, [], {
      // Structured clones, so that bytes are not written out as JSON.
      serialization: "advanced",
      execArgv: [],
      env: withCard(card),
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    child.stdout?.setEncoding("utf8").on("data", this.#onOutput);
    child.stderr?.setEncoding("utf8").on("data", this.#onOutput);
    child.on("exit", () => {
      if (this.#child === child) this.#child = undefined;
    });
    // Until somebody listens for its job.
    child.on("error", () => {});
    this.#child = child;
    return child;
  }

  /** Kills without asking: a process inside the runtime hears nothing. */
  #discard(child: ChildProcess): void {
    if (this.#child === child) this.#child = undefined;
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    const exit = once(child, "exit", { signal: AbortSignal.timeout(EXIT_LIMIT_MS) });
    this.#gone = Promise.allSettled([this.#gone, exit]).then(() => {});
    child.kill("SIGKILL");
  }
}

/** How long an engine may be silent next, from what was heard of it in one job. */
class Patience {
  readonly #limit: number;
  #last: number | undefined;
  #longest = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Milliseconds. The time to the first step, which may compile kernels, is no step's. */
  after(message: FromEngine): number {
    if (message.type !== "event" || message.event.type !== "step") return this.#limit;
    const now = performance.now();
    if (this.#last !== undefined) this.#longest = Math.max(this.#longest, now - this.#last);
    this.#last = now;
    if (this.#longest === 0) return this.#limit;
    return Math.min(this.#limit, Math.max(LEAST_SILENCE_LIMIT_MS, this.#longest * LONGER_THAN_A_STEP));
  }
}

function send(child: ChildProcess, message: ToEngine): void {
  // A process that died in the meantime is reported by its exit.
  child.send(message, () => {});
}

function cancelled(): OverpaintError {
  return new OverpaintError("cancelled", "The edit was cancelled.");
}

function crashed(how: string): OverpaintError {
  return new OverpaintError(
    "engine-crashed",
    `The engine process ended while drawing (${how}).`,
    "Try again; if it happens again, try another device with --device cpu.",
  );
}

function unavailable(how: string): OverpaintError {
  return new OverpaintError(
    "engine-unavailable",
    `The engine process does not start (${how}).`,
    "Run `overpaint doctor`, or install Overpaint again.",
  );
}

function unresponsive(limit: number): OverpaintError {
  return new OverpaintError(
    "engine-unresponsive",
    `The engine process was silent for ${Math.round(limit / 1000)} s and was ended.`,
    "Paint a smaller area or use a smaller model.",
  );
}
