import type { Catalog } from "../../../shared/hub/catalog.ts";
import type { HubClient } from "../../../shared/hub/hub-client.ts";
import { type InstallWish, parseWish } from "../../../shared/hub/install-wish.ts";
import { offerModels } from "../../../shared/hub/offer-models.ts";
import type { Machine } from "../../../shared/planning/memory/memory-need.ts";
import type { ModelStoreApi } from "../../../shared/protocol/model-store-api.ts";
import type { CatalogAnswer } from "../../../shared/protocol/models/model-catalog.ts";
import { unusedId } from "../../../shared/protocol/models/model-facts.ts";
import type { ModelTask, ModelTaskRequest } from "../../../shared/protocol/models/model-task.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import { repairKept, verifyKept } from "./check-kept.ts";
import { installKept, type KeptWork } from "./install-kept.ts";
import type { KeptDownload, KeptModels } from "./kept-models.ts";
import { type TaskWork, WorkList } from "./work-list.ts";

export interface ModelStoreOptions extends Pick<KeptWork, "clipMerges"> {
  readonly readCatalog: () => Promise<Catalog>;
  /** Ids of what travels with the panel. */
  readonly bundled: () => Promise<ReadonlySet<string>>;
  readonly connect: (catalog: Catalog) => HubClient;
  /** Undefined where the browser denies the page its storage. */
  readonly openModels: () => Promise<KeptModels | undefined>;
  readonly machine: () => Promise<Machine>;
  /** Runs the work when no other tab does one of that name. */
  readonly alone: <Result>(name: string, work: () => Promise<Result>, signal: AbortSignal) => Promise<Result>;
  /** Milliseconds in which another tab has to be done with a model that is to go. Default: 2 seconds. */
  readonly patience?: number;
}

/** A tab that was closed a moment ago may still have a model. */
const PATIENCE_MS = 2_000;

/** The models that this browser keeps: what there could be, what there is, and the work that brings or takes it. */
export class ModelStore implements ModelStoreApi {
  readonly #options: ModelStoreOptions;
  readonly #work = new WorkList();
  #catalog: Promise<Catalog> | undefined;

  constructor(options: ModelStoreOptions) {
    this.#options = options;
  }

  async catalog(): Promise<CatalogAnswer> {
    const models = await this.#options.openModels();
    const catalog = await this.#readCatalog();
    const entries = (await models?.list())?.map(({ entry }) => entry) ?? [];
    const storage = models === undefined ? 0 : await models.freeBytes();
    const machine = { ...(await this.#options.machine()), ...(storage !== undefined && { storage }) };
    const offered = offerModels(catalog, { machine, installed: new Set(entries.filter((id) => id !== undefined)) });
    // Parts are put into models that are kept by a companion.
    return { ...offered, models: offered.models.filter(({ kind }) => kind !== "part") };
  }

  async modelTasks(): Promise<readonly ModelTask[]> {
    const models = await this.#options.openModels();
    const downloads = (await models?.downloads()) ?? [];
    for (const download of downloads)
      if (!this.#work.has(taskId("install", download.id))) await this.#addFound(download);
    const there = new Set(downloads.map(({ id }) => taskId("install", id)));
    this.#work.keepFound((id) => there.has(id));
    return this.#work.list();
  }

  async #addFound({ id, named, file, bytes }: KeptDownload): Promise<void> {
    // Undefined for a catalog of another version: it says so where the download is to go on.
    const wish = await this.#findWish(named, file).catch(() => undefined);
    const total = wish?.entry?.files.reduce((sum, { size = 0 }) => sum + size, 0) ?? 0;
    const progress = { done: bytes, total: Math.max(bytes, total), bytesPerSecond: 0 };
    const words = { ...taskOf({ id, name: wish?.name ?? id }), progress };
    this.#work.addFound(words, async (watching) => {
      return await this.#installing(await this.#findWish(named, file))(watching);
    });
  }

  async startModelTask(request: ModelTaskRequest): Promise<ModelTask> {
    const models = await this.#requireModels();
    const { type } = request;
    if (type === "install") {
      const wish = await this.#findWish(request.model, request.file);
      return this.#work.begin(taskOf(wish), this.#installing(wish));
    }
    if (type !== "verify" && type !== "repair")
      throw new OverpaintError(
        "invalid-request",
        "This browser takes models from the hub alone.",
        "Name a repository (OWNER/NAME), or start the companion: it takes files, too.",
      );
    const { model } = request;
    const name = (await models.find(model))?.summary.name ?? model;
    return this.#work.begin({ id: taskId(type, model), type, model, name }, async (watching) => {
      const work = await this.#kept(watching);
      if (type === "verify") return { files: [...(await verifyKept(model, work))] };
      const replaced = await this.#options.alone(lockOf(model), () => repairKept(model, work), watching.signal);
      return { replaced: [...replaced] };
    });
  }

  pauseModelTask(id: string): Promise<void> {
    return this.#work.pause(id);
  }

  async resumeModelTask(id: string): Promise<void> {
    this.#work.resume(id);
  }

  async cancelModelTask(id: string): Promise<void> {
    const { type, model, state } = await this.#work.cancel(id);
    if (type === "install" && state !== "done") await this.#take(model, (models) => models.giveUp(model));
  }

  async removeModel(id: string): Promise<void> {
    for (const type of ["install", "verify", "repair"] as const)
      await this.#work.cancel(taskId(type, id)).catch(() => {});
    await this.#take(id, (models) => models.remove(id));
  }

  /** Takes a model away that nobody is working on. Throws OverpaintError `engine-unavailable` where another tab is. */
  async #take(id: string, take: (models: KeptModels) => Promise<void>): Promise<void> {
    const { alone, patience = PATIENCE_MS } = this.#options;
    const models = await this.#requireModels();
    const signal = AbortSignal.timeout(patience);
    let hasBegun = false;
    try {
      await alone(
        lockOf(id),
        () => {
          hasBegun = true;
          return take(models);
        },
        signal,
      );
    } catch (cause) {
      // What there is of it is found again.
      this.#work.forget(taskId("install", id));
      if (hasBegun || !signal.aborted) throw cause;
      throw new OverpaintError(
        "engine-unavailable",
        `Another tab is working on “${id}”.`,
        "Wait until it is done, or close the plugin's other tabs.",
        { cause },
      );
    }
  }

  /** What is named. A repository that is called like a model of the panel's own gets another id. Throws as `parseWish` does. */
  async #findWish(named: string, file?: string): Promise<InstallWish> {
    const wish = parseWish(named, (await this.#readCatalog()).models, file);
    const bundled = await this.#options.bundled();
    return { ...wish, id: unusedId(wish.id, (id) => bundled.has(id)) };
  }

  #installing(wish: InstallWish): TaskWork {
    return async (watching) => {
      const work = await this.#kept(watching);
      await this.#options.alone(lockOf(wish.id), () => installKept(wish, work), watching.signal);
      return {};
    };
  }

  async #kept(watching: Pick<KeptWork, "signal" | "onProgress">): Promise<KeptWork> {
    const { connect, clipMerges } = this.#options;
    const hub = connect(await this.#readCatalog());
    return { models: await this.#requireModels(), hub, clipMerges, ...watching };
  }

  async #requireModels(): Promise<KeptModels> {
    const models = await this.#options.openModels();
    if (models) return models;
    throw new OverpaintError(
      "disk-full",
      "This browser gives the panel no room to keep models.",
      "Allow this site to keep data (a private window and a frame of another site may not), or start the companion.",
    );
  }

  #readCatalog(): Promise<Catalog> {
    this.#catalog ??= this.#options.readCatalog();
    this.#catalog.catch(() => {
      this.#catalog = undefined;
    });
    return this.#catalog;
  }
}

function taskOf({
  id,
  name,
}: {
  readonly id: string;
  readonly name: string;
}): Pick<ModelTask, "id" | "type" | "model" | "name"> {
  return { id: taskId("install", id), type: "install", model: id, name };
}

function taskId(type: "install" | "verify" | "repair", model: string): string {
  return `${type}-${model}`;
}

function lockOf(id: string): string {
  return `model:${id}`;
}
