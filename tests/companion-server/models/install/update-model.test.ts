import { cp, mkdir, readdir, readFile, readlink, rename, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { connectHub } from "../../../../companion-server/models/install/hub-connection.ts";
import { importModel } from "../../../../companion-server/models/install/import-model.ts";
import { installModel } from "../../../../companion-server/models/install/install-model.ts";
import { ModelTasks } from "../../../../companion-server/models/install/model-tasks.ts";
import { removeDownload, removeModel } from "../../../../companion-server/models/install/remove-model.ts";
import { repairModel } from "../../../../companion-server/models/install/repair-model.ts";
import { findUpdate, updateModel } from "../../../../companion-server/models/install/update-model.ts";
import { verifyModel } from "../../../../companion-server/models/install/verify-model.ts";
import { openCatalog } from "../../../../companion-server/models/model-catalog.ts";
import { ModelStore } from "../../../../companion-server/models/model-store.ts";
import { parseWish } from "../../../../shared/hub/install-wish.ts";
import type { TransferProgress } from "../../../../shared/hub/transfer-meter.ts";
import { inRepository } from "../../../support/repository.ts";
import { type HubRepository, StandInHub, sha256 } from "../../../support/stand-in-hub.ts";
import { type TemporaryFolder, temporaryFolder } from "../../../support/temporary-folder.ts";
import { readSingleFile } from "../../support/single-files.ts";

const REPOSITORY = "someone/tiny-model";
const ID = "tiny-model";
const UNET = "unet/diffusion_pytorch_model.safetensors";
const VAE = "vae/diffusion_pytorch_model.safetensors";

/** A folder in whose removal the process ends once: what it is of is gone, and what is said of that is not. */
const dying = vi.hoisted(() => ({ in: "" }));
vi.mock("node:fs/promises", async (importOriginal) => {
  const system = await importOriginal<typeof import("node:fs/promises")>();
  const rm: typeof system.rm = async (path, options) => {
    if (path !== dying.in) return await system.rm(path, options);
    dying.in = "";
    await system.rm(`${path}/model`, options);
    throw new Error("ended");
  };
  return { ...system, rm };
});

let hub: StandInHub;
let repository: HubRepository;
let data: TemporaryFolder;
let store: ModelStore;
beforeEach(async () => {
  hub = await StandInHub.start();
  repository = await hub.addFolder(REPOSITORY, inRepository("tests/fixtures/checkpoints/base"));
  repository.files.set(UNET, noise(1));
  data = await temporaryFolder();
  store = new ModelStore(data.path);
  return async () => {
    await hub[Symbol.asyncDispose]();
    await data.remove();
  };
});

/** Installing reads no weights, so they may be anything, and large enough to be cut. */
function noise(seed: number): Buffer {
  return Buffer.from(Float64Array.from({ length: 60_000 }, (_, index) => Math.sin(seed * index)).buffer);
}

/** The publisher changes files. */
function publish(files: Readonly<Record<string, Buffer | string>>): void {
  for (const [path, content] of Object.entries(files)) repository.files.set(path, Buffer.from(content));
  repository.commit = sha256(repository.commit).slice(0, 40);
}

const connection = () => connectHub({ HF_ENDPOINT: hub.endpoint });
const watching = () => ({ hub: connection(), store, onProgress: () => {} });

async function install(named = REPOSITORY): Promise<string> {
  const folder = await installModel(parseWish(named, []), watching());
  hub.asked.length = 0;
  return folder;
}

const fetched = () =>
  [...new Set(hub.asked.map(({ path }) => /resolve\/[^/]+\/(.+)$/.exec(path)?.[1]))].filter(Boolean);

test("tells how much of a model is newer at the hub, and fetches nothing", async () => {
  await install();
  publish({ [UNET]: noise(2), "README.md": "newer" });
  expect(await findUpdate(ID, watching())).toEqual({
    id: ID,
    state: "newer",
    commit: repository.commit,
    files: 1,
    bytes: noise(2).length,
  });
  expect(fetched()).toEqual([]);
});

test("fetches the files that changed, and no other", async () => {
  const folder = await install();
  const untouched = await stat(join(folder, VAE));
  publish({ [UNET]: noise(2), "scheduler/scheduler_config.json": '{"_class_name":"DDIMScheduler"}' });
  const update = await updateModel(ID, watching());
  expect(update).toEqual({
    commit: repository.commit,
    replaced: expect.arrayContaining([UNET, "scheduler/scheduler_config.json"]),
  });
  expect([...fetched()].sort()).toEqual(["scheduler/scheduler_config.json", UNET]);
  expect(sha256(await readFile(join(folder, UNET)))).toBe(sha256(noise(2)));
  expect((await stat(join(folder, VAE))).ino).toBe(untouched.ino);
  expect((await store.records.find(ID))?.source).toMatchObject({ commit: repository.commit });
  const { files } = await verifyModel(await openCatalog(data.path).find(ID), watching());
  expect(files.filter(({ state }) => state !== "whole")).toEqual([]);
  expect(await readdir(store.downloads)).toEqual([]);
});

test("a commit that changes nothing of the model is no update", async () => {
  await install();
  publish({ "README.md": "newer" });
  expect(await findUpdate(ID, watching())).toMatchObject({ state: "current" });
  expect(await updateModel(ID, watching())).toBeUndefined();
});

test("a file that the repository gave up goes, and what the owner put there stays", async () => {
  const folder = await install();
  await writeFile(join(folder, "overpaint.json"), '{"styles":["flat"]}');
  repository.files.delete("tokenizer/special_tokens_map.json");
  publish({ [UNET]: noise(2) });
  await updateModel(ID, watching());
  expect(await readdir(join(folder, "tokenizer"))).not.toContain("special_tokens_map.json");
  expect(await readFile(join(folder, "overpaint.json"), "utf8")).toBe('{"styles":["flat"]}');
});

// Windows lets only some make links.
test.skipIf(process.platform === "win32")("what the owner linked into the folder stays a link", async () => {
  const folder = await install();
  await writeFile(join(data.path, "words.json"), "{}");
  await symlink(join(data.path, "words.json"), join(folder, "overpaint.json"));
  publish({ [UNET]: noise(2) });
  await updateModel(ID, watching());
  expect(await readlink(join(folder, "overpaint.json"))).toBe(join(data.path, "words.json"));
});

test("the checkpoint that was meant, of several in folders, is listed, updated and repaired as such", async () => {
  const checkpoint = Buffer.from(readSingleFile("sd1"));
  hub.add("someone/several", { "v1/one.safetensors": checkpoint, "v1/two.safetensors": noise(3) });
  await installModel(parseWish("someone/several", [], "v1/one.safetensors"), watching());
  const catalog = openCatalog(data.path);
  expect((await catalog.list()).find(({ id }) => id === "one")).toMatchObject({
    isUpdatable: true,
    facts: { family: "stable-diffusion" },
  });
  const newer = Buffer.from(checkpoint);
  newer[newer.length - 1]! ^= 1; // it is not empty
  hub.add("someone/several", { "v1/one.safetensors": newer, "v1/two.safetensors": noise(4) });
  expect(await updateModel("one", watching())).toMatchObject({ replaced: ["one.safetensors"] });
  const file = join(store.models, "one/one.safetensors");
  await writeFile(file, "damaged");
  expect(await repairModel(await catalog.findForRepair("one"), watching())).toEqual(["one.safetensors"]);
  expect(sha256(await readFile(file))).toBe(sha256(newer));
});

test("a model that was installed by a commit stays, and nobody is asked", async () => {
  const { commit } = repository;
  await install(`${REPOSITORY}@${commit}`);
  expect(await findUpdate(ID, watching())).toEqual({ id: ID, state: "pinned", commit });
  expect(await updateModel(ID, watching())).toBeUndefined();
  expect(hub.asked).toEqual([]);
});

describe("until the newer one is whole", () => {
  /** Begins an update, and breaks off in the middle of the largest file. */
  async function interrupted(): Promise<string> {
    const folder = await install();
    publish({ [UNET]: noise(2) });
    const controller = new AbortController();
    hub.faults.slowness = 5;
    const onProgress = ({ done, total }: TransferProgress) => {
      if (done > total - 300_000) controller.abort();
    };
    await expect(updateModel(ID, { ...watching(), onProgress, signal: controller.signal })).rejects.toMatchObject({
      name: "AbortError",
    });
    hub.heal();
    hub.asked.length = 0;
    return folder;
  }

  test("the older one is there as it was", async () => {
    const folder = await interrupted();
    expect(sha256(await readFile(join(folder, UNET)))).toBe(sha256(noise(1)));
    const { files } = await verifyModel(await openCatalog(data.path).find(ID), watching());
    expect(files.filter(({ state }) => state !== "whole")).toEqual([]);
  });

  test("what arrived is gone on with, by a companion that finds it too", async () => {
    const folder = await interrupted();
    const tasks = new ModelTasks({ store, models: openCatalog(data.path), connect: connection });
    expect(await tasks.list()).toMatchObject([{ id: `update-${ID}`, type: "update", model: ID, state: "paused" }]);
    await tasks.resume(`update-${ID}`);
    const states = [];
    for await (const { state } of tasks.follow(`update-${ID}`, AbortSignal.timeout(10_000))) states.push(state);
    expect(states.at(-1)).toBe("done");
    expect(sha256(await readFile(join(folder, UNET)))).toBe(sha256(noise(2)));
    expect(hub.readsOf(UNET).map(({ headers }) => headers.range)).toEqual([expect.stringMatching(/^bytes=[1-9]/)]);
  });

  test("one that the disk has no room to put on record is left, and the older one stays", async () => {
    const folder = await install();
    publish({ [UNET]: noise(2) });
    const broken = new ModelStore(data.path);
    broken.record = async () => {
      throw new Error("no room");
    };
    await expect(updateModel(ID, { ...watching(), store: broken })).rejects.toThrow("no room");
    expect(sha256(await readFile(join(folder, UNET)))).toBe(sha256(noise(1)));
    await updateModel(ID, watching());
    expect(sha256(await readFile(join(folder, UNET)))).toBe(sha256(noise(2)));
  });

  test("one that comes to nothing tells no damaged file of the older one for whole", async () => {
    const folder = await install();
    await writeFile(join(folder, VAE), noise(3));
    const known = await store.digests.read();
    publish({ [UNET]: noise(2) });
    const broken = new ModelStore(data.path);
    broken.record = async () => {
      throw new Error("no room");
    };
    await expect(updateModel(ID, { ...watching(), store: broken })).rejects.toThrow("no room");
    expect(await store.digests.read()).toEqual(known);
  });
});

test("what is imported under a model's name while that is being replaced does not take its place", async () => {
  const folder = await install();
  publish({ [UNET]: noise(2) });
  const file = join(data.path, `${ID}.safetensors`);
  await writeFile(file, readSingleFile("sd1"));
  const busy = new ModelStore(data.path);
  busy.record = async (...recorded) => {
    busy.record = store.record.bind(store);
    const imported = await importModel(file, { store, how: "copy", onProgress: () => {} });
    expect(imported.id).toBe(`${ID}-2`);
    await store.record(...recorded);
  };
  await updateModel(ID, { ...watching(), store: busy });
  expect(sha256(await readFile(join(folder, UNET)))).toBe(sha256(noise(2)));
});

test("a model that cannot be put back keeps no other from being removed or updated", async () => {
  const folder = await install();
  const note = join(store.downloads, "another/replaced/note.json");
  await mkdir(join(note, ".."), { recursive: true });
  await writeFile(note, "{");
  publish({ [UNET]: noise(2) });
  await updateModel(ID, watching());
  expect(sha256(await readFile(join(folder, UNET)))).toBe(sha256(noise(2)));
  await removeModel(ID, store);
  expect(await readdir(store.models)).toEqual([]);
  await expect(findUpdate("another", watching())).rejects.toThrow(SyntaxError);
});

describe("a process that ends while the newer one takes the older one's place", () => {
  /** The disk in the middle of the exchange: nothing that the process did later is on it. */
  async function cutShort(isRecorded: boolean): Promise<TemporaryFolder> {
    await install();
    publish({ [UNET]: noise(2) });
    const folder = await temporaryFolder();
    const ending = new ModelStore(data.path);
    ending.record = async (...recorded) => {
      ending.record = store.record.bind(store);
      if (isRecorded) await store.record(...recorded);
      await cp(data.path, folder.path, { recursive: true });
      throw new Error("ended");
    };
    await expect(updateModel(ID, { ...watching(), store: ending })).rejects.toThrow("ended");
    expect(await readdir(join(folder.path, "models"))).toEqual([]);
    return folder;
  }

  test.each([
    ["before the newer one is on record", false],
    ["when the newer one is on record", true],
  ])("%s, leaves a model that the next start has as it was", async (_, isRecorded) => {
    await using folder = await cutShort(isRecorded);
    const after = new ModelStore(folder.path);
    const model = await openCatalog(folder.path).find(ID);
    expect(sha256(await readFile(join(model.folder, UNET)))).toBe(sha256(noise(1)));
    const { files } = await verifyModel(model, { ...watching(), store: after });
    expect(files.filter(({ state }) => state !== "whole")).toEqual([]);
    await updateModel(ID, { ...watching(), store: after });
    expect(sha256(await readFile(join(model.folder, UNET)))).toBe(sha256(noise(2)));
    expect(await readdir(after.downloads)).toEqual([]);
  });

  test("after that, leaves the newer one on record, also when it ends again before all is cleared", async () => {
    await using folder = await cutShort(true);
    const after = new ModelStore(folder.path);
    await rename(join(after.downloads, ID, repository.commit), join(after.models, ID));
    dying.in = join(after.downloads, ID, "replaced");
    for (const start of ["the next", "the one after"]) {
      expect(await openCatalog(folder.path).find(ID), start).toMatchObject({ id: ID });
      expect((await after.records.find(ID))?.source, start).toMatchObject({ commit: repository.commit });
    }
    expect(dying.in).toBe("");
  });

  test("keeps the model when its update is given up", async () => {
    await using folder = await cutShort(true);
    const after = new ModelStore(folder.path);
    expect(await removeDownload(ID, after)).toBe(true);
    expect(sha256(await readFile(join(after.models, ID, UNET)))).toBe(sha256(noise(1)));
  });

  test("can go on with the update by itself", async () => {
    await using folder = await cutShort(false);
    const after = new ModelStore(folder.path);
    await updateModel(ID, { ...watching(), store: after });
    expect(sha256(await readFile(join(after.models, ID, UNET)))).toBe(sha256(noise(2)));
  });
});

test.each([
  ["starter", "No model"],
  ["nothing", "No model"],
])("%s, which came from no hub, has no update", async (id, words) => {
  await expect(findUpdate(id, watching())).rejects.toMatchObject({
    code: "invalid-request",
    message: expect.stringContaining(words),
  });
});
