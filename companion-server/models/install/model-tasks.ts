import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { HubClient } from "../../../shared/hub/hub-client.ts";
import { type InstallWish, parseWish } from "../../../shared/hub/install-wish.ts";
import type { TransferProgress } from "../../../shared/hub/transfer-meter.ts";
import type { ModelTask, ModelTaskRequest } from "../../../shared/protocol/models/model-task.ts";
import type { FoundUpdate } from "../../../shared/protocol/models/model-update.ts";
import { OverpaintError, toErrorData } from "../../../shared/protocol/overpaint-error.ts";
import type { ModelCatalog } from "../model-catalog.ts";
import type { ModelStore } from "../model-store.ts";
import { importModel } from "./import-model.ts";
import { installModel, keepWish, keptDownloads } from "./install-model.ts";
import { readCatalog } from "./read-catalog.ts";
import { removeDownload } from "./remove-model.ts";
import { repairModel } from "./repair-model.ts";
import { findUpdate, updateModel } from "./update-model.ts";
import { verifyModel } from "./verify-model.ts";

export interface ModelTasksOptions {
  readonly store: ModelStore;
  readonly models: ModelCatalog;
  /** Called for each task: settings of the environment are read then. */
  readonly connect: () => HubClient;
}

/** What a task does, and what it has to tell at its end. */
type Work = (watching: Watching) => Promise<Partial<ModelTask>>;

interface Watching {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: TransferProgress) => void;
}

/** A task of this run of the companion. */
interface Entry {
  task: ModelTask;
  /** Of an installation or an update that was left: what is fetched. */
  readonly wish?: InstallWish;
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

/** Installations, updates, imports, verifications and repairs that the companion does side by side, and those that wait to go on. */
export class ModelTasks {
  readonly #options: ModelTasksOptions;
  /** Oldest first. */
  readonly #entries = new Map<string, Entry>();

  constructor(options: ModelTasksOptions) {
    this.#options = options;
  }

  /** Newest first. Downloads that another run left are among them, paused. */
  async list(): Promise<readonly ModelTask[]> {
    await this.#findKept();
    return [...this.#entries.values()].map(({ task }) => task).reverse();
  }

  async get(id: string): Promise<ModelTask> {
    return (await this.#find(id)).task;
  }

  /**
   * Begins a task; one that does what is being done already is that one. Throws OverpaintError `unknown-model`, and `invalid-request`
   * where another repository is being installed under the same id.
   */
  async start(request: ModelTaskRequest): Promise<ModelTask> {
    const { type } = request;
    switch (type) {
      case "install": {
        const wish = parseWish(request.model, (await readCatalog()).models, request.file);
        const known = this.#installation(wish);
        if (known) return known;
        // Before it is answered, so that a companion that ends now knows of it afterwards.
        await keepWish(wish, this.#options.store);
        const meanwhile = this.#installation(wish);
        if (meanwhile) return meanwhile;
        const task = { id: installId(wish), type, model: wish.id, name: wish.name };
        return this.#begin(task, this.#installing(wish), wish);
      }
      case "import":
        return this.#importing(request.path, request.isCopy ? "copy" : "refer", request.name);
      case "update": {
        const { id, name = id } = await this.#options.models.findForRepair(request.model);
        const task = { id: updateId(id), type, model: id, name };
        const known = this.#entries.get(task.id)?.task;
        return known?.state === "running" ? known : this.#begin(task, this.#updating(id));
      }
      case "verify":
      case "repair": {
        const model = await this.#options.models.findForRepair(request.model);
        const known = [...this.#entries.values()].find(
          ({ task }) => task.type === type && task.model === model.id && task.state === "running",
        );
        if (known) return known.task;
        const { store, connect } = this.#options;
        const work: Work = async (watching) => {
          if (request.type === "repair")
            return { replaced: [...(await repairModel(model, { store, hub: connect(), ...watching }))] };
          const { files } = await verifyModel(model, { store, isAccepted: request.isAccepted, ...watching });
          return { files: files.map(({ name, state }) => ({ name, state })) };
        };
        return this.#begin({ id: newId(type), type, model: model.id, name: model.name ?? model.id }, work);
      }
    }
  }

  /** What the hub has of a model by now. Throws as `findUpdate` does. */
  findUpdate(id: string, signal: AbortSignal): Promise<FoundUpdate> {
    const { store, connect } = this.#options;
    return findUpdate(id, { hub: connect(), store, signal });
  }

  /** Begins to take a file that was sent among the models; its folder is gone afterwards. */
  importSent(file: string): ModelTask {
    return this.#importing(file, "take", undefined, () => rm(dirname(file), { recursive: true, force: true }));
  }

  /** Stops an installation or an update and keeps what arrived. */
  async pause(id: string): Promise<ModelTask> {
    const entry = await this.#find(id);
    if (!canPause(entry.task))
      throw new OverpaintError(
        "invalid-request",
        "Only installations and updates can be paused.",
        "Cancel it, and start it anew.",
      );
    if (entry.task.state === "running") {
      entry.controller.abort(PAUSED);
      await entry.running;
    }
    return entry.task;
  }

  /** Goes on with what was paused or failed. */
  async resume(id: string): Promise<ModelTask> {
    const entry = await this.#find(id);
    if (entry.task.state === "paused" || entry.task.state === "failed") this.#run(entry);
    return entry.task;
  }

  /** Ends a task; of an installation or an update nothing is kept. Answers when it is over. */
  async cancel(id: string): Promise<ModelTask> {
    const entry = await this.#find(id);
    entry.controller.abort();
    await entry.running;
    if (entry.task.state === "done") return entry.task;
    if (canPause(entry.task)) await removeDownload(entry.task.model, this.#options.store);
    this.#change(entry, { state: "cancelled", error: undefined });
    return entry.task;
  }

  /** A task as it is and whenever it changed, until it is over or the signal is aborted. */
  async *follow(id: string, signal: AbortSignal): AsyncGenerator<ModelTask> {
    const entry = await this.#find(id);
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
    const entries = [...this.#entries.values()];
    for (const { controller } of entries) controller.abort(PAUSED);
    await Promise.all(entries.map(({ running }) => running));
  }

  #importing(path: string, how: "refer" | "copy" | "take", name?: string, tidy = async () => {}): ModelTask {
    const work: Work = async (watching) => {
      try {
        const imported = await importModel(path, { store: this.#options.store, how, name, ...watching });
        const remark = imported.use && `This is ${imported.kind}, no model: ${imported.use}.`;
        return { model: imported.id, name: imported.name, ...(remark && { remark }) };
      } finally {
        await tidy();
      }
    };
    const shown = name ?? basename(path);
    return this.#begin({ id: newId("import"), type: "import", model: shown, name: shown }, work);
  }

  #installing(wish: InstallWish): Work {
    const { store, connect } = this.#options;
    return async (watching) => {
      await installModel(wish, { hub: connect(), store, ...watching });
      return {};
    };
  }

  #updating(id: string): Work {
    const { store, connect } = this.#options;
    return async (watching) => {
      const update = await updateModel(id, { hub: connect(), store, ...watching });
      return { replaced: [...(update?.replaced ?? [])] };
    };
  }

  /** The one that brings it right now. */
  #installation(wish: InstallWish): ModelTask | undefined {
    const known = this.#entries.get(installId(wish));
    if (known?.task.state !== "running") return undefined;
    const { repository } = known.wish?.place ?? wish.place;
    if (repository === wish.place.repository) return known.task;
    throw new OverpaintError(
      "invalid-request",
      `${wish.place.repository} would be called "${wish.id}", as ${repository} is, which is being installed.`,
      "Wait for that one, or cancel it.",
    );
  }

  #begin(task: Omit<ModelTask, "state">, work: Work, wish?: InstallWish): ModelTask {
    const entry: Entry = {
      task: { ...task, state: "running" },
      ...(wish && { wish }),
      work,
      controller: new AbortController(),
      running: Promise.resolve(),
      listeners: this.#entries.get(task.id)?.listeners ?? new Set(),
    };
    this.#entries.delete(task.id);
    this.#entries.set(task.id, entry);
    this.#run(entry);
    this.#forgetOld();
    return entry.task;
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

  async #find(id: string): Promise<Entry> {
    if (!this.#entries.has(id)) await this.#findKept();
    const entry = this.#entries.get(id);
    if (entry) return entry;
    throw new OverpaintError("not-found", "There is no such task.", "List them with GET /api/v1/models/tasks.");
  }

  /** Downloads of other runs, that can go on. */
  async #findKept(): Promise<void> {
    for (const { wish, bytes } of await keptDownloads(this.#options.store, (await readCatalog()).models)) {
      const id = wish.isUpdate ? updateId(wish.id) : installId(wish);
      if (this.#entries.has(id)) continue;
      this.#entries.set(id, {
        task: {
          id,
          type: wish.isUpdate ? "update" : "install",
          model: wish.id,
          name: wish.name,
          state: "paused",
          progress: {
            done: bytes,
            total: Math.max(bytes, wish.entry?.files.reduce((sum, { size = 0 }) => sum + size, 0) ?? 0),
            bytesPerSecond: 0,
          },
        },
        wish,
        work: wish.isUpdate ? this.#updating(wish.id) : this.#installing(wish),
        controller: new AbortController(),
        running: Promise.resolve(),
        listeners: new Set(),
      });
    }
  }

  #forgetOld(): void {
    const over = [...this.#entries.values()].filter(({ task }) => isOver(task));
    for (const { task } of over.slice(0, -KEPT_TASKS)) this.#entries.delete(task.id);
  }
}

const PAUSED = new OverpaintError("cancelled", "The installation is paused.");

function canPause({ type }: ModelTask): boolean {
  return type === "install" || type === "update";
}

function isOver({ state }: ModelTask): boolean {
  return state === "done" || state === "failed" || state === "cancelled";
}

function installId({ id }: InstallWish): string {
  return `install-${id}`;
}

function updateId(id: string): string {
  return `update-${id}`;
}

function newId(type: ModelTask["type"]): string {
  return `${type}-${randomBytes(6).toString("hex")}`;
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
