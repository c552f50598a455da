import { totalmem } from "node:os";
import { type Catalog, type CatalogEntry, recommendedFor } from "../../../shared/hub/catalog.ts";
import { type Machine, memoryNeed, verdictOn } from "../../../shared/planning/memory/memory-need.ts";
import { deviceReportSchema, type Status } from "../../../shared/protocol/api.ts";
import { type CatalogAnswer, catalogTasks, type OfferedModel } from "../../../shared/protocol/models/model-catalog.ts";
import { precisions } from "../../../shared/protocol/models/precision.ts";
import { memoryBudget } from "../../engine/child/memory-budget.ts";
import type { ModelStore } from "../model-store.ts";
import { entriesIn } from "../place-at.ts";

/**
 * The catalog as it stands for this machine and its installed models.
 *
 * @param drawing what draws, and what was found of it: a processor, where nothing does yet
 */
export async function offerModels(
  catalog: Catalog,
  store: ModelStore,
  drawing: Pick<Status, "device" | "devices"> = { device: "cpu", devices: [] },
): Promise<CatalogAnswer> {
  const device = deviceReportSchema.shape.device.catch("cpu").parse(drawing.device);
  const report = drawing.devices.find((each) => each.device === device);
  const machine = { device, memory: report?.budgetBytes ?? memoryBudget(device), systemMemory: totalmem() };
  const installed = await installedEntries(store);
  return { machine, models: catalog.models.map((entry) => offer(entry, { catalog, machine, installed })) };
}

interface Surroundings {
  readonly catalog: Catalog;
  readonly machine: Machine;
  readonly installed: ReadonlySet<string>;
}

function offer(
  { revision: _revision, files, writes: _writes, bytes, ...model }: CatalogEntry,
  around: Surroundings,
): OfferedModel {
  const { catalog, machine, installed } = around;
  const needs = precisions.flatMap((precision) => {
    const need = memoryNeed(model, precision);
    return need === undefined ? [] : [[precision, Math.round(need.whole)] as const];
  });
  const verdict = verdictOn(model, machine);
  return {
    ...model,
    bytes: bytes ?? downloadBytes(model.parts, files),
    isInstalled: installed.has(model.id),
    recommendedFor: catalogTasks.filter((task) => recommendedFor(catalog, task, memoryToFill(machine)) === model.id),
    needs: Object.fromEntries(needs),
    ...(verdict && { verdict }),
  };
}

/** A processor has room for large models and no time for them: it is recommended what small cards are. */
const PROCESSOR_FILLS = 4 * 1024 ** 3;

function memoryToFill({ device, memory }: Machine): number {
  return device === "cpu" ? Math.min(memory, PROCESSOR_FILLS) : memory;
}

/** Publishers store weights in 16 bits, but for autoencoders now and then. */
const STORED_BYTES = 2;

/** As far as the catalog says; else by the weights' number. */
function downloadBytes(parts: CatalogEntry["parts"], files: CatalogEntry["files"]): number {
  const known = files.map(({ size }) => size);
  if (known.every((size) => size !== undefined)) return known.reduce((sum, size) => sum + size, 0);
  return parts.reduce((sum, { parameters }) => sum + parameters * STORED_BYTES, 0);
}

/** Ids of the catalog's models that are installed, and that nobody removed by hand since. */
async function installedEntries({ records, models }: ModelStore): Promise<ReadonlySet<string>> {
  const sources = await Promise.all((await entriesIn(models)).map(async ({ id }) => (await records.find(id))?.source));
  return new Set(sources.flatMap((source) => (source?.type === "hub" && source.entry ? [source.entry] : [])));
}
