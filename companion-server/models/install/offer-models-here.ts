import { totalmem } from "node:os";
import type { Catalog } from "../../../shared/hub/catalog.ts";
import { offerModels } from "../../../shared/hub/offer-models.ts";
import { deviceName, type Status } from "../../../shared/protocol/api.ts";
import type { CatalogAnswer } from "../../../shared/protocol/models/model-catalog.ts";
import { memoryBudget } from "../../engine/child/memory/memory-budget.ts";
import type { ModelStore } from "../model-store.ts";
import { entriesIn } from "../place-at.ts";

/**
 * The catalog as it stands for this machine and its installed models.
 *
 * @param drawing what draws, the first of several, and what was found of it: a processor, where nothing does yet
 */
export async function offerModelsHere(
  catalog: Catalog,
  store: ModelStore,
  drawing: Pick<Status, "device" | "devices"> = { device: "cpu", devices: [] },
): Promise<CatalogAnswer> {
  const used = drawing.device.split(", ");
  const report = drawing.devices.find((each) => used.includes(deviceName(each)) || used.includes(each.device));
  const device = report?.device ?? "cpu";
  const machine = { device, memory: report?.budgetBytes ?? memoryBudget(device), systemMemory: totalmem() };
  return offerModels(catalog, { machine, installed: await installedEntries(store) });
}

/** Ids of the catalog's models that are installed, and that nobody removed by hand since. */
async function installedEntries({ records, models }: ModelStore): Promise<ReadonlySet<string>> {
  const sources = await Promise.all((await entriesIn(models)).map(async ({ id }) => (await records.find(id))?.source));
  return new Set(sources.flatMap((source) => (source?.type === "hub" && source.entry ? [source.entry] : [])));
}
