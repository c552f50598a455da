import { setTimeout as wait } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readCatalog } from "../../../../companion-server/models/install/read-catalog.ts";
import { pieces, systemClock } from "../../../../plugin/engine-worker/files/panel-host.ts";
import { KeptModels } from "../../../../plugin/engine-worker/store/kept-models.ts";
import { ModelStore } from "../../../../plugin/engine-worker/store/model-store.ts";
import type { Catalog, CatalogEntry } from "../../../../shared/hub/catalog.ts";
import { HubClient } from "../../../../shared/hub/hub-client.ts";
import type { ModelTask } from "../../../../shared/protocol/models/model-task.ts";
import { PrivateStorage } from "../../../support/private-storage.ts";
import { inRepository } from "../../../support/repository.ts";
import { StandInHub } from "../../../support/stand-in-hub.ts";
import { addTinyRepository } from "../../../support/tiny-repository.ts";

const GIGABYTE = 1024 ** 3;
/** Tiny graphs that are called as those of the catalog. */
const networks = new Map<string, string>([
  ["mi-gan", "erase-bytes"],
  ["birefnet-lite", "background"],
  ["edgetam", "segmentation"],
]);

let hub: StandInHub;
let disk: PrivateStorage;
let catalog: Catalog;
let isDenied: boolean;
/** The last work of each name: what browsers do with locks. */
let locks: Map<string, Promise<unknown>>;

beforeEach(async () => {
  hub = await StandInHub.start();
  disk = new PrivateStorage(2 * GIGABYTE);
  isDenied = false;
  locks = new Map();
  const shipped = await readCatalog();
  const models = [];
  for (const entry of shipped.models) {
    const pack = networks.get(entry.id);
    if (pack !== undefined) {
      await hub.addFolder(entry.repository, inRepository(`tests/fixtures/packs/${pack}`), { commit: "a".repeat(40) });
      models.push({ ...entry, revision: "main", files: tinyFiles(entry) });
    } else if (entry.id === "sd-1.5") models.push(await addTinyRepository(hub, entry));
    else if (["taesd", "sdxl"].includes(entry.id)) models.push(entry);
  }
  catalog = { ...shipped, models };
});
afterEach(() => hub[Symbol.asyncDispose]());

/** As the fixtures have them: weights in the graphs, and other digests. */
function tinyFiles({ files }: CatalogEntry): CatalogEntry["files"] {
  return files.filter(({ path }) => path.endsWith(".onnx")).map(({ path }) => ({ path }));
}

/** The store of a page: another call is another tab, or the same after a reload. */
function openStore(): ModelStore {
  return new ModelStore({
    readCatalog: async () => catalog,
    bundled: async () => new Set(["starter"]),
    connect: () =>
      new HubClient({
        endpoint: hub.endpoint,
        clock: systemClock,
        fetch: async (url, { headers, signal }) => {
          const answer = await fetch(url, { headers, signal: signal ?? null });
          const { status, body } = answer;
          return { status, headers: answer.headers, body: body && pieces(body), text: () => answer.text() };
        },
      }),
    openModels: async () => (isDenied ? undefined : await KeptModels.open(disk.manager)),
    machine: async () => ({ device: "cpu", memory: 2 * GIGABYTE, systemMemory: 2 * GIGABYTE, precisions: ["fp32"] }),
    patience: 20,
    alone: async (name, work, signal) => {
      const before = locks.get(name) ?? Promise.resolve();
      const done = Promise.race([before, aborted(signal)]).then(work);
      locks.set(
        name,
        done.catch(() => {}),
      );
      return done;
    },
    clipMerges: async () => "",
  });
}

/** Rejects when the signal is aborted, and never resolves. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
}

async function ended(store: ModelStore, id: string): Promise<ModelTask> {
  for (;;) {
    const task = (await store.modelTasks()).find((each) => each.id === id);
    if (task === undefined) throw new Error(`no task ${id}`);
    if (task.state !== "running") return task;
    await wait(5);
  }
}

async function install(store: ModelStore, model: string): Promise<ModelTask> {
  const { id } = await store.startModelTask({ type: "install", model });
  return await ended(store, id);
}

const kept = () => KeptModels.open(disk.manager);
const bytesArrived = async (store: ModelStore) => (await store.modelTasks())[0]?.progress?.done ?? 0;

test.each([
  ["mi-gan", { kind: "erase" }],
  ["birefnet-lite", { kind: "background" }],
  ["edgetam", { kind: "segmentation" }],
  ["sd-1.5", { kind: "diffusion", tasks: expect.arrayContaining(["inpaint", "create"]) }],
])("installs %s, tells what it does, and removes it", async (id, facts) => {
  const store = openStore();
  expect(await install(store, id)).toMatchObject({ state: "done" });
  expect((await (await kept()).find(id))?.summary).toMatchObject({ id, facts });
  const isInstalled = async () => (await store.catalog()).models.find((each) => each.id === id)?.isInstalled;
  expect(await isInstalled()).toBe(true);
  await store.removeModel(id);
  expect(await isInstalled()).toBe(false);
  expect(await (await kept()).list()).toEqual([]);
});

test("offers what this browser can run, by its memory and its room, and no parts of models", async () => {
  const verdicts = async () =>
    Object.fromEntries((await openStore().catalog()).models.map(({ id, verdict }) => [id, verdict]));
  expect(await verdicts()).toMatchObject({ "sd-1.5": "too-large", sdxl: "too-large" });
  expect(await verdicts()).not.toHaveProperty("taesd");
  disk.quota = 10;
  expect((await openStore().catalog()).machine.storage).toBe(10);
});

test("goes on after a reload where the download was left, by what is there", async () => {
  const before = openStore();
  hub.faults.slowness = 20;
  const { id } = await before.startModelTask({ type: "install", model: "sd-1.5" });
  while ((await bytesArrived(before)) < 100_000) await wait(5);
  await before.pauseModelTask(id);
  hub.heal();
  const after = openStore();
  expect(await after.modelTasks()).toMatchObject([{ id, state: "paused", name: "Stable Diffusion 1.5" }]);
  hub.asked.length = 0;
  await after.resumeModelTask(id);
  expect(await ended(after, id)).toMatchObject({ state: "done" });
  expect(hub.asked.some(({ headers }) => /^bytes=[1-9]\d*-$/.test(headers.range ?? ""))).toBe(true);
});

test("fetches once what two tabs ask for", async () => {
  const [first, second] = [openStore(), openStore()];
  const done = await Promise.all([install(first, "sd-1.5"), install(second, "sd-1.5")]);
  expect(done.map(({ state }) => state)).toEqual(["done", "done"]);
  expect(hub.readsOf("unet/diffusion_pytorch_model.fp16.safetensors")).toHaveLength(1);
});

test("leaves a model alone that another tab has finished meanwhile", async () => {
  const [first, second] = [openStore(), openStore()];
  hub.faults.slowness = 20;
  const { id } = await first.startModelTask({ type: "install", model: "sd-1.5" });
  while ((await bytesArrived(first)) < 10_000) await wait(5);
  expect(await second.modelTasks()).toMatchObject([{ id, state: "paused" }]);
  hub.heal();
  expect(await ended(first, id)).toMatchObject({ state: "done" });
  await second.cancelModelTask(id);
  expect(await (await kept()).list()).toMatchObject([{ id: "sd-1.5" }]);
});

test("leaves a model alone whose name another repository has, and whose installation was refused for that", async () => {
  const store = openStore();
  await install(store, "mi-gan");
  const refused = await install(store, "somebody/mi-gan");
  expect(refused).toMatchObject({ state: "failed", error: { remedy: "Remove that first." } });
  await store.cancelModelTask(refused.id);
  expect(await (await kept()).list()).toMatchObject([{ id: "mi-gan" }]);
});

test("gives a repository that is called like a model of the panel's own another id, also after a reload", async () => {
  const path = inRepository("tests/fixtures/checkpoints/base");
  for (const repository of ["somebody/starter", "somebody/starter-2"]) await hub.addFolder(repository, path);
  const before = openStore();
  hub.faults.slowness = 20;
  const { id } = await before.startModelTask({ type: "install", model: "somebody/starter" });
  await before.pauseModelTask(id);
  hub.heal();
  const after = openStore();
  await after.modelTasks();
  await after.resumeModelTask(id);
  expect(await ended(after, id)).toMatchObject({ state: "done", model: "starter-2", name: "starter" });
  expect(await (await kept()).list()).toMatchObject([{ id: "starter-2", summary: { name: "starter" } }]);
  expect(await install(after, "somebody/starter")).toMatchObject({ state: "done", model: "starter-2" });
  expect(await install(after, "somebody/starter-2")).toMatchObject({ error: { remedy: "Remove that first." } });
});

test("tells no more of a download that another tab has finished or given up", async () => {
  const [first, second] = [openStore(), openStore()];
  hub.faults.slowness = 20;
  const { id } = await first.startModelTask({ type: "install", model: "sd-1.5" });
  while ((await bytesArrived(first)) < 10_000) await wait(5);
  expect(await second.modelTasks()).toMatchObject([{ id, state: "paused" }]);
  await first.cancelModelTask(id);
  expect(await second.modelTasks()).toEqual([]);
});

test.each(["cancelled", "removed"])("takes nothing from a tab that is writing it: what is to be %s", async (how) => {
  const [first, second] = [openStore(), openStore()];
  hub.faults.slowness = 20;
  const { id } = await first.startModelTask({ type: "install", model: "sd-1.5" });
  while ((await bytesArrived(first)) < 10_000) await wait(5);
  await second.modelTasks();
  const taking = how === "cancelled" ? second.cancelModelTask(id) : second.removeModel("sd-1.5");
  await expect(taking).rejects.toMatchObject({
    code: "engine-unavailable",
    message: "Another tab is working on “sd-1.5”.",
  });
  expect(await second.modelTasks()).toMatchObject([{ id, state: "paused" }]);
  hub.heal();
  expect(await ended(first, id)).toMatchObject({ state: "done" });
});

test("lets go of a download that the catalog no longer knows, and says why it cannot go on", async () => {
  await (await kept()).begin("gone-1.0", { named: "gone-1.0" });
  const store = openStore();
  const [task] = await store.modelTasks();
  expect(task).toMatchObject({ state: "paused", model: "gone-1.0" });
  await store.resumeModelTask(task!.id);
  expect(await ended(store, task!.id)).toMatchObject({ state: "failed", error: { code: "unknown-model" } });
  await store.cancelModelTask(task!.id);
  expect(await (await kept()).downloads()).toEqual([]);
});

test("says that the room is used up in the middle, and goes on once there is some", async () => {
  const store = openStore();
  hub.faults.onPiece = () => {
    disk.quota = 1_000;
  };
  const failed = await install(store, "sd-1.5");
  expect(failed).toMatchObject({ state: "failed", error: { code: "disk-full", remedy: /remove models/ } });
  hub.heal();
  disk.quota = 2 * GIGABYTE;
  await store.resumeModelTask(failed.id);
  expect(await ended(store, failed.id)).toMatchObject({ state: "done" });
});

test("says that there is no room even for a new file", async () => {
  const store = openStore();
  await store.catalog();
  disk.quota = 0;
  const failed = await install(store, "mi-gan");
  expect(failed).toMatchObject({ state: "failed", error: { code: "disk-full" } });
});

test("keeps nothing of what is cancelled", async () => {
  const store = openStore();
  hub.faults.slowness = 20;
  const { id } = await store.startModelTask({ type: "install", model: "sd-1.5" });
  while ((await bytesArrived(store)) < 10_000) await wait(5);
  await store.cancelModelTask(id);
  expect(await store.modelTasks()).toMatchObject([{ id, state: "cancelled" }]);
  expect(await (await kept()).downloads()).toEqual([]);
});

test("finds a file that changed, and fetches that one again", async () => {
  const store = openStore();
  await install(store, "edgetam");
  const path = "onnx/vision_encoder.onnx";
  const name = (await (await kept()).find("edgetam"))?.files.find((file) => file.path === path)?.name ?? "";
  disk.bytesOf(name).set([1, 2, 3]);
  const verified = await ended(
    store,
    (await store.startModelTask({ type: "verify", model: "edgetam", isAccepted: false })).id,
  );
  expect(verified.files?.filter(({ state }) => state !== "whole")).toEqual([{ name: path, state: "changed" }]);
  const repaired = await ended(store, (await store.startModelTask({ type: "repair", model: "edgetam" })).id);
  expect(repaired).toMatchObject({ state: "done", replaced: [path] });
});

test("says of a file that no repository has that the model has to be installed again", async () => {
  const models = catalog.models.map((entry) =>
    entry.id === "mi-gan" ? { ...entry, writes: { "own.json": {} } } : entry,
  );
  catalog = { ...catalog, models };
  const store = openStore();
  await install(store, "mi-gan");
  const own = (await (await kept()).find("mi-gan"))?.files.find(({ from }) => from === undefined);
  disk.bytesOf(own!.name).set([1, 2, 3]);
  const repaired = await ended(store, (await store.startModelTask({ type: "repair", model: "mi-gan" })).id);
  expect(repaired).toMatchObject({
    state: "failed",
    error: { message: `${own!.path}, which Overpaint wrote beside the model, is damaged.` },
  });
});

test("removes a model that is being repaired", async () => {
  const store = openStore();
  await install(store, "edgetam");
  const path = "onnx/vision_encoder.onnx";
  const name = (await (await kept()).find("edgetam"))?.files.find((file) => file.path === path)?.name ?? "";
  disk.bytesOf(name).set([1, 2, 3]);
  hub.faults.slowness = 20;
  const { id } = await store.startModelTask({ type: "repair", model: "edgetam" });
  hub.asked.length = 0;
  while (!hub.asked.some((asked) => asked.path.endsWith(path))) await wait(5);
  await store.removeModel("edgetam");
  expect((await ended(store, id)).state).toBe("cancelled");
  expect(await (await kept()).list()).toEqual([]);
});

test("says where the browser gives it no room", async () => {
  isDenied = true;
  const store = openStore();
  expect((await store.catalog()).machine.storage).toBe(0);
  expect(await store.modelTasks()).toEqual([]);
  await expect(store.startModelTask({ type: "install", model: "mi-gan" })).rejects.toMatchObject({
    code: "disk-full",
    message: expect.stringContaining("no room"),
  });
});

test("takes no files", async () => {
  const asked = openStore().startModelTask({ type: "import", path: "mine.safetensors", isCopy: true });
  await expect(asked).rejects.toMatchObject({ code: "invalid-request", remedy: expect.stringContaining("companion") });
});
