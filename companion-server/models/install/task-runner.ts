import { setTimeout as wait } from "node:timers/promises";
import type { InstallWish } from "../../../shared/hub/install-wish.ts";
import type { TransferProgress } from "../../../shared/hub/transfer-meter.ts";
import type { ModelTask } from "../../../shared/protocol/models/model-task.ts";
import { OverpaintError, toErrorData } from "../../../shared/protocol/overpaint-error.ts";

/** What a task does, and what it has to tell at its end. */
export type Work = (watching: Watching) => Promise<Partial<ModelTask>>;

interface Watching {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: TransferProgress) => void;
}

/** A task of this run of the companion. */
export interface RunTask {
  /** As it is now. */
  readonly task: ModelTask;
  /** Of an installation: what is fetched. */
  readonly wish?: InstallWish | undefined;
}

interface Entry extends RunTask {
  task: ModelTask;
  readonly work: Work;
  controller: AbortController;
  /** Settles when the work is over, and never rejects. */
  running: Promise<void>;
  readonly listeners: Set<() => void>;
}

/** Finished tasks that are still told of. */
const KEPT_TASKS = 20;
/** Progress is told so often at most. */
const PACE_MS = 200;

/** Runs tasks side by side, stops them, and tells where they are. Throws OverpaintError `not-found` for an id of none. */
export class TaskRunner {
  /** Oldest first. */
  readonly #entries = new Map<string, Entry>();

  /** Oldest first. */
  get all(): readonly RunTask[] {
    return [...this.#entries.values()];
  }

  find(id: string): RunTask | undefined {
    return this.#entries.get(id);
  }

  get(id: string): RunTask {
    return this.#get(id);
  }

  /** In the place of an earlier one of that id, whose followers go on with it. */
  begin(task: Omit<ModelTask, "state">, work: Work, wish?: InstallWish): ModelTask {
    const listeners = this.#entries.get(task.id)?.listeners;
    this.#entries.delete(task.id);
    const entry = this.#add({ ...task, state: "running" }, work, wish, listeners);
    this.#run(entry);
    this.#forgetOld();
    return entry.task;
  }

  /** One that another run left. */
  addPaused(task: Omit<ModelTask, "state">, work: Work, wish: InstallWish): void {
    this.#add({ ...task, state: "paused" }, work, wish);
  }

  /** Stops one that can go on, and answers when it has stopped. Throws OverpaintError `invalid-request` for others. */
  async pause(id: string): Promise<ModelTask> {
    const entry = this.#get(id);
    if (!canPause(entry.task))
      throw new OverpaintError(
        "invalid-request",
        "Only installations and updates can be paused.",
        "Cancel it, and start it anew.",
      );
    if (entry.task.state === "running") await stop(entry, PAUSED);
    return entry.task;
  }

  /** Goes on with what was paused or failed. */
  resume(id: string): ModelTask {
    const entry = this.#get(id);
    if (entry.task.state === "paused" || entry.task.state === "failed") this.#run(entry);
    return entry.task;
  }

  /** Ends a task that is not done, and what is kept of it by `giveUp`. */
  async cancel(id: string, giveUp: () => Promise<unknown>): Promise<ModelTask> {
    const entry = this.#get(id);
    await stop(entry);
    if (entry.task.state === "done") return entry.task;
    if (canPause(entry.task)) await giveUp();
    this.#change(entry, { state: "cancelled", error: undefined });
    return entry.task;
  }

  /** A task as it is and whenever it changed, until it is over or the signal is aborted. */
  async *follow(id: string, signal: AbortSignal): AsyncGenerator<ModelTask> {
    const entry = this.#get(id);
    for (let told: ModelTask | undefined; !signal.aborted; ) {
      if (entry.task !== told) {
        told = entry.task;
        yield told;
        if (isOver(told)) return;
        await wait(PACE_MS, undefined, { signal }).catch(() => {});
      } else await nextChange(entry, signal);
    }
  }

  /** Pauses everything, so that nothing is written any more. */
  async close(): Promise<void> {
    await Promise.all([...this.#entries.values()].map((entry) => stop(entry, PAUSED)));
  }

  #get(id: string): Entry {
    const entry = this.#entries.get(id);
    if (entry) return entry;
    throw new OverpaintError("not-found", "There is no such task.", "List them with GET /api/v1/models/tasks.");
  }

  #add(task: ModelTask, work: Work, wish?: InstallWish, listeners: Entry["listeners"] = new Set()): Entry {
    const entry = { task, work, wish, listeners, controller: new AbortController(), running: Promise.resolve() };
    this.#entries.set(task.id, entry);
    return entry;
  }

  #run(entry: Entry): void {
    entry.controller = new AbortController();
    const { signal } = entry.controller;
    this.#change(entry, { state: "running", error: undefined });
    const onProgress = ({ secondsLeft, ...progress }: TransferProgress) =>
      this.#change(entry, { progress: { ...progress, ...(secondsLeft !== undefined && { secondsLeft }) } });
    entry.running = entry.work({ signal, onProgress }).then(
      (end) => this.#change(entry, { ...end, state: "done" }),
      (error) => {
        if (!signal.aborted) return this.#change(entry, { state: "failed", error: toErrorData(error) });
        this.#change(entry, { state: canPause(entry.task) ? "paused" : "cancelled" });
      },
    );
  }

  #change(entry: Entry, change: Partial<ModelTask>): void {
    entry.task = { ...entry.task, ...change };
    for (const listener of [...entry.listeners]) listener();
  }

  #forgetOld(): void {
    const over = [...this.#entries.values()].filter(({ task }) => isOver(task));
    for (const { task } of over.slice(0, -KEPT_TASKS)) this.#entries.delete(task.id);
  }
}

const PAUSED = new OverpaintError("cancelled", "The installation is paused.");

async function stop({ controller, running }: Entry, reason?: OverpaintError): Promise<void> {
  controller.abort(reason);
  await running;
}

function canPause({ type }: ModelTask): boolean {
  return type === "install" || type === "update";
}

function isOver({ state }: ModelTask): boolean {
  return state === "done" || state === "failed" || state === "cancelled";
}

function nextChange({ listeners }: Entry, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      listeners.delete(settle);
      signal.removeEventListener("abort", settle);
      resolve();
    };
    listeners.add(settle);
    signal.addEventListener("abort", settle, { once: true });
  });
}
