import { expect, test } from "vitest";
import { Settings } from "../../../../../plugin/ui/app/settings.ts";
import { BrowserEngine } from "../../../../../plugin/ui/engines/browser/browser-engine.ts";
import { CompanionEngine } from "../../../../../plugin/ui/engines/companion/companion-engine.ts";
import { EngineChoice } from "../../../../../plugin/ui/engines/engine-choice.ts";
import { ModelShelf, type ShelfAction, type ShelfKeeper } from "../../../../../plugin/ui/models/shelf/model-shelf.ts";
import type { ModelSummary } from "../../../../../shared/protocol/api.ts";

import { type ModelFacts, modelIdSchema } from "../../../../../shared/protocol/models/model-facts.ts";
import type { ModelTask, ModelTaskRequest } from "../../../../../shared/protocol/models/model-task.ts";

import { OverpaintError } from "../../../../../shared/protocol/overpaint-error.ts";
import { companionClientOf } from "../../support/companion-client-of.ts";
import { FakeEngineWorker } from "../../support/fake-engine-worker.ts";
import { ScriptedCompanion } from "../../support/scripted-companion.ts";
import { ScriptedEngine } from "../../support/scripted-engine.ts";

/** A companion's models, and work on them that goes on by one step with each look. */
class FakeModels {
  readonly installed: ModelSummary[] = [{ id: "starter", name: "Starter" }];
  readonly asked: ModelTaskRequest[] = [];
  tasks: ModelTask[] = [];
  looks = 0;
  refusal: OverpaintError | undefined;
  /** What is known of the models that arrive. */
  facts: ModelFacts | undefined;

  readonly keeper: ShelfKeeper = {
    catalog: async () => ({ models: [], machine: { device: "cpu", memory: 1, systemMemory: 1 } }),
    modelTasks: async () => {
      this.looks++;
      this.tasks = this.tasks.map((task) => this.#step(task));
      return this.tasks;
    },
    startModelTask: async (request) => {
      if (this.refusal !== undefined) throw this.refusal;
      this.asked.push(request);
      const model = request.type === "import" ? "mine" : request.model;
      const task: ModelTask = {
        id: `${request.type}-${model}`,
        type: request.type,
        model,
        name: model.toUpperCase(),
        state: "running",
        progress: { done: 0, total: 3, bytesPerSecond: 0 },
      };
      this.tasks = [task, ...this.tasks];
      return task;
    },
    addModelFile: async () => this.tasks[0]!,
    pauseModelTask: async (id) => this.#set(id, "paused"),
    resumeModelTask: async (id) => this.#set(id, "running"),
    cancelModelTask: async (id) => this.#set(id, "cancelled"),
    findModelUpdate: async (id) => {
      if (this.refusal !== undefined) throw this.refusal;
      return { id, state: "newer", commit: "2", files: 1, bytes: 5 };
    },
    removeModel: async (id) => {
      this.installed.splice(
        this.installed.findIndex((model) => model.id === id),
        1,
      );
    },
  };

  #set(id: string, state: ModelTask["state"]): void {
    this.tasks = this.tasks.map((task) => (task.id === id ? { ...task, state } : task));
  }

  #step(task: ModelTask): ModelTask {
    if (task.state !== "running" || task.progress === undefined) return task;
    const done = task.progress.done + 1;
    if (done < task.progress.total) return { ...task, progress: { ...task.progress, done } };
    this.installed.push({ id: task.model, name: task.name, ...(this.facts && { facts: this.facts }) });
    return { ...task, state: "done", progress: { ...task.progress, done } };
  }
}

async function setUp() {
  const companion = new ScriptedCompanion();
  await companion.start();
  const fake = new FakeModels();
  const client = companionClientOf(companion);
  client.models = async () => [...fake.installed];
  const engines = new EngineChoice({
    companion: new CompanionEngine(client),
    browser: new BrowserEngine({
      modelsUrl: "http://127.0.0.1/models/",
      startWorker: () => new FakeEngineWorker(new ScriptedEngine()).asWorker(),
    }),
    readStatus: () => client.status(),
  });
  await engines.check();
  const settings = new Settings(() => 1);
  const kept = new Map<string, string>();
  const storage = () => ({
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  });
  const inBrowser = new FakeModels();
  const keepers = { companion: fake.keeper, browser: inBrowser.keeper };
  const shelfOptions = { keepers, engines, settings, storage, interval: 1 };
  const newShelf = () => new ModelShelf(shelfOptions);
  const shelf = newShelf();
  const settled = async () => {
    while (shelf.work.running.peek().length > 0) await new Promise((resolve) => setTimeout(resolve, 2));
  };
  return {
    companion,
    fake,
    inBrowser,
    shelfOptions,
    shelf,
    newShelf,
    engines,
    settings,
    settled,
    [Symbol.asyncDispose]: () => companion.kill(),
  };
}

test("the tab an installation was asked from draws with the model once it is there", async () => {
  await using set = await setUp();
  set.settings.task.value = "restyle";
  await set.shelf.install("sd-1.5");
  set.settings.task.value = "create";
  await set.settled();
  expect(set.fake.asked).toEqual([{ type: "install", model: "sd-1.5" }]);
  expect(set.settings.models.value).toEqual({ restyle: "sd-1.5" });
  expect(set.shelf.outcome.value).toMatchObject({ task: { model: "sd-1.5", name: "SD-1.5" }, usedFor: "restyle" });
  expect(set.engines.models.value.map(({ id }) => id)).toContain("sd-1.5");
});

test("an erase network that arrives leaves the tab with its model: it is offered every removal anyway", async () => {
  await using set = await setUp();
  const sees = { cell: 1, seesMask: true, readsPrompt: false, isGuidable: false, canInvert: false };
  set.fake.facts = { kind: "erase", family: "mi-gan", tasks: ["inpaint"], nativeSize: 512, sizeMultiple: 1, ...sees };
  await set.shelf.install("mi-gan");
  await set.settled();
  expect(set.shelf.outcome.value).toMatchObject({ task: { model: "mi-gan" }, usedFor: undefined });
  expect(set.settings.models.value).toEqual({});
});

test("looks at work only while some runs", async () => {
  await using set = await setUp();
  await set.shelf.install("sd-1.5");
  await set.settled();
  const { looks } = set.fake;
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(set.fake.looks).toBe(looks);
});

test("what is paused stays as it is and is taken when it goes on to its end", async () => {
  await using set = await setUp();
  await set.shelf.install("sd-1.5");
  await set.shelf.pause("install-sd-1.5");
  expect(set.shelf.work.tasks.value[0]?.state).toBe("paused");
  expect(set.settings.models.value).toEqual({});
  await set.shelf.resume("install-sd-1.5");
  await set.settled();
  expect(set.settings.models.value).toEqual({ inpaint: "sd-1.5" });
});

test("what has failed and is tried again is taken all the same", async () => {
  await using set = await setUp();
  await set.shelf.install("sd-1.5");
  set.fake.tasks = set.fake.tasks.map((task) => ({ ...task, state: "failed" }));
  await set.settled();
  expect(set.settings.models.value).toEqual({});
  await set.shelf.resume("install-sd-1.5");
  await set.settled();
  expect(set.settings.models.value).toEqual({ inpaint: "sd-1.5" });
  expect(set.shelf.outcome.value).toMatchObject({ usedFor: "inpaint" });
});

test("what is cancelled changes nothing", async () => {
  await using set = await setUp();
  await set.shelf.install("sd-1.5");
  await set.shelf.cancel("install-sd-1.5");
  await set.settled();
  expect(set.settings.models.value).toEqual({});
  expect(set.shelf.outcome.value).toBeUndefined();
});

test("says why something was refused, until the next thing is asked for", async () => {
  await using set = await setUp();
  set.fake.refusal = new OverpaintError("disk-full", "There is no room.", "Free some space.");
  await set.shelf.install("sd-1.5");
  expect(set.shelf.problem.value).toMatchObject({ code: "disk-full", message: "There is no room." });
  set.fake.refusal = undefined;
  await set.shelf.add("/models/mine.safetensors");
  expect(set.shelf.problem.value).toBeUndefined();
  expect(set.fake.asked).toEqual([{ type: "import", path: "/models/mine.safetensors", isCopy: false }]);
});

test("a removed model is no longer offered", async () => {
  await using set = await setUp();
  await set.shelf.install("sd-1.5");
  await set.settled();
  await set.shelf.remove("sd-1.5");
  expect(set.engines.models.value.map(({ id }) => id)).toEqual(["starter"]);
});

test("a tab that drew with a removed model draws with the bundled one again", async () => {
  await using set = await setUp();
  await set.shelf.install("sd-1.5");
  await set.settled();
  expect(set.settings.models.value).toEqual({ inpaint: "sd-1.5" });
  await set.shelf.remove("sd-1.5");
  expect(set.settings.models.value).toEqual({});
  await set.engines.prefer("browser");
  set.inBrowser.installed.push({ id: "sd-1.5", name: "SD 1.5" });
  set.engines.models.value = [...set.inBrowser.installed];
  set.settings.chooseModel("create", modelIdSchema.parse("sd-1.5"));
  await set.shelf.removeAll();
  expect(set.settings.models.value).toEqual({});
});

test("a model that could not be removed stays in use", async () => {
  await using set = await setUp();
  await set.shelf.install("sd-1.5");
  await set.settled();
  set.fake.keeper.removeModel = async () => {
    throw new OverpaintError("invalid-request", "It is being drawn with.");
  };
  await set.shelf.remove("sd-1.5");
  expect(set.shelf.problem.value).toMatchObject({ message: "It is being drawn with." });
  expect(set.settings.models.value).toEqual({ inpaint: "sd-1.5" });
});

test.each(["answer", "refuse"] as const)(
  "shows nothing of an engine that is no longer in charge when it comes to %s",
  async (how) => {
    await using set = await setUp();
    let come = () => {};
    set.fake.keeper.catalog = async () => {
      await new Promise<void>((resolve) => {
        come = resolve;
      });
      if (how === "refuse") throw new OverpaintError("companion-unreachable", "It is away.");
      return { models: [], machine: { device: "cuda", memory: 2, systemMemory: 2 } };
    };
    const opening = set.shelf.open();
    await set.engines.prefer("browser");
    await set.shelf.open();
    come();
    await opening;
    expect(set.shelf.catalog.value?.machine.device).toBe("cpu");
    expect(set.shelf.problem.value).toBeUndefined();
  },
);

test("tells of a newer model when it is asked, and brings it when that is asked", async () => {
  await using set = await setUp();
  await set.shelf.open();
  expect(set.shelf.updates.value.size).toBe(0);
  const asking = set.shelf.findUpdate("sd-1.5");
  expect(set.shelf.updates.value.get("sd-1.5")).toBeNull();
  await asking;
  expect(set.shelf.updates.value.get("sd-1.5")).toMatchObject({ state: "newer", bytes: 5 });
  await set.shelf.update("sd-1.5");
  await set.settled();
  expect(set.fake.asked).toEqual([{ type: "update", model: "sd-1.5" }]);
  expect(set.shelf.updates.value.size).toBe(0);
  expect(set.settings.models.value).toEqual({});
});

test("a hub that cannot be asked for a newer model is told, and can be asked again", async () => {
  await using set = await setUp();
  set.fake.refusal = new OverpaintError("hub-unreachable", "The hub is away.");
  await set.shelf.findUpdate("sd-1.5");
  expect(set.shelf.problem.value).toMatchObject({ code: "hub-unreachable" });
  expect(set.shelf.updates.value.has("sd-1.5")).toBe(false);
});

test("tells what a verification found, and changes no tab's model by it", async () => {
  await using set = await setUp();
  await set.shelf.verify("sd-1.5");
  await set.settled();
  expect(set.shelf.outcome.value).toMatchObject({ task: { type: "verify", state: "done" }, usedFor: undefined });
  expect(set.settings.models.value).toEqual({});
});

test("answers whether what was to be added was taken", async () => {
  await using set = await setUp();
  set.fake.refusal = new OverpaintError("unknown-model", "There is nothing there.");
  expect(await set.shelf.add("owner/nobody")).toBe(false);
  set.fake.refusal = undefined;
  expect(await set.shelf.add("owner/name")).toBe(true);
});

test("a real model is offered to whoever has the starter only", async () => {
  await using set = await setUp();
  expect(set.shelf.realModelOffer.isMade.value).toBe(true);
  await set.shelf.install("sd-1.5");
  await set.settled();
  expect(set.shelf.realModelOffer.isMade.value).toBe(false);
});

const actions: readonly ShelfAction[] = [
  "startModelTask",
  "addModelFile",
  "pauseModelTask",
  "resumeModelTask",
  "cancelModelTask",
  "findModelUpdate",
  "removeModel",
];

test("offers what the companion lets whoever asks do about models, and nothing that it would refuse", async () => {
  await using set = await setUp();
  const offered = () => actions.filter((action) => set.shelf.may(action));
  expect(offered()).toEqual(actions);
  set.companion.person = { name: "anna" };
  await set.engines.check();
  expect(offered()).toEqual([]);
  expect(set.shelf.realModelOffer.isMade.value).toBe(false);
  await set.companion.kill();
  await set.engines.check();
  expect(offered()).toEqual(actions.filter((action) => action in set.inBrowser.keeper));
});

test("the browser's own models are its user's, and are not asked for news", async () => {
  await using set = await setUp();
  set.companion.person = { name: "anna" };
  const { findModelUpdate: _, ...keeper } = set.inBrowser.keeper;
  const shelf = new ModelShelf({ ...set.shelfOptions, keepers: { companion: set.fake.keeper, browser: keeper } });
  await set.engines.prefer("browser");
  expect(actions.filter((action) => !shelf.may(action))).toEqual(["findModelUpdate"]);
});

test("a real model that was declined is not offered again, nor after the panel was opened anew", async () => {
  await using set = await setUp();
  set.shelf.realModelOffer.decline();
  expect(set.shelf.realModelOffer.isMade.value).toBe(false);
  expect(set.newShelf().realModelOffer.isMade.value).toBe(false);
});

test("shows what the engine in charge keeps, and empties the browser at once", async () => {
  await using set = await setUp();
  await set.shelf.install("sd-1.5");
  await set.engines.prefer("browser");
  expect(set.shelf.work.tasks.value).toEqual([]);
  await set.shelf.install("mi-gan");
  await set.shelf.pause("install-mi-gan");
  expect(set.inBrowser.asked).toEqual([{ type: "install", model: "mi-gan" }]);
  expect(set.fake.asked).toHaveLength(1);
  await set.shelf.removeAll();
  expect(set.shelf.work.tasks.value).toMatchObject([{ id: "install-mi-gan", state: "cancelled" }]);
});
