import type { CatalogModel, CatalogPart, Verdict } from "../../protocol/models/model-catalog.ts";
import { type Precision, precisions } from "../../protocol/models/precision.ts";
import { computedIn, heldTogether, PROGRAM_BYTES, runBytes, turnsOf } from "./model-memory.ts";

function weightBytes({ name, parameters, rounded }: CatalogPart, precision: Precision): number {
  const computed = computedIn(name, precision);
  if (computed === "fp32") return 4 * parameters;
  return computed === "fp16" ? 2 * parameters : (rounded?.[computed] ?? 2 * parameters);
}

/** What a model takes for a picture, in bytes, with guidance apart and the autoencoder in tiles where that is less. */
export interface MemoryNeed {
  /** With everything loaded at once. */
  readonly whole: number;
  /** With networks in turn. */
  readonly least: number;
}

/** Undefined where nothing is known of its weights. `side`: of a square picture, in pixels; default: its own. */
export function memoryNeed(
  { parts, memory, size }: Pick<CatalogModel, "parts" | "memory" | "size">,
  precision: Precision,
  side = size,
): MemoryNeed | undefined {
  if (parts.length === 0) return undefined;
  const weights = new Map(parts.map((part) => [part.name, weightBytes(part, precision)]));
  const isKnown = memory !== undefined && side !== undefined;
  const denoisedCells = isKnown ? (side / memory.cell) ** 2 : 0;
  const tile = isKnown ? (memory.codedSide ?? side / memory.cell) ** 2 : 0;
  const demand = { denoisedCells, codedCells: Math.min(denoisedCells, tile), rows: 1 };
  const costs = memory ?? NOTHING;
  return {
    whole: heldTogether(weights) + runBytes(costs, demand) + PROGRAM_BYTES,
    least: runBytes(costs, demand, turnsOf(weights)) + PROGRAM_BYTES,
  };
}

const FREE = { perCell: 0, perCellPair: 0 };
/** Of models whose runs nobody has measured. */
const NOTHING = { denoiser: FREE, autoencoder: FREE };

/** A machine, as far as it decides whether a model runs. */
export interface Machine {
  /** "cpu", or a graphics device. */
  readonly device: string;
  /** Bytes that a run may take on the device. */
  readonly memory: number;
  /** Of the machine itself. */
  readonly systemMemory: number;
  /** What it computes in. Default: everything. */
  readonly precisions?: readonly Precision[];
  /** Bytes that may still be kept, where that is less than the disk has. */
  readonly storage?: number;
}

/** From so many parameters on a processor takes seconds for each step. */
const SLOW_ON_PROCESSOR = 200e6;

/** Whether a model runs, and whether at its pace. Undefined where nothing is known of its weights. */
export function verdictOn(
  model: Pick<CatalogModel, "parts" | "memory" | "size">,
  machine: Machine,
): Verdict | undefined {
  const isProcessor = machine.device === "cpu";
  const known = machine.precisions ?? precisions;
  const usual = memoryNeed(model, isProcessor || !known.includes("fp16") ? "fp32" : "fp16");
  if (usual === undefined) return undefined;
  const isHeavy = model.parts.some(({ parameters }) => parameters > SLOW_ON_PROCESSOR);
  if (usual.whole <= machine.memory && !(isProcessor && isHeavy)) return "runs";
  // In turns, rounded, or on the processor in place of the card.
  const smallest = Math.min(...known.map((precision) => memoryNeed(model, precision)?.least ?? Infinity));
  return smallest <= Math.max(machine.memory, machine.systemMemory) ? "runs-slowly" : "too-large";
}
