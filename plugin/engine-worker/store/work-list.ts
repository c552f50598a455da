import type { TransferProgress } from "../../../shared/hub/transfer-meter.ts";
import type { ModelTask } from "../../../shared/protocol/models/model-task.ts";
import { OverpaintError, toErrorData } from "../../../shared/protocol/overpaint-error.ts";

/** What a task does, and what it has to tell at its end. */
export type TaskWork = (watching: Watching) => Promise<Partial<ModelTask>>;

interface Watching {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: TransferProgress) => void;
}

type TaskWords = Omit<ModelTask, "state">;

interface Entry {
  task: ModelTask;
  readonly work: TaskWork;
  controller: AbortController;
  /** Settles when the work is over, and never rejects. */
  running: Promise<void>;
  /** Whether somebody else began it, and nobody went on with it here. */
  isFound: boolean;
}

/** Finished tasks that are still told of. */
const KEPT_TASKS = 20;

/** Long work on models, side by side, each under an id of its own: what it is at, and its end. Installations can be paused. */
export class WorkList {
  /** Oldest first. */
  readonly #entries = new Map<string, Entry>();

  /** Newest first. */
  list(): readonly ModelTask[] {
    return [...this.#entries.values()].map(({ task }) => task).reverse();
  }

  has(id: string): boolean {
    return this.#entries.has(id);
  }

  /** Begins a task; one that runs already is that one. */
  begin(words: TaskWords, work: TaskWork): ModelTask {
    const known = this.#entries.get(words.id);
    if (known?.task.state === "running") return known.task;
    const entry = this.#add({ ...words, state: "running" }, work);
    this.#run(entry);
    const over = [...this.#entries.values()].filter(({ task }) => isOver(task));
    for (const { task } of over.slice(0, -KEPT_TASKS)) this.#entries.delete(task.id);
    return entry.task;
  }

  /** Adds one that somebody else began, and that can go on. */
  addFound(words: TaskWords, work: TaskWork): void {
    this.#add({ ...words, state: "paused" }, work).isFound = true;
  }

  /** Forgets those that somebody else began, and that are not there any more. */
  keepFound(isThere: (id: string) => boolean): void {
    for (const [id, { isFound }] of this.#entries) if (isFound && !isThere(id)) this.#entries.delete(id);
  }

  /** Stops an installation, which keeps what arrived. */
  async pause(id: string): Promise<void> {
    const entry = this.#find(id);
    entry.controller.abort();
    await entry.running;
  }

  /** Goes on with what was paused or failed. */
  resume(id: string): void {
    const entry = this.#find(id);
    if (entry.task.state === "paused" || entry.task.state === "failed") this.#run(entry);
  }

  /** Ends a task, and answers how it was left: what was done is done. */
  async cancel(id: string): Promise<ModelTask> {
    const entry = this.#find(id);
    entry.controller.abort();
    await entry.running;
    if (entry.task.state !== "done") entry.task = { ...entry.task, state: "cancelled", error: undefined };
    return entry.task;
  }

  forget(id: string): void {
    this.#entries.delete(id);
  }

  #add(task: ModelTask, work: TaskWork): Entry {
    const entry = { task, work, controller: new AbortController(), running: Promise.resolve(), isFound: false };
    this.#entries.delete(task.id);
    this.#entries.set(task.id, entry);
    return entry;
  }

  #run(entry: Entry): void {
    entry.isFound = false;
    entry.controller = new AbortController();
    const { signal } = entry.controller;
    const change = (to: Partial<ModelTask>) => {
      entry.task = { ...entry.task, ...to };
    };
    change({ state: "running", error: undefined });
    const onProgress = ({ secondsLeft, ...progress }: TransferProgress) =>
      change({ progress: { ...progress, ...(secondsLeft !== undefined && { secondsLeft }) } });
    entry.running = entry.work({ signal, onProgress }).then(
      (end) => change({ ...end, state: "done" }),
      (error) => {
        if (!signal.aborted) return change({ state: "failed", error: toErrorData(error) });
        change({ state: entry.task.type === "install" ? "paused" : "cancelled" });
      },
    );
  }

  #find(id: string): Entry {
    const entry = this.#entries.get(id);
    if (entry) return entry;
    throw new OverpaintError("not-found", "There is no such task any more.");
  }
}

function isOver({ state }: ModelTask): boolean {
  return state === "done" || state === "failed" || state === "cancelled";
}
