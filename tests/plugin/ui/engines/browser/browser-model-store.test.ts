import { proxy } from "comlink";
import { expect, test } from "vitest";
import { BrowserModelStore } from "../../../../../plugin/ui/engines/browser/browser-model-store.ts";
import type { ModelStoreApi } from "../../../../../shared/protocol/model-store-api.ts";
import { FakeEngineWorker } from "../../support/fake-engine-worker.ts";

const machine = { device: "cpu", memory: 1, systemMemory: 1 };

test("starts its worker by the first question, says when it died, and starts another for the next", async () => {
  const workers: FakeEngineWorker[] = [];
  let hangs = false;
  const store: Pick<ModelStoreApi, "catalog"> = {
    catalog: async () => (hangs ? await new Promise(() => {}) : { models: [], machine }),
  };
  const keeper = new BrowserModelStore({
    root: "https://static.example/",
    startWorker: () => {
      const worker = new FakeEngineWorker({ open: () => proxy(store) });
      workers.push(worker);
      return worker.asWorker();
    },
  });
  expect(workers).toHaveLength(0);
  expect(await keeper.catalog()).toEqual({ models: [], machine });
  hangs = true;
  const asked = keeper.catalog();
  workers[0]?.crash("out of memory");
  await expect(asked).rejects.toMatchObject({ code: "engine-unavailable" });
  hangs = false;
  expect(await keeper.catalog()).toEqual({ models: [], machine });
  expect(workers).toHaveLength(2);
  workers[1]?.terminate();
});
