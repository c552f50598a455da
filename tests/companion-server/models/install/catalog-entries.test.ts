import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inspectPack } from "../../../../companion-server/models/inspect-pack.ts";
import { connectHub } from "../../../../companion-server/models/install/hub-connection.ts";
import { installModel } from "../../../../companion-server/models/install/install-model.ts";
import { offerModelsHere } from "../../../../companion-server/models/install/offer-models-here.ts";
import { readCatalog } from "../../../../companion-server/models/install/read-catalog.ts";
import { ModelCatalog } from "../../../../companion-server/models/model-catalog.ts";
import { ModelStore } from "../../../../companion-server/models/model-store.ts";
import { StandInHub } from "../../../support/stand-in-hub.ts";
import { type TemporaryFolder, temporaryFolder } from "../../../support/temporary-folder.ts";
import { addTinyRepository, hasTinyPack } from "../../../support/tiny-repository.ts";

const catalog = await readCatalog();
let hub: StandInHub;
let data: TemporaryFolder;
let store: ModelStore;
beforeAll(async () => {
  hub = await StandInHub.start();
  data = await temporaryFolder();
  store = new ModelStore(data.path);
});
afterAll(async () => {
  await hub[Symbol.asyncDispose]();
  await data.remove();
});

describe.each(catalog.models.filter(hasTinyPack))("$id", (known) => {
  test("is installed from a repository of its layout, opens, and does what the catalog says", async () => {
    const entry = await addTinyRepository(hub, known);
    const wish = { id: entry.id, name: entry.name, place: entry, entry };
    const folder = await installModel(wish, {
      hub: connectHub({ HF_ENDPOINT: hub.endpoint }),
      store,
      onProgress: () => {},
    });
    expect(folder).toBe(join(store.models, entry.id));
    if (entry.kind === "model") {
      const { facts } = await inspectPack({ folder });
      expect(facts.tasks).toEqual(expect.arrayContaining([...entry.tasks]));
    } else expect((await new ModelCatalog([store.models]).findVae(entry.id)).folder).toBe(folder);
    const offered = (await offerModelsHere(catalog, store)).models.find(({ id }) => id === entry.id);
    expect(offered).toMatchObject({ isInstalled: true });
  });
});

test("a file that the catalog knows by its digest is taken from nobody else", async () => {
  const known = catalog.models.find(({ id }) => id === "mi-gan")!; // the catalog has it
  hub.add(known.repository, { "migan_pipeline_v2.onnx": Buffer.alloc(20_000) }, { commit: known.revision });
  const wish = { id: known.id, name: known.name, place: known, entry: known };
  const install = installModel(wish, { hub: connectHub({ HF_ENDPOINT: hub.endpoint }), store, onProgress: () => {} });
  await expect(install).rejects.toMatchObject({
    code: "damaged-model",
    message: expect.stringContaining("another file"),
  });
});
