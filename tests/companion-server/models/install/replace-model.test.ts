import { cp, mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { importModel } from "../../../../companion-server/models/install/import-model.ts";
import { removeDownload, removeModel } from "../../../../companion-server/models/install/remove-model.ts";
import { findUpdate, updateModel } from "../../../../companion-server/models/install/update-model.ts";
import { verifyModel } from "../../../../companion-server/models/install/verify-model.ts";
import { openCatalog } from "../../../../companion-server/models/model-catalog.ts";
import { ModelStore } from "../../../../companion-server/models/model-store.ts";
import { sha256 } from "../../../support/stand-in-hub.ts";
import { type TemporaryFolder, temporaryFolder } from "../../../support/temporary-folder.ts";
import { readSingleFile } from "../../support/single-files.ts";
import { ID, noise, UNET, UpdatableModel } from "../../support/updatable-model.ts";

/** The folder whose removal the process does not survive: the model in it is gone by then, and nothing else of it. */
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

let model: UpdatableModel;
beforeEach(async () => {
  model = await UpdatableModel.create();
  return () => model[Symbol.asyncDispose]();
});

test("what is imported under a model's name while that is being replaced does not take its place", async () => {
  const folder = await model.install();
  model.publish({ [UNET]: noise(2) });
  const file = join(model.data.path, `${ID}.safetensors`);
  await writeFile(file, readSingleFile("sd1"));
  const busy = new ModelStore(model.data.path);
  busy.record = async (...recorded) => {
    busy.record = model.store.record.bind(model.store);
    const imported = await importModel(file, { store: model.store, how: "copy", onProgress: () => {} });
    expect(imported.id).toBe(`${ID}-2`);
    await model.store.record(...recorded);
  };
  await updateModel(ID, { ...model.watching(), store: busy });
  expect(sha256(await readFile(join(folder, UNET)))).toBe(sha256(noise(2)));
});

test("a model that cannot be put back keeps no other from being removed or updated", async () => {
  const folder = await model.install();
  const note = join(model.store.downloads, "another/replaced/note.json");
  await mkdir(join(note, ".."), { recursive: true });
  await writeFile(note, "{");
  model.publish({ [UNET]: noise(2) });
  await updateModel(ID, model.watching());
  expect(sha256(await readFile(join(folder, UNET)))).toBe(sha256(noise(2)));
  await removeModel(ID, model.store);
  expect(await readdir(model.store.models)).toEqual([]);
  await expect(findUpdate("another", model.watching())).rejects.toThrow(SyntaxError);
});

describe("a process that ends while the newer one takes the older one's place", () => {
  /** The disk in the middle of the exchange: nothing that the process did later is on it. */
  async function cutShort(isRecorded: boolean): Promise<TemporaryFolder> {
    await model.install();
    model.publish({ [UNET]: noise(2) });
    const folder = await temporaryFolder();
    const ending = new ModelStore(model.data.path);
    ending.record = async (...recorded) => {
      ending.record = model.store.record.bind(model.store);
      if (isRecorded) await model.store.record(...recorded);
      await cp(model.data.path, folder.path, { recursive: true });
      throw new Error("ended");
    };
    await expect(updateModel(ID, { ...model.watching(), store: ending })).rejects.toThrow("ended");
    expect(await readdir(join(folder.path, "models"))).toEqual([]);
    return folder;
  }

  test.each([
    ["before the newer one is on record", false],
    ["when the newer one is on record", true],
  ])("%s, leaves a model that the next start has as it was", async (_, isRecorded) => {
    await using folder = await cutShort(isRecorded);
    const after = new ModelStore(folder.path);
    const found = await openCatalog(folder.path).find(ID);
    expect(sha256(await readFile(join(found.folder, UNET)))).toBe(sha256(noise(1)));
    const { files } = await verifyModel(found, { ...model.watching(), store: after });
    expect(files.filter(({ state }) => state !== "whole")).toEqual([]);
    await updateModel(ID, { ...model.watching(), store: after });
    expect(sha256(await readFile(join(found.folder, UNET)))).toBe(sha256(noise(2)));
    expect(await readdir(after.downloads)).toEqual([]);
  });

  test("after that, leaves the newer one on record, also when it ends again before all is cleared", async () => {
    await using folder = await cutShort(true);
    const after = new ModelStore(folder.path);
    await rename(join(after.downloads, ID, model.repository.commit), join(after.models, ID));
    dying.in = join(after.downloads, ID, "replaced");
    for (const start of ["the next", "the one after"]) {
      expect(await openCatalog(folder.path).find(ID), start).toMatchObject({ id: ID });
      expect((await after.records.find(ID))?.source, start).toMatchObject({ commit: model.repository.commit });
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
    await updateModel(ID, { ...model.watching(), store: after });
    expect(sha256(await readFile(join(after.models, ID, UNET)))).toBe(sha256(noise(2)));
  });
});
