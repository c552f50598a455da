import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { basename, dirname } from "node:path";
import type { HubClient } from "../../../shared/hub/hub-client.ts";
import { type InstallWish, parseWish } from "../../../shared/hub/install-wish.ts";
import type { ModelTask, ModelTaskRequest } from "../../../shared/protocol/models/model-task.ts";
import type { FoundUpdate } from "../../../shared/protocol/models/model-update.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import type { ModelCatalog } from "../model-catalog.ts";
import type { ModelStore } from "../model-store.ts";
import { importModel } from "./import-model.ts";
import { installModel, keepWish, keptDownloads } from "./install-model.ts";
import { readCatalog } from "./read-catalog.ts";
import { removeDownload } from "./remove-model.ts";
import { repairModel } from "./repair-model.ts";
import { type RunTask, TaskRunner, type Work } from "./task-runner.ts";
import { findUpdate, updateModel } from "./update-model.ts";
import { verifyModel } from "./verify-model.ts";

export interface ModelTasksOptions {
  readonly store: ModelStore;
  readonly models: ModelCatalog;
  /** Called for each task: settings of the environment are read then. */
  readonly connect: () => HubClient;
}

/** Installations, updates, imports, verifications and repairs that the companion does side by side, and those that wait to go on. */
export class ModelTasks {
  readonly #options: ModelTasksOptions;
  readonly #runner = new TaskRunner();

  constructor(options: ModelTasksOptions) {
    this.#options = options;
  }

  /** Newest first. Downloads that another run left are among them, paused. */
  async list(): Promise<readonly ModelTask[]> {
    await this.#findKept();
    return this.#runner.all.map(({ task }) => task).reverse();
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
        return this.#runner.begin(task, this.#installing(wish), wish);
      }
      case "import":
        return this.#importing(request.path, request.isCopy ? "copy" : "refer", request.name);
      case "update": {
        const { id, name = id } = await this.#options.models.findForRepair(request.model);
        const task = { id: updateId(id), type, model: id, name };
        const known = this.#runner.find(task.id)?.task;
        return known?.state === "running" ? known : this.#runner.begin(task, this.#updating(id));
      }
      case "verify":
      case "repair": {
        const model = await this.#options.models.findForRepair(request.model);
        const known = this.#runner.all.find(
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
        return this.#runner.begin({ id: newId(type), type, model: model.id, name: model.name ?? model.id }, work);
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
    await this.#find(id);
    return await this.#runner.pause(id);
  }

  /** Goes on with what was paused or failed. */
  async resume(id: string): Promise<ModelTask> {
    await this.#find(id);
    return this.#runner.resume(id);
  }

  /** Ends a task; of an installation or an update nothing is kept. Answers when it is over. */
  async cancel(id: string): Promise<ModelTask> {
    const { task } = await this.#find(id);
    return await this.#runner.cancel(id, () => removeDownload(task.model, this.#options.store));
  }

  /** A task as it is and whenever it changed, until it is over or the signal is aborted. */
  async *follow(id: string, signal: AbortSignal): AsyncGenerator<ModelTask> {
    await this.#find(id);
    yield* this.#runner.follow(id, signal);
  }

  /** Pauses everything, so that nothing is written any more. */
  async close(): Promise<void> {
    await this.#runner.close();
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
    return this.#runner.begin({ id: newId("import"), type: "import", model: shown, name: shown }, work);
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
    const known = this.#runner.find(installId(wish));
    if (known?.task.state !== "running") return undefined;
    const { repository } = known.wish?.place ?? wish.place;
    if (repository === wish.place.repository) return known.task;
    throw new OverpaintError(
      "invalid-request",
      `${wish.place.repository} would be called "${wish.id}", as ${repository} is, which is being installed.`,
      "Wait for that one, or cancel it.",
    );
  }

  async #find(id: string): Promise<RunTask> {
    if (this.#runner.find(id) === undefined) await this.#findKept();
    return this.#runner.get(id);
  }

  /** Downloads of other runs, that can go on. */
  async #findKept(): Promise<void> {
    for (const { wish, bytes } of await keptDownloads(this.#options.store, (await readCatalog()).models)) {
      const id = wish.isUpdate ? updateId(wish.id) : installId(wish);
      if (this.#runner.find(id)) continue;
      const total = Math.max(bytes, wish.entry?.files.reduce((sum, { size = 0 }) => sum + size, 0) ?? 0);
      const task = { id, model: wish.id, name: wish.name, progress: { done: bytes, total, bytesPerSecond: 0 } };
      if (wish.isUpdate) this.#runner.addPaused({ ...task, type: "update" }, this.#updating(wish.id), wish);
      else this.#runner.addPaused({ ...task, type: "install" }, this.#installing(wish), wish);
    }
  }
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
