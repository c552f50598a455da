import { expect, test } from "vitest";
import { offerModelsHere } from "../../../../companion-server/models/install/offer-models-here.ts";
import { readCatalog } from "../../../../companion-server/models/install/read-catalog.ts";
import { ModelStore } from "../../../../companion-server/models/model-store.ts";
import type { DeviceReport } from "../../../../shared/protocol/api.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

const GIB = 1024 ** 3;
const cpu: DeviceReport = { device: "cpu", works: true, budgetBytes: 8 * GIB };
const card = (gibibytes: number): DeviceReport => ({ device: "cuda", works: true, budgetBytes: gibibytes * GIB });

async function offered(device: string, devices: DeviceReport[]) {
  await using data = await temporaryFolder();
  return await offerModelsHere(await readCatalog(), new ModelStore(data.path), { device, devices });
}

test("verdicts are told by what a run may take of the device that draws", async () => {
  const { machine, models } = await offered("cuda", [card(18), cpu]);
  expect(machine).toMatchObject({ device: "cuda", memory: 18 * GIB });
  expect(models.find(({ id }) => id === "sdxl")).toMatchObject({ verdict: "runs" });
  const small = await offered("cuda", [card(3), cpu]);
  expect(small.models.find(({ id }) => id === "sdxl")?.verdict).not.toBe("runs");
});

test("a card that works and does not draw, and no device yet, leave it to the processor", async () => {
  expect((await offered("cpu", [card(18), cpu])).machine).toMatchObject({ device: "cpu", memory: 8 * GIB });
  expect((await offered("starting", [])).machine).toMatchObject({ device: "cpu" });
});

test("one card of several, and several at once, are what verdicts are told by", async () => {
  const cards = [3, 18].map((gibibytes, index) => ({ ...card(gibibytes), card: index }));
  const devices = [...cards, cpu];
  expect((await offered("cuda:1", devices)).machine).toMatchObject({ device: "cuda", memory: 18 * GIB });
  expect((await offered("cuda:0, cuda:1", devices)).machine).toMatchObject({ device: "cuda", memory: 3 * GIB });
});
