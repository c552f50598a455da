import { totalmem } from "node:os";
import type { Catalog } from "../../../shared/hub/catalog.ts";
import { offerModels } from "../../../shared/hub/offer-models.ts";
import type { Device } from "../../../shared/protocol/api.ts";
import type { CatalogAnswer } from "../../../shared/protocol/models/model-catalog.ts";
import { memoryBudget } from "../../engine/child/memory-budget.ts";
import type { ModelStore } from "../model-store.ts";
import { entriesIn } from "../place-at.ts";

/** The catalog as it stands for this machine and its installed models. */
export async function offerModelsHere(
  catalog: Catalog,
  store: ModelStore,
  device: Device = "cpu",
): Promise<CatalogAnswer> {
  const machine = { device, memory: memoryBudget(device), systemMemory: totalmem() };
  return offerModels(catalog, { machine, installed: await installedEntries(store) });
}

/** Ids of the catalog's models that are installed, and that nobody removed by hand since. */
async function installedEntries({ records, models }: ModelStore): Promise<ReadonlySet<string>> {
  const sources = await Promise.all((await entriesIn(models)).map(async ({ id }) => (await records.find(id))?.source));
  return new Set(sources.flatMap((source) => (source?.type === "hub" && source.entry ? [source.entry] : [])));
}
