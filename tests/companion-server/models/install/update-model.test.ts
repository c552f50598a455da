import { readdir, readFile, readlink, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { installModel } from "../../../../companion-server/models/install/install-model.ts";
import { ModelTasks } from "../../../../companion-server/models/install/model-tasks.ts";
import { repairModel } from "../../../../companion-server/models/install/repair-model.ts";
import { findUpdate, updateModel } from "../../../../companion-server/models/install/update-model.ts";
import { verifyModel } from "../../../../companion-server/models/install/verify-model.ts";
import { openCatalog } from "../../../../companion-server/models/model-catalog.ts";
import { ModelStore } from "../../../../companion-server/models/model-store.ts";
import { parseWish } from "../../../../shared/hub/install-wish.ts";
import type { TransferProgress } from "../../../../shared/hub/transfer-meter.ts";
import { type HubRepository, type StandInHub, sha256 } from "../../../support/stand-in-hub.ts";
import type { TemporaryFolder } from "../../../support/temporary-folder.ts";
import { readSingleFile } from "../../support/single-files.ts";
import { ID, noise, REPOSITORY, UNET, UpdatableModel, VAE } from "../../support/updatable-model.ts";

let hub: StandInHub;
let repository: HubRepository;
let data: TemporaryFolder;
let store: ModelStore;
let publish: UpdatableModel["publish"];
let install: UpdatableModel["install"];
let connect: UpdatableModel["connect"];
let watching: UpdatableModel["watching"];
beforeEach(async () => {
  const model = await UpdatableModel.create();
  ({ hub, repository, data, store, publish, install, connect, watching } = model);
  return () => model[Symbol.asyncDispose]();
});

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
    const tasks = new ModelTasks({ store, models: openCatalog(data.path), connect });
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

test.each([
  ["starter", "No model"],
  ["nothing", "No model"],
])("%s, which came from no hub, has no update", async (id, words) => {
  await expect(findUpdate(id, watching())).rejects.toMatchObject({
    code: "invalid-request",
    message: expect.stringContaining(words),
  });
});
