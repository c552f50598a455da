import { type Machine, memoryNeed, verdictOn } from "../planning/memory/memory-need.ts";
import { type CatalogAnswer, catalogTasks, type OfferedModel } from "../protocol/models/model-catalog.ts";
import { precisions } from "../protocol/models/precision.ts";
import { type Catalog, type CatalogEntry, recommendedFor } from "./catalog.ts";

export interface OfferOptions {
  readonly machine: Machine;
  /** Ids of the catalog's models that are there. */
  readonly installed: ReadonlySet<string>;
}

/** The catalog as it stands for a machine and what is installed there. */
export function offerModels(catalog: Catalog, { machine, installed }: OfferOptions): CatalogAnswer {
  return { machine, models: catalog.models.map((entry) => offer(entry, { catalog, machine, installed })) };
}

interface Surroundings extends OfferOptions {
  readonly catalog: Catalog;
}

function offer(
  { revision: _revision, files, writes: _writes, bytes, ...model }: CatalogEntry,
  around: Surroundings,
): OfferedModel {
  const { catalog, machine, installed } = around;
  const needs = (machine.precisions ?? precisions).flatMap((precision) => {
    const need = memoryNeed(model, precision);
    return need === undefined ? [] : [[precision, Math.round(need.whole)] as const];
  });
  const toFetch = bytes ?? downloadBytes(model.parts, files);
  const isTooMuch = machine.storage !== undefined && toFetch > machine.storage && !installed.has(model.id);
  const verdict = isTooMuch ? "too-large" : verdictOn(model, machine);
  return {
    ...model,
    bytes: toFetch,
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
