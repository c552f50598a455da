import { signal } from "@preact/signals";
import { type DrawingTask, drawingTasks } from "../../../../shared/protocol/edit-task.ts";
import type { ErrorData } from "../../../../shared/protocol/error-data.ts";
import type { CatalogAnswer } from "../../../../shared/protocol/models/model-catalog.ts";
import { modelIdSchema } from "../../../../shared/protocol/models/model-facts.ts";
import type { ModelTask, ModelTaskRequest } from "../../../../shared/protocol/models/model-task.ts";
import type { FoundUpdate } from "../../../../shared/protocol/models/model-update.ts";
import { toErrorData } from "../../../../shared/protocol/overpaint-error.ts";
import type { Settings } from "../../app/settings.ts";
import { bundledModels } from "../../engines/browser/bundled-models.ts";
import type { CompanionClient } from "../../engines/companion/companion-client.ts";
import type { EnginePlace } from "../../engines/edit-engine.ts";
import type { EngineChoice } from "../../engines/engine-choice.ts";
import { modelsFor } from "../model-for.ts";
import { ModelWork, type ModelWorkOptions } from "./model-work.ts";
import { RealModelOffer, type RealModelOfferOptions } from "./real-model-offer.ts";

/** What keeps models: the companion, or this browser itself. */
export type ShelfKeeper = Pick<
  CompanionClient,
  | "catalog"
  | "modelTasks"
  | "startModelTask"
  | "addModelFile"
  | "pauseModelTask"
  | "resumeModelTask"
  | "cancelModelTask"
  | "removeModel"
> &
  // The browser's models are what they were when they were fetched.
  Partial<Pick<CompanionClient, "findModelUpdate">>;

/** What is done about models, as the operations of the companion's API are called. */
export type ShelfAction = Exclude<keyof ShelfKeeper, "catalog" | "modelTasks">;

export interface ModelShelfOptions extends Pick<RealModelOfferOptions, "storage">, Pick<ModelWorkOptions, "interval"> {
  readonly keepers: Readonly<Record<EnginePlace, ShelfKeeper>>;
  readonly engines: EngineChoice;
  readonly settings: Settings;
}

/** How work that was asked for here ended. */
export interface Outcome {
  readonly task: ModelTask;
  /** The tab that draws with the model from now on; undefined where it does none of what was open, or was here before. */
  readonly usedFor: DrawingTask | undefined;
}

/** The models of the engine in charge as a shelf: what there is, what could be there, and the work that brings or takes it. */
export class ModelShelf {
  /** Whether it is looked at. */
  readonly isOpen = signal(false);
  readonly catalog = signal<CatalogAnswer | undefined>(undefined);
  readonly work: ModelWork;
  /** What was asked for and did not go. */
  readonly problem = signal<ErrorData | undefined>(undefined);
  /** What was found of models that somebody asked about, by id; null while the hub is asked. */
  readonly updates = signal<ReadonlyMap<string, FoundUpdate | null>>(new Map());
  readonly outcome = signal<Outcome | undefined>(undefined);
  readonly realModelOffer: RealModelOffer;

  readonly #options: ModelShelfOptions;
  /** Tasks that this panel began, by id: the tab that each was asked from. */
  readonly #asked = new Map<string, DrawingTask>();

  constructor(options: ModelShelfOptions) {
    this.#options = options;
    this.realModelOffer = new RealModelOffer(options);
    this.work = new ModelWork({
      keeper: () => this.#keeper,
      interval: options.interval,
      isAwaited: (id) => this.#asked.has(id),
      onEnded: (tasks) => this.#end(tasks),
    });
    // What one engine's keeper has is not shown as the other's.
    options.engines.place.subscribe(() => this.#empty());
  }

  #empty(): void {
    this.catalog.value = undefined;
    this.work.tasks.value = [];
    this.outcome.value = undefined;
    this.problem.value = undefined;
  }

  /** Whether the engine in charge lets whoever looks do something: models are the business of whoever runs a companion. */
  may(action: ShelfAction): boolean {
    const { engines, keepers } = this.#options;
    return engines.place.value === "companion" ? engines.mayAsk(action) : keepers.browser[action] !== undefined;
  }

  /** Reads everything anew. */
  async open(): Promise<void> {
    const { engines } = this.#options;
    this.problem.value = undefined;
    this.updates.value = new Map();
    await this.#attempt(async () => {
      const keeper = this.#keeper;
      const [catalog, tasks] = await Promise.all([keeper.catalog(), keeper.modelTasks(), engines.readModels()]);
      if (keeper !== this.#keeper) return;
      this.catalog.value = catalog;
      this.work.tasks.value = tasks;
    });
    this.work.watch();
  }

  /** Brings a model of the catalog or of a repository; the open tab draws with it once it is there. */
  install(model: string): Promise<void> {
    return this.#start({ type: "install", model });
  }

  /** A repository of the hub, or what lies on the companion's machine, which stays where it is. False where it was refused. */
  async add(text: string): Promise<boolean> {
    await (isRepository(text) ? this.install(text) : this.#start({ type: "import", path: text, isCopy: false }));
    return this.problem.peek() === undefined;
  }

  verify(model: string): Promise<void> {
    return this.#start({ type: "verify", model, isAccepted: false });
  }

  repair(model: string): Promise<void> {
    return this.#start({ type: "repair", model });
  }

  /** Asks whether there is a newer one. */
  async findUpdate(model: string): Promise<void> {
    this.problem.value = undefined;
    this.#noteUpdate(model, null);
    let found: FoundUpdate | undefined;
    await this.#attempt(async () => {
      found = await this.#keeper.findModelUpdate?.(model);
    });
    this.#noteUpdate(model, found);
  }

  update(model: string): Promise<void> {
    this.#noteUpdate(model, undefined);
    return this.#start({ type: "update", model });
  }

  #noteUpdate(model: string, found: FoundUpdate | null | undefined): void {
    const updates = new Map(this.updates.peek());
    if (found === undefined) updates.delete(model);
    else updates.set(model, found);
    this.updates.value = updates;
  }

  async importFile(file: File): Promise<void> {
    await this.#begin(() => this.#keeper.addModelFile(file));
  }

  pause(id: string): Promise<void> {
    return this.#change(() => this.#keeper.pauseModelTask(id));
  }

  resume(id: string): Promise<void> {
    return this.#change(() => this.#keeper.resumeModelTask(id));
  }

  cancel(id: string): Promise<void> {
    return this.#change(() => this.#keeper.cancelModelTask(id));
  }

  async remove(id: string): Promise<void> {
    await this.#attempt(() => this.#removeFrom(this.#keeper, id));
    await this.#readShelf();
  }

  /** Removes everything that this browser keeps of models: those that are whole, and what there is of others. */
  async removeAll(): Promise<void> {
    const { keepers, engines } = this.#options;
    const { browser } = keepers;
    this.problem.value = undefined;
    await this.#attempt(async () => {
      for (const { id, type, state } of await browser.modelTasks())
        if (type === "install" && state !== "done") await browser.cancelModelTask(id);
      for (const { id } of engines.models.peek())
        if (!bundledModels.some((bundled) => bundled.id === id)) await this.#removeFrom(browser, id);
    });
    await this.#attempt(() => this.work.read());
    await this.#readShelf();
  }

  /** Tabs that drew with the model draw with the bundled one from then on. */
  async #removeFrom(keeper: ShelfKeeper, id: string): Promise<void> {
    const { settings } = this.#options;
    await keeper.removeModel(id);
    for (const task of drawingTasks) if (settings.models.peek()[task] === id) settings.leaveModelOpen(task);
  }

  get #keeper(): ShelfKeeper {
    const { keepers, engines } = this.#options;
    return keepers[engines.place.peek()];
  }

  #start(request: ModelTaskRequest): Promise<void> {
    return this.#begin(() => this.#keeper.startModelTask(request));
  }

  async #begin(start: () => Promise<ModelTask>): Promise<void> {
    const askedFrom = this.#options.settings.task.peek();
    this.outcome.value = undefined;
    await this.#change(async () => {
      const { id } = await start();
      this.#asked.set(id, askedFrom);
    });
  }

  async #change(work: () => Promise<void>): Promise<void> {
    this.problem.value = undefined;
    await this.#attempt(work);
    await this.#attempt(() => this.work.read());
    this.work.watch();
  }

  async #end(tasks: readonly ModelTask[]): Promise<void> {
    if (tasks.some(({ state }) => state === "done")) await this.#readShelf();
    for (const task of tasks) this.#take(task);
  }

  async #readShelf(): Promise<void> {
    const { engines } = this.#options;
    await this.#attempt(async () => {
      const keeper = this.#keeper;
      const [catalog] = await Promise.all([keeper.catalog(), engines.readModels()]);
      if (keeper === this.#keeper) this.catalog.value = catalog;
    });
  }

  /** Tells what came of what was asked for. The tab that a model was asked from draws with it. */
  #take(ended: ModelTask): void {
    const { id, state } = ended;
    const tab = this.#asked.get(id);
    if (state === "paused" || state === "failed" || tab === undefined) return;
    this.#asked.delete(id);
    if (state === "done") this.outcome.value = { task: ended, usedFor: this.#useIn(tab, ended) };
  }

  /** The tab, if it draws with the model that a task brought from now on. */
  #useIn(tab: DrawingTask, { type, model }: ModelTask): DrawingTask | undefined {
    const arrived = modelIdSchema.safeParse(model);
    if ((type !== "install" && type !== "import") || !arrived.success) return undefined;
    const { engines, settings } = this.#options;
    const canDo = modelsFor(engines.models.peek(), tab).some(
      // An erase network is offered every removal, and does nothing else.
      ({ id, facts }) => id === arrived.data && facts?.kind !== "erase",
    );
    if (!canDo) return undefined;
    settings.chooseModel(tab, arrived.data);
    return tab;
  }

  /** Tells why something did not go, where it was asked of the engine that is in charge still. */
  async #attempt(work: () => Promise<void>): Promise<void> {
    const keeper = this.#keeper;
    try {
      await work();
    } catch (error) {
      if (keeper === this.#keeper) this.problem.value = toErrorData(error);
    }
  }
}

/** Whether a text is `OWNER/NAME` or `OWNER/NAME@revision`; paths begin at a root, at home or at a drive. */
export function isRepository(text: string): boolean {
  return /^\w[\w.-]*\/[\w.-]+(@[\w./-]+)?$/.test(text);
}
