import type { MemoryCost } from "../protocol/models/memory-facts.ts";
import type { CatalogModel, CatalogPart, Verdict } from "../protocol/models/model-catalog.ts";
import { type Precision, precisions } from "../protocol/models/precision.ts";

/** Autoencoders overflow in half precision and are never rounded: they stay in single. */
const AUTOENCODER = /^vae/;

function weightBytes({ name, parameters, rounded }: CatalogPart, precision: Precision): number {
  if (precision === "fp32" || AUTOENCODER.test(name)) return 4 * parameters;
  return precision === "fp16" ? 2 * parameters : (rounded?.[precision] ?? 2 * parameters);
}

/** What runtime, pictures and program take beside a model: README's limit. */
const OVERHEAD = 0.5 * 1024 ** 3;
/** With guidance a denoiser looks at a prompt and at what should not be there: together at best, one after the other if need be. */
const ROWS = { together: 2, apart: 1 };

/** What a model takes for a picture, in bytes. */
export interface MemoryNeed {
  /** With everything loaded at once. */
  readonly whole: number;
  /** With networks in turn, guidance apart and the autoencoder in tiles. */
  readonly least: number;
}

/** Undefined where nothing is known of its weights. `side`: of a square picture, in pixels; default: its own. */
export function memoryNeed(
  { parts, memory, size }: Pick<CatalogModel, "parts" | "memory" | "size">,
  precision: Precision,
  side = size,
): MemoryNeed | undefined {
  if (parts.length === 0) return undefined;
  const weights = parts.map((part) => ({ name: part.name, bytes: weightBytes(part, precision) }));
  const sum = weights.reduce((total, { bytes }) => total + bytes, 0);
  const largest = (kind: (name: string) => boolean) =>
    Math.max(0, ...weights.filter(({ name }) => kind(name)).map(({ bytes }) => bytes));
  if (memory === undefined || side === undefined)
    return { whole: sum + OVERHEAD, least: largest(() => true) + OVERHEAD };
  const cells = (side / memory.cell) ** 2;
  const tile = Math.min(cells, (memory.codedSide ?? side / memory.cell) ** 2);
  const denoising = (rows: number) => rows * costOf(memory.denoiser, cells);
  const least = Math.max(
    largest((name) => !AUTOENCODER.test(name)) + denoising(ROWS.apart),
    largest((name) => AUTOENCODER.test(name)) + costOf(memory.autoencoder, tile),
  );
  const whole = sum + Math.max(denoising(ROWS.together), costOf(memory.autoencoder, cells));
  return { whole: whole + OVERHEAD, least: least + OVERHEAD };
}

function costOf({ perCell, perCellPair }: MemoryCost, cells: number): number {
  return perCell * cells + perCellPair * cells * cells;
}

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
